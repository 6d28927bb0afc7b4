import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Runs ffmpeg from PATH with trusted arguments that only the makers of test media write; throws with its last words. */
export async function runFfmpeg(args: readonly string[]): Promise<void> {
  await execute('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-nostdin', '-y', ...args], {
    maxBuffer: 8 * 1024 * 1024,
  });
}
