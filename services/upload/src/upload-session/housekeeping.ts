import { type ExpiryOptions, expireUploads } from './expire-uploads.ts';
import { sweepOrphans } from './sweep-orphans.ts';

const minute = 60_000;

/** Keeps ended uploads and transfers that nobody knows from filling the vault; `stop` waits for what is under way. */
export function startHousekeeping(options: ExpiryOptions): { stop(): Promise<void> } {
  const chores = [
    repeat(() => expireUploads(options), minute, options, 'expiring uploads'),
    repeat(() => sweepOrphans(options), 60 * minute, options, 'sweeping orphaned transfers'),
  ];
  return {
    async stop() {
      await Promise.all(chores.map((chore) => chore.stop()));
    },
  };
}

/** Rounds never overlap; one that fails is logged, and the next tries again. */
function repeat(
  work: () => Promise<unknown>,
  everyMs: number,
  { log }: Pick<ExpiryOptions, 'log'>,
  what: string,
): { stop(): Promise<void> } {
  let round: Promise<unknown> | null = null;
  const timer = setInterval(() => {
    round ??= work()
      .catch((error: unknown) => log.warn({ err: error }, `${what} failed; it is tried again`))
      .finally(() => {
        round = null;
      });
  }, everyMs);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await round;
    },
  };
}
