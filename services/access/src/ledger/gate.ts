import { type LogStanding, logStanding } from '@fengcun/catalog';
import { recordDenial } from '@fengcun/identity';
import type { FastifyRequest } from 'fastify';
import type { Access } from '../access.ts';
import { problem } from '../errors.ts';

/**
 * No ledger, no byte. Whatever shows or hands out footage passes here first: the log must take events, and it must publish what it was given
 * (an event that lies in the database alone is on record with nobody but us). A look at the database serves all requests of about a second.
 */
export class LedgerGate {
  readonly #access: Pick<Access, 'catalog' | 'clock' | 'config'>;
  #asked: { readonly at: number; readonly standing: Promise<LogStanding> } | null = null;

  constructor(access: Pick<Access, 'catalog' | 'clock' | 'config'>) {
    this.#access = access;
  }

  /** Throws `not_recorded` when the log takes no events, `log_behind`, on record, when it has published nothing for too long. */
  async pass(request: FastifyRequest): Promise<void> {
    const { clock, config } = this.#access;
    const standing = await this.#standing().catch((cause: unknown) => {
      throw problem('not_recorded', { cause });
    });
    if (!standing.takesEvents) throw problem('not_recorded');
    const { oldestUnpublished: oldest } = standing;
    if (oldest === null || clock.now().getTime() - oldest.getTime() <= config.logFreshnessMs) return;
    await recordDenial(request, { code: 'log_behind' });
    throw problem('log_behind', { headers: { 'retry-after': '5' }, extensions: { since: oldest.toISOString() } });
  }

  #standing(): Promise<LogStanding> {
    const now = performance.now();
    const { catalog, config } = this.#access;
    if (this.#asked && now - this.#asked.at < config.logCheckMs) return this.#asked.standing;
    const standing = logStanding(catalog);
    this.#asked = { at: now, standing };
    // That it takes nothing is not remembered: the next request asks again.
    const forget = () => {
      if (this.#asked?.standing === standing) this.#asked = null;
    };
    standing.then(({ takesEvents }) => takesEvents || forget(), forget);
    return standing;
  }
}
