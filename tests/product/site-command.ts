import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const entry = fileURLToPath(new URL('../../services/site/src/main.ts', import.meta.url));

export interface Outcome {
  readonly exitCode: number | null;
  readonly output: string;
}

/** Runs `fengcun-site` to its end, through the entry that a user's start and stop go through. */
export function runSite(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  const child = spawn(process.execPath, [entry, ...args], {
    // Many test files stand behind one person and one address, and ask until something has happened.
    env: { ...usersEnvironment(), ...unhurried, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve) => {
    child.once('close', (exitCode) => resolve({ exitCode, output: Buffer.concat(chunks).toString() }));
  });
}

const unhurried = { FENGCUN_RATE_GENERAL: '100000', FENGCUN_RATE_SEARCH: '100000', FENGCUN_RATE_SIGN_IN: '10000' };

/** The environment without what a test runner adds to it: the product must not know that it is tested. */
export function usersEnvironment(): NodeJS.ProcessEnv {
  const runners = /^(VITEST|NODE_ENV$|NODE_OPTIONS$|TEST$|DEV$|PROD$|MODE$|SSR$|BASE_URL$|TINYPOOL)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !runners.test(name)));
}
