import { setTimeout as delay } from 'node:timers/promises';
import type { ServerExit } from '@fengcun/local';
import type { Logger } from '@fengcun/runtime';

/** A process that is up and ready. */
export interface Running {
  readonly pid: number;
  readonly exited: Promise<ServerExit>;
  stop(): Promise<void>;
}

export interface Kept {
  /** The process of this moment. */
  readonly pid: number;
  /** Ends the process for good. */
  stop(): Promise<void>;
}

export interface KeepOptions {
  readonly name: string;
  /** Starts the process; resolves once it is ready. */
  readonly start: () => Promise<Running>;
  readonly logger: Logger;
  /** Milliseconds to wait before the n-th attempt in a row to bring it back (from 1). */
  readonly backOff?: (attempt: number) => number;
}

/** Half a second at first, then twice as long each time, up to half a minute. */
const doubling = (attempt: number): number => Math.min(500 * 2 ** (attempt - 1), 30_000);

/** A process that lived this long had no trouble starting: the next wait is a short one again. */
const steadyMs = 60_000;

/** Starts a process and brings it back whenever it ends by itself. The first start must succeed; its error is the caller's. */
export async function keepRunning({ name, start, logger, backOff = doubling }: KeepOptions): Promise<Kept> {
  const stopping = new AbortController();
  let running: Running = await start();
  logger.info({ part: name, process: running.pid }, 'running');

  async function bringBack(): Promise<Running | undefined> {
    const since = performance.now();
    const exit = await running.exited;
    if (stopping.signal.aborted) return undefined;
    logger.error({ part: name, process: running.pid, exitCode: exit.code, signal: exit.signal }, 'ended unexpectedly');
    attempts = performance.now() - since > steadyMs ? 1 : attempts + 1;
    while (!stopping.signal.aborted) {
      const waitMs = backOff(attempts);
      logger.warn({ part: name, attempt: attempts, waitMs }, 'restarting');
      await delay(waitMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return undefined;
      try {
        const next = await start();
        logger.info({ part: name, process: next.pid }, 'running again');
        return next;
      } catch (error) {
        logger.error({ part: name, err: error }, 'could not be restarted');
        attempts += 1;
      }
    }
    return undefined;
  }

  let attempts = 0;
  const loop = (async () => {
    for (let next = await bringBack(); next !== undefined; next = await bringBack()) {
      running = next;
      // Asked to stop while it was starting.
      if (stopping.signal.aborted) await running.stop();
    }
  })();

  return {
    get pid() {
      return running.pid;
    },
    async stop() {
      stopping.abort();
      await running.stop();
      await loop;
      logger.info({ part: name }, 'stopped');
    },
  };
}
