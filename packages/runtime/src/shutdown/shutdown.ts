import type { Logger } from '../logging/logger.ts';

/**
 * Runs `close` once on SIGTERM or SIGINT and exits: 0 when it finished, 1 when it failed or took longer than `deadlineMs`. A second
 * signal exits at once.
 */
export function closeOnSignal(close: () => Promise<void>, options: { logger: Logger; deadlineMs?: number }): void {
  const { logger, deadlineMs = 20_000 } = options;
  let closing = false;
  const onSignal = (signal: NodeJS.Signals) => {
    if (closing) process.exit(1);
    closing = true;
    logger.info({ signal }, 'closing');
    setTimeout(() => {
      logger.error({ deadlineMs }, 'closing took too long');
      process.exit(1);
    }, deadlineMs).unref();
    close().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'closing failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}
