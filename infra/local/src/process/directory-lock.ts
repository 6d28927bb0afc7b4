import { spawn } from 'node:child_process';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalError } from '../errors.ts';

export interface DirectoryLock {
  /** Gives the directory back. The kernel does the same when the process ends, however it ends. */
  release(): Promise<void>;
}

/**
 * Takes the exclusive right to run a server on `directory`, through `flock(2)` on the file `lock` in it.
 *
 * A kernel lock, not a pid file: it cannot be stale, it holds across containers that share the directory, and two owners in one
 * process exclude each other as well. Node has no flock, so `flock(1)` locks a descriptor it inherits from us; the lock belongs to the
 * open file and stays with us when that helper ends. Node opens files close-on-exec, so the servers we start do not keep it alive.
 *
 * @throws LocalError `already_running` (naming the holder's pid, if it wrote one), `program_missing`
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const file = await open(join(directory, 'lock'), 'a+', 0o600);
  try {
    const code = await flock(file);
    if (code !== 0) {
      const holder = (await file.readFile('utf8')).trim();
      throw new LocalError(
        'already_running',
        `${directory} is in use by ${holder === '' ? 'another process' : `process ${holder}`}. Stop that one first, or use another directory.`,
      );
    }
    await file.truncate(0);
    await file.write(`${process.pid}\n`);
  } catch (error) {
    await file.close();
    throw error;
  }
  return {
    async release() {
      await file.close();
    },
  };
}

function flock(file: FileHandle): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn('flock', ['--exclusive', '--nonblock', '3'], {
      stdio: ['ignore', 'ignore', 'ignore', file.fd],
    });
    child.once('error', (cause) =>
      reject(
        new LocalError('program_missing', 'The program flock is not installed. Install the package util-linux.', {
          cause,
        }),
      ),
    );
    child.once('exit', resolve);
  });
}
