import { access, constants } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import type { MediaLimits } from './limits.ts';

/** `waited-for`: somebody is about to watch, and the work is short. `background`: sealing and everything else goes first. */
export type Priority = 'waited-for' | 'background';

/** Puts a program under the kernel's limits before it starts. */
export interface Launcher {
  wrap(
    program: string,
    args: readonly string[],
    priority: Priority,
  ): { readonly file: string; readonly args: string[] };
}

/**
 * Each step `exec`s the next, so that the program keeps the pid that was spawned. `ulimit` is the shell's own (POSIX), so the limits
 * hold wherever there is a shell; `setpriv` (util-linux) adds that the kernel kills the program when this process dies, even by SIGKILL.
 */
export async function createLauncher(limits: MediaLimits): Promise<Launcher> {
  const setpriv = process.platform === 'linux' ? await findOnPath('setpriv') : null;
  const cpu = Math.ceil(limits.cpuSeconds);
  const memory = Math.floor(limits.memoryBytes / 1024);
  const bounds = `ulimit -c 0; ulimit -t ${cpu}; ulimit -v ${memory} 2>/dev/null`;
  const starts: Record<Priority, string> = { 'waited-for': 'exec', background: `exec nice -n ${limits.niceness}` };
  return {
    wrap(program, args, priority) {
      const shell = ['-c', `${bounds}; ${starts[priority]} "$@"`, 'media', program, ...args];
      return setpriv
        ? { file: setpriv, args: ['--pdeathsig', 'KILL', '--', '/bin/sh', ...shell] }
        : { file: '/bin/sh', args: shell };
    },
  };
}

/** The absolute path of an executable, or null. A name with a slash is taken as it is. */
export async function findOnPath(name: string): Promise<string | null> {
  const candidates = name.includes('/')
    ? [isAbsolute(name) ? name : join(process.cwd(), name)]
    : (process.env.PATH ?? '')
        .split(delimiter)
        .filter(Boolean)
        .map((directory) => join(directory, name));
  for (const candidate of candidates) {
    try {
      await access(candidate, constants.X_OK);
      return candidate;
    } catch {
      // Not here; the next directory may have it.
    }
  }
  return null;
}
