import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { SiteLayout } from '../data/layout.ts';

/** Set in the background process: its words travel over the channel, for a terminal this wide. */
export const columnsVariable = 'FENGCUN_SITE_COLUMNS';

/** What the background process tells the one that started it. */
export type StartMessage =
  | { readonly kind: 'said'; readonly text: string; readonly error: boolean }
  | { readonly kind: 'done'; readonly exitCode: number };

/**
 * Starts the site in a process of its own that outlives this one and the terminal, passes on what it says, and answers the exit code once
 * it is ready or has failed.
 */
export async function startDetached(layout: SiteLayout, argv: readonly string[]): Promise<number> {
  mkdirSync(layout.log, { recursive: true, mode: 0o700 });
  // For what escapes the log: a crash of Node itself.
  const output = openSync(join(layout.log, 'site.out'), 'a', 0o600);
  const child = spawn(process.execPath, [process.argv[1] ?? '', ...argv], {
    detached: true,
    env: { ...process.env, [columnsVariable]: String(process.stdout.columns ?? 80) },
    stdio: ['ignore', output, output, 'ipc'],
  });
  closeSync(output);
  // Interrupted while we wait: the start is undone, we see its end.
  const interrupt = () => void child.kill('SIGTERM');
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  const exitCode = await new Promise<number>((resolve) => {
    child.on('message', (message: StartMessage) => {
      if (message.kind === 'done') resolve(message.exitCode);
      else (message.error ? process.stderr : process.stdout).write(message.text);
    });
    child.once('error', () => resolve(1));
    child.once('exit', (code) => resolve(code ?? 1));
  });
  if (child.connected) child.disconnect();
  child.unref();
  return exitCode;
}
