import { type Executor, newId } from '@fengcun/catalog';
import { type Api, api, type Role, type RouteContract, roles, type TokenScope, tokenScopes } from '@fengcun/contracts';
import {
  makePerson,
  makeSession,
  makeToken,
  makeUnit,
  type TestPerson,
  type TestUnit,
} from '@fengcun/identity/testing';
import type { RouteOptions } from 'fastify';
import { type Harness, startHarness } from '../testing/harness.ts';
import { makeEvidence, type TestEvidence } from '../testing/make-evidence.ts';
import { expectations } from './expectations.ts';

const letters: Readonly<Record<Role, string>> = {
  officer: 'o',
  supervisor: 's',
  legal: 'l',
  bureau_head: 'b',
  archivist: 'a',
  auditor: 'u',
  system_admin: 'y',
  security_admin: 'x',
};

/** A route of this service and what is expected of it. */
export interface Route {
  readonly name: keyof Api;
  readonly contract: RouteContract;
  readonly open: boolean;
  readonly roles: readonly Role[];
  readonly scope: TokenScope | 'session';
  readonly pending: boolean;
}

/** The routes that the service has, as its server was told of them, with their expectations. */
export function routesOf(registered: readonly RouteOptions[]): readonly Route[] {
  const own = new Set(registered.map(({ method, url }) => `${String(method)} ${url}`));
  return (Object.entries(api) as [keyof Api, RouteContract][])
    .filter(([, { method, path }]) => own.has(`${method} ${path}`))
    .map(([name, contract]) => ({ name, contract, ...expected(name) }));
}

function expected(name: keyof Api): Omit<Route, 'name' | 'contract'> {
  const text: string | undefined = expectations[name];
  if (text === undefined) throw new Error(`${name} has no expectation: say in expectations.ts who may enter it`);
  if (text === 'public' || text === 'dock')
    return { open: text === 'public', roles: [], scope: 'session', pending: false };
  const [who = '', scope = '', pending] = text.replace('dock ', '').split(' ');
  return {
    open: false,
    roles: roles.filter((role) => who === 'anyone' || who.includes(letters[role])),
    scope: scope as TokenScope | 'session',
    pending: pending === 'pending',
  };
}

export const noSuchId = '00000000-0000-7000-8000-000000000000';

/** An address of a route, with these parameters where it has them and something that fits where it does not say. */
export function addressOf({ contract }: Route, params: Readonly<Record<string, string>>): string {
  const fitting: Readonly<Record<string, string>> = {
    id: noSuchId,
    kind: 'proxy',
    picture: 'poster',
    segment: '0',
    session: noSuchId,
    unit: noSuchId,
    role: 'officer',
    version: '1',
    ...params,
  };
  return contract.path.replace(/:(\w+)/g, (_, key: string) => encodeURIComponent(fitting[key] ?? noSuchId));
}

export interface Fixture {
  readonly harness: Harness;
  readonly routes: readonly Route[];
  readonly own: TestUnit;
  readonly foreign: TestUnit;
  /** one person for each role, of `own` */
  readonly people: Readonly<Record<Role, TestPerson>>;
  readonly ownItem: TestEvidence;
  readonly foreignItem: TestEvidence;
}

/** Two units that know nothing of each other, a person for each role in one of them, a recording in each. */
export async function makeFixture(): Promise<Fixture> {
  const rates = { general: 1e7, search: 1e7, sign_in: 1e7 };
  const registered: RouteOptions[] = [];
  const harness = await startHarness({ config: { rates }, onRoute: (route) => void registered.push(route) });
  const [own, foreign] = [await makeUnit(harness.owner), await makeUnit(harness.owner)];
  const people = Object.fromEntries(
    await Promise.all(roles.map(async (role) => [role, await makePerson(harness.owner, role, { unit: own })] as const)),
  ) as Record<Role, TestPerson>;
  return {
    harness,
    routes: routesOf(registered),
    own,
    foreign,
    people,
    ownItem: await makeEvidence(harness, { unit: own }),
    foreignItem: await makeEvidence(harness, { unit: foreign }),
  };
}

export type GrantState = 'none' | 'live' | 'expired' | 'revoked' | 'not_yet' | 'used_up';

/** A grant to play an item of `foreign`, in one of the states in which it can be, as the approval of a request leaves it behind. */
export async function makeGrant(
  { harness, foreign }: Fixture,
  grant: { readonly to: TestPerson; readonly item: string; readonly state: GrantState; readonly by: TestPerson },
): Promise<void> {
  const { state } = grant;
  if (state === 'none') return;
  const now = harness.clock.now();
  const at = (hours: number) => new Date(now.getTime() + hours * 3_600_000);
  const [from, until] = state === 'expired' ? [at(-2), at(-1)] : state === 'not_yet' ? [at(1), at(2)] : [at(-1), at(1)];
  const [request, id] = [newId(), newId()];
  await harness.owner.transaction().execute(async (tx: Executor) => {
    await tx
      .insertInto('access_request')
      .values({
        id: request,
        kind: 'ordinary',
        state: 'approved',
        account_id: grant.to.id,
        account_unit_id: grant.to.unit.id,
        unit_id: foreign.id,
        purpose: 'case_handling',
        basis: 'x',
        operations: ['play'],
        window_from: from,
        window_until: until,
        uses: 1,
        created_at: now,
        submitted_at: now,
        decided_at: now,
      } as never)
      .execute();
    await tx
      .insertInto('access_grant')
      .values({
        id,
        request_id: request,
        account_id: grant.to.id,
        operations: ['play'],
        valid_from: from,
        valid_until: until,
        urgent: false,
        event_id: 1,
        created_at: now,
        ...(state === 'revoked' ? { revoked_at: now, revoked_by: grant.by.id, revoke_reason: 'x' } : {}),
      } as never)
      .execute();
    await tx
      .insertInto('access_grant_item')
      .values({ grant_id: id, evidence_id: grant.item, uses_left: state === 'used_up' ? 0 : null } as never)
      .execute();
  });
}

/** Tokens of somebody, each with every scope but one, and one with all. */
export async function makeTokens({ harness }: Fixture, person: TestPerson) {
  const now = harness.clock.now();
  const without = new Map<TokenScope, Record<string, string>>();
  for (const scope of tokenScopes) {
    const { headers } = await makeToken(
      harness.owner,
      person.id,
      tokenScopes.filter((each) => each !== scope),
      now,
    );
    without.set(scope, headers);
  }
  const all = await makeToken(harness.owner, person.id, tokenScopes, now);
  return { without, all: all.headers as Record<string, string> };
}

/** A further session of somebody, and what has become of it. */
export async function makeEndedSession({ harness }: Fixture, person: TestPerson, end: 'expired' | 'revoked') {
  const now = harness.clock.now();
  const opened = await makeSession(
    harness.owner,
    person.id,
    end === 'expired' ? new Date(now.getTime() - 13 * 3_600_000) : now,
  );
  if (end === 'revoked') {
    await harness.owner.updateTable('session').set({ closed_at: now }).where('id', '=', opened.session).execute();
  }
  return opened.headers;
}
