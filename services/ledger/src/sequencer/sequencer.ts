import { setTimeout as sleep } from 'node:timers/promises';
import { type Database, raiseAlarm } from '@fengcun/catalog';
import { findingOf } from '@fengcun/contracts';
import type { Clock, Logger } from '@fengcun/runtime';
import type { NoteSigner } from '@fengcun/tlog';
import { sql } from 'kysely';
import { LedgerError } from '../errors.ts';
import { integrateBatch } from './integrate-batch.ts';
import type { SigningMemory } from './signing-memory.ts';

export interface SequencerOptions {
  readonly catalog: Database;
  readonly signer: NoteSigner;
  readonly memory: SigningMemory;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error' | 'fatal'>;
  /** ms between looks for new events; an event is published within about this time */
  readonly intervalMs: number;
  readonly batch: number;
  readonly onBatch?: (placed: number) => void;
}

export type SequencerState = 'standby' | 'active' | 'halted';

export interface Sequencer {
  readonly state: SequencerState;
  close(): Promise<void>;
}

const standbyMs = 1000;

/**
 * Runs the one sequencer: waits for the advisory lock, then places and publishes batches on the connection that holds it. A lost
 * connection means back to standby; a history that does not fit halts it for good, with an alarm, because signing on would
 * make two histories.
 */
export function startSequencer(options: SequencerOptions): Sequencer {
  const { catalog, logger } = options;
  const stop = new AbortController();
  let state: SequencerState = 'standby';

  const lead = async (connection: Database) => {
    while (!stop.signal.aborted && state === 'active') {
      const placed = await integrateBatch({ ...options, connection });
      options.onBatch?.(placed);
      // A full batch means more is waiting.
      if (placed < options.batch) await pause(options.intervalMs);
    }
  };
  const pause = (ms: number) => sleep(ms, undefined, { signal: stop.signal }).catch(() => undefined);

  const run = async () => {
    while (!stop.signal.aborted && state !== 'halted') {
      try {
        await catalog.connection().execute(async (connection) => {
          if (!(await takeLock(connection))) return;
          state = 'active';
          logger.info('sequencing');
          await lead(connection).finally(() => releaseLock(connection));
        });
      } catch (error) {
        await onFailure(error);
      }
      if (state === 'active') state = 'standby';
      if (state === 'standby') await pause(standbyMs);
    }
  };

  const onFailure = async (error: unknown) => {
    if (!(error instanceof LedgerError)) {
      if (!stop.signal.aborted) logger.warn({ err: error }, 'sequencing interrupted');
      return;
    }
    state = 'halted';
    logger.fatal({ err: error }, 'sequencing halted');
    const findings = [findingOf('ledger', error)];
    const alarm = { kind: 'ledger', unit: null, subject: null, findings, by: 'ledger' } as const;
    await catalog
      .transaction()
      .execute((trx) => raiseAlarm(trx, alarm, options.clock))
      .catch((cause: unknown) => logger.error({ err: cause }, 'the alarm could not be raised'));
  };

  const running = run();
  return {
    get state() {
      return state;
    },
    async close() {
      stop.abort();
      await running;
    },
  };
}

const lockKey = sql`hashtext('fengcun.sequencer')`;

async function takeLock(connection: Database): Promise<boolean> {
  const { rows } = await sql<{ taken: boolean }>`select pg_try_advisory_lock(${lockKey}) as taken`.execute(connection);
  return rows[0]?.taken === true;
}

/** Pooled connections outlive their borrowers, and with them the lock. A broken one has lost it already. */
async function releaseLock(connection: Database): Promise<void> {
  await sql`select pg_advisory_unlock(${lockKey})`.execute(connection).catch(() => undefined);
}
