import type { FileHandle } from 'node:fs/promises';
import { type FileSystem, localFileSystem } from '../disk/filesystem.ts';

export interface CrashPlan {
  readonly fileSystem: FileSystem;
  /** every call since `arm`, as `name path`, in the order they began; calls on a file carry the file's path */
  readonly calls: readonly string[];
  /** Forgets the calls so far. The process "dies" before call number `at` (0 = the next): it and all later ones fail. */
  arm(at: number): void;
  /** The next call that `matches` fails with this errno, and only that one. */
  failOnce(errno: string, matches: (call: string) => boolean): void;
}

/**
 * The local file system, which stops as if the process had died between any two calls, or fails one call with an errno.
 * Closing always works: a dead process's files are closed too.
 */
export function crashingFileSystem(): CrashPlan {
  let calls: string[] = [];
  let deathAt = Number.POSITIVE_INFINITY;
  let fault: { readonly errno: string; readonly matches: (call: string) => boolean } | null = null;

  const step = (call: string): void => {
    if (calls.length >= deathAt) throw errnoError('EINJECTED', `process died before ${call}`);
    calls.push(call);
    if (fault?.matches(call)) {
      const { errno } = fault;
      fault = null;
      throw errnoError(errno, call);
    }
  };

  const wrapHandle = (handle: FileHandle, path: string): FileHandle =>
    new Proxy(handle, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        if (name === 'close') return member.bind(target);
        return async (...args: unknown[]) => {
          step(`${String(name)} ${path}`);
          return await member.apply(target, args);
        };
      },
    });

  const fileSystem = new Proxy(localFileSystem, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]) => {
        const paths = args.filter((arg) => typeof arg === 'string' && arg.includes('/')).join(' ');
        step(`${String(name)} ${paths}`);
        const result: unknown = await member.apply(target, args);
        return name === 'open' ? wrapHandle(result as FileHandle, String(args[0])) : result;
      };
    },
  });

  return {
    fileSystem,
    get calls() {
      return calls;
    },
    arm(at) {
      calls = [];
      deathAt = at;
    },
    failOnce(errno, matches) {
      fault = { errno, matches };
    },
  };
}

function errnoError(code: string, message: string): Error {
  return Object.assign(new Error(`${code}: ${message}`), { code });
}
