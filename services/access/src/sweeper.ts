import { abortSilentVerifications, closeSession, listOverdueSessions, refreshSearch } from '@fengcun/catalog';
import type { FastifyBaseLogger } from 'fastify';
import { type Access, systemActor } from './access.ts';
import { sweepRequests } from './access-request/sweep.ts';
import { IssuedCopies } from './issued-copy/copies.ts';
import type { Plays } from './play/plays.ts';

const everyMs = 15_000;
/** The longest idle limit of any role: who has not been seen for this long is signed out whoever they are. */
const longestIdleMs = 8 * 60 * 60_000;
/** A running verification notes progress every few seconds; after this its process is taken for dead. */
const silentAfterMs = 60_000;
const atOnce = 200;

export interface Sweeper {
  /** One round, for tests and the timer. */
  sweep(): Promise<void>;
  /** Ends the timer and waits for a round under way. */
  close(): Promise<void>;
}

/**
 * Ends on record what nobody ends: plays whose viewer vanished or whose grant is over, copies of revoked grants, sessions left open, verifications whose process died. Any number of
 * processes may sweep; each end happens once.
 */
export function startSweeper(access: Access, plays: Plays, log: FastifyBaseLogger): Sweeper {
  const { catalog, clock } = access;
  let round: Promise<void> | null = null;

  const run = async (): Promise<void> => {
    const now = clock.now();
    const before = (ms: number) => new Date(now.getTime() - ms);
    for (const { id } of await listOverdueSessions(catalog, { now, unusedSince: before(longestIdleMs) }, atOnce)) {
      await catalog
        .transaction()
        .execute((tx) => closeSession(tx, { session: id, actor: systemActor, cause: 'expired' }, clock));
    }
    await plays.endOver();
    await new IssuedCopies(access).endRevoked(systemActor);
    await sweepRequests(access, log);
    while ((await refreshSearch(catalog)) > 0) {
      // Batch by batch, so that a renaming of thousands of items holds nobody up.
    }
    await abortSilentVerifications(catalog, before(silentAfterMs), now);
  };
  const sweep = (): Promise<void> => {
    round ??= run().finally(() => {
      round = null;
    });
    return round;
  };
  const timer = setInterval(() => {
    sweep().catch((error: unknown) => log.error({ err: error }, 'sweeping failed'));
  }, everyMs);
  timer.unref();
  return {
    sweep,
    async close() {
      clearInterval(timer);
      await round?.catch(() => undefined);
    },
  };
}
