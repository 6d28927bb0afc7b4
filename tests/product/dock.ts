import { type ChildProcess, spawn } from 'node:child_process';
import { createPrivateKey, type KeyObject, randomBytes, sign } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Client, createClient } from '@fengcun/contracts';
import { afterAll, afterEach } from 'vitest';
import { kill } from './process-table.ts';
import type { Product } from './product.ts';
import { usersEnvironment } from './site-command.ts';

const program = fileURLToPath(new URL('../../services/dock/bin/fengcun-dock', import.meta.url));

/** What an agent's run said and how it ended. */
export interface AgentRun {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** lines of `--json` */
  readonly lines: readonly AgentLine[];
  readonly stderr: string;
}

export interface AgentLine {
  readonly event: string;
  readonly name?: string;
  readonly stage?: string;
  readonly id?: string;
  readonly done?: number;
  readonly detail?: string;
  readonly sealed?: number;
  readonly quarantined?: number;
  readonly failed?: number;
}

export interface RunningAgent {
  readonly lines: readonly AgentLine[];
  readonly ended: Promise<AgentRun>;
  kill(): void;
}

/** A token's claims and header, where they are to differ from what the agent signs. */
export interface TokenOverrides {
  readonly audience?: string;
  readonly expiresIn?: number;
  readonly issuedAgo?: number;
  readonly key?: KeyObject;
  readonly algorithm?: string;
}

/** A dock of the product: enrolled through the real CLI, with a home of its own. */
export interface Dock {
  readonly id: string;
  readonly home: string;
  readonly logKeys: string;
  /** a token as the agent signs it, or a worse one */
  token(overrides?: TokenOverrides): string;
  readonly call: Client['call'];
  /** starts `fengcun-dock ...` */
  start(...args: readonly string[]): RunningAgent;
  /** runs `fengcun-dock ...` to its end */
  run(...args: readonly string[]): Promise<AgentRun>;
}

/** Creates a dock as the security administrator does and enrols it with `fengcun-dock enroll`, at another address if one is given. */
export async function enrolDock(product: Product, options: { url?: string } = {}): Promise<Dock> {
  const url = options.url ?? product.url;
  const home = await temporaryDirectory('dock');
  const security = await product.person('secadmin');
  const name = `测试采集站 ${home.slice(-6)}`;
  const { dock, code } = await security.call('createDock', { body: { name, unit: product.demo.unit.id } });
  const start = (...args: readonly string[]) => startAgent(['--home', home, ...args]);
  const enrolled = await start('enroll', url, code).ended;
  if (enrolled.exitCode !== 0) throw new Error(`enrolling ended with ${enrolled.exitCode}: ${enrolled.stderr}`);
  const key = createPrivateKey(await readFile(join(home, 'key.pem'), 'utf8'));
  const { audience }: { audience: string } = JSON.parse(await readFile(join(home, 'dock.json'), 'utf8'));
  const token = (overrides: TokenOverrides = {}) => signToken(dock.id, audience, key, overrides);
  return {
    id: dock.id,
    home,
    logKeys: join(home, 'log-keys.txt'),
    token,
    call: createClient({ baseUrl: product.url, headers: () => ({ authorization: `Bearer ${token()}` }) }).call,
    start,
    run: (...args) => start(...args).ended,
  };
}

/**
 * Starts the agent as a program of its own. It is killed at the end of the test at the latest. `powerless` takes from root its right to
 * ignore file modes.
 */
export function startAgent(args: readonly string[], { powerless = false } = {}): RunningAgent {
  const prefix = powerless && process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-all', '--inh-caps=-all'] : [];
  const [command = '', ...words] = [...prefix, process.execPath, program, ...args];
  const child = spawn(command, words, {
    env: usersEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const lines: AgentLine[] = [];
  let rest = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) if (part.startsWith('{')) lines.push(JSON.parse(part));
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<AgentRun>((resolve) => {
    child.once('close', (exitCode, signal) => {
      running.delete(child);
      resolve({ exitCode, signal, lines, stderr });
    });
  });
  return { lines, ended, kill: () => void child.kill('SIGKILL') };
}

const running = new Set<ChildProcess>();
const directories = new Set<string>();
// An agent that outlives its test holds the lock of its home.
afterEach(() => {
  for (const { pid } of running) if (pid !== undefined) kill(pid);
});
afterAll(async () => {
  await Promise.all([...directories].map((path) => rm(path, { recursive: true, force: true })));
});

/** A device that nothing was ever received from: what a device handed over before is not taken a second time. */
export const freshSerial = (): string => `DSJ-${randomBytes(5).toString('hex').toUpperCase()}`;

/** A directory that goes away with the test file. */
export async function temporaryDirectory(purpose: string): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), `fengcun-${purpose}-`));
  directories.add(path);
  return path;
}

/** A JWT made by hand (RFC 7519), so that it can be as wrong as an attacker likes. */
function signToken(dock: string, audience: string, key: KeyObject, overrides: TokenOverrides): string {
  const { expiresIn = 120, issuedAgo = 0, algorithm = 'EdDSA' } = overrides;
  const issued = Math.floor(Date.now() / 1000) - issuedAgo;
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { sub: dock, aud: overrides.audience ?? audience, iat: issued, exp: issued + expiresIn };
  const signed = `${part({ alg: algorithm, kid: dock })}.${part(claims)}`;
  const signature =
    algorithm === 'none' ? '' : sign(null, Buffer.from(signed), overrides.key ?? key).toString('base64url');
  return `${signed}.${signature}`;
}
