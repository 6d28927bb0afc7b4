import type { Logger } from '@fengcun/runtime';
import { closeOnSignal, createLogger } from '@fengcun/runtime';

/** Environment variable with a program's settings. Read by the same user only, as the key files are. */
export const settingsVariable = 'FENGCUN_SITE_SETTINGS';

export type ChildMessage = { readonly kind: 'ready' } | { readonly kind: 'alive' };

const aliveEveryMs = 10_000;

/**
 * Runs one program of the site: starts it with its settings, tells the supervisor when it is ready and that it is alive, and closes it on
 * SIGTERM, or when the supervisor is gone.
 */
export async function runChild<Settings>(
  name: string,
  start: (settings: Settings, logger: Logger) => Promise<{ close(): Promise<void> }>,
): Promise<void> {
  const settings: Settings = JSON.parse(process.env[settingsVariable] ?? 'null');
  delete process.env[settingsVariable];
  if (settings === null || process.send === undefined) {
    process.stderr.write(`${name} is started by fengcun-site, not by hand.\n`);
    process.exit(64);
  }
  const logger = createLogger({ name });
  // Before starting, so that a supervisor that dies meanwhile is noticed.
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  let started: { close(): Promise<void> } | undefined;
  closeOnSignal(async () => started?.close(), { logger });
  try {
    started = await start(settings, logger);
  } catch (error) {
    logger.fatal({ err: error }, 'could not start');
    process.exit(1);
  }
  say({ kind: 'ready' });
  setInterval(() => say({ kind: 'alive' }), aliveEveryMs).unref();
}

function say(message: ChildMessage): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}
