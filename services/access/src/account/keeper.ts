import { type Executor, findAccount, findAccountUnit, lockAccounts, unitsHeldAs, unitsUnder } from '@fengcun/catalog';
import type { Account, ActorDraft } from '@fengcun/contracts';
import { actorOf, type Person, personOf, recordDenial, refusal } from '@fengcun/identity';
import type { Problem } from '@fengcun/runtime';
import type { FastifyRequest } from 'fastify';
import type { Access } from '../access.ts';
import { problem } from '../errors.ts';
import { unitsReached } from './reach.ts';

const keepers = ['security_admin'] as const;
const readers = ['security_admin', 'auditor'] as const;

/** What a security administrator may do to whose account: only within the units they keep, never to their own. */
export class AccountKeeper {
  readonly #access: Access;

  constructor(access: Access) {
    this.#access = access;
  }

  /** An account that the caller may look at. Throws `not_found`, on record where there is one. */
  async readable(request: FastifyRequest, id: string): Promise<Account> {
    const { catalog, clock } = this.#access;
    const units = await unitsReached(catalog, personOf(request), readers);
    const account = await findAccount(catalog, id, units, clock.now());
    if (!account) throw await this.missing(request, id);
    return account;
  }

  /** An account that the caller may change. Throws `not_found`, `own_account`. */
  async changeable(request: FastifyRequest, id: string): Promise<Account> {
    const { catalog, clock } = this.#access;
    const person = personOf(request);
    const units = await unitsReached(catalog, person, keepers);
    const account = await findAccount(catalog, id, units, clock.now());
    if (!account) throw await this.missing(request, id);
    if (account.id === person.account.id) {
      await recordDenial(request, { code: 'own_account', subject: { kind: 'account', id } });
      throw problem('own_account');
    }
    return account;
  }

  /** The problem for an account that is not there for the caller; that they asked for somebody else's is on record. */
  async missing(request: FastifyRequest, id: string): Promise<Problem> {
    const unit = await findAccountUnit(this.#access.catalog, id);
    if (unit !== undefined) await recordDenial(request, { code: 'not_found', subject: { kind: 'account', id } });
    return problem('not_found');
  }

  /** Changes an account in a transaction, and answers how it is then. Throws what `changeable` throws. */
  async change(
    request: FastifyRequest,
    id: string,
    work: (tx: Executor, actor: ActorDraft) => Promise<void>,
  ): Promise<Account> {
    const person = personOf(request);
    await this.changeable(request, id);
    return this.#access.catalog.transaction().execute(async (tx) => {
      await this.requireStanding(tx, person, [id]);
      await work(tx, actorOf(person));
      return this.kept(tx, id);
    });
  }

  /**
   * Locks the caller's account and those to be changed, then makes sure that the caller is still a security administrator: of two who take
   * the role from each other, one comes second and finds it gone.
   */
  async requireStanding(tx: Executor, person: Person, accounts: readonly string[]): Promise<void> {
    await lockAccounts(tx, [person.account.id, ...accounts]);
    if ((await unitsHeldAs(tx, person.account.id, keepers)).length === 0) throw refusal('role_required');
  }

  /** Units must all be the caller's to keep. Throws `unit_unknown`, or what is said. */
  async requireUnits(
    request: FastifyRequest,
    units: readonly string[],
    code: 'unit_unknown' | 'role_not_held' = 'unit_unknown',
  ): Promise<void> {
    const reached = new Set(await unitsReached(this.#access.catalog, personOf(request), keepers));
    const outside = units.find((unit) => !reached.has(unit));
    if (outside === undefined) return;
    await recordDenial(request, { code, subject: { kind: 'unit', id: outside } });
    throw problem(code);
  }

  /** Of these units, those in another's subtree. */
  async within(units: readonly string[], top: string): Promise<readonly string[]> {
    if (!units.includes(top)) return [];
    const below = new Set(await unitsUnder(this.#access.catalog, [top]));
    return units.filter((unit) => below.has(unit));
  }

  /** An account after a change. It may have been moved out of the caller's sight: then as it is, this once. */
  async kept(tx: Executor, id: string): Promise<Account> {
    const unit = await findAccountUnit(tx, id);
    const account = unit === undefined ? undefined : await findAccount(tx, id, [unit], this.#access.clock.now());
    if (!account) throw new Error('An account just changed is not there');
    return account;
  }
}
