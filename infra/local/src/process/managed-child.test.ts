import { pbkdf2 } from 'node:crypto';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { scratchDirectory } from '../../tests/faults.ts';
import { spawnManaged } from './managed-child.ts';

/** Keeps every thread that reads and writes files busy, so that each such call takes some tenths of a second. */
function busyThreads(): () => void {
  let busy = true;
  const work = () => pbkdf2('', '', 200_000, 32, 'sha256', () => busy && work());
  for (let thread = 0; thread < 8; thread += 1) work();
  return () => {
    busy = false;
  };
}

it('hears of the end of a program that is over before its log is closed', async () => {
  const directory = await scratchDirectory();
  const calmDown = busyThreads();
  try {
    const child = await spawnManaged({
      command: '/bin/sh',
      args: ['-c', 'echo no data; exit 3'],
      cwd: directory,
      env: {},
      logFile: join(directory, 'log'),
      orphanSignal: 'SIGTERM',
    });
    expect(await child.exited).toEqual({ code: 3, signal: null, expected: false });
    expect(await child.logTail()).toBe('no data\n');
    await child.stop([]);
  } finally {
    calmDown();
  }
});
