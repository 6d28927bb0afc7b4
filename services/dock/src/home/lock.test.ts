import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lockHome } from './lock.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fengcun-dock-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe('lockHome', () => {
  test('keeps a second agent off while the first one runs', async () => {
    const other = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)', 'fengcun-dock'], { stdio: 'ignore' });
    await once(other, 'spawn');
    await writeFile(join(directory, 'agent.pid'), `${other.pid}\n`);
    await expect(lockHome(directory)).rejects.toMatchObject({ code: 'already_running' });
    other.kill('SIGKILL');
    await once(other, 'exit');
    await using _lock = await lockHome(directory);
  });

  test('takes over the lock of an agent that was killed, also when its pid is now another program', async () => {
    await writeFile(join(directory, 'agent.pid'), '1\n');
    await using _lock = await lockHome(directory);
  });
});
