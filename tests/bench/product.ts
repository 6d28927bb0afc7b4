import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Client, createClient } from '@fengcun/contracts';
import type { DemoFacts } from '@fengcun/site';

const execute = promisify(execFile);
const repository = fileURLToPath(new URL('../../', import.meta.url));
const siteProgram = join(repository, 'services/site/src/main.ts');
const dockProgram = join(repository, 'services/dock/bin/fengcun-dock');

/** The whole product on a data directory of its own, as `./scripts/start --demo` makes it, with `--s3` or without. */
export interface Product extends AsyncDisposable {
  readonly directory: string;
  readonly demo: DemoFacts;
  /** signed in as the demo's officer */
  readonly officer: Client;
  /** Runs the dock agent on a folder until everything in it is sealed. */
  offload(directory: string): Promise<void>;
  /** bytes: the most memory a process of the product has held so far (VmHWM) */
  peakMemory(part: 'web' | 'worker'): Promise<number>;
}

export async function startProduct(flags: readonly string[] = []): Promise<Product> {
  const directory = await mkdtemp(join(tmpdir(), 'fengcun-bench-'));
  // A program that asks as fast as it can is what a benchmark is.
  const env = { ...process.env, FENGCUN_RATE_GENERAL: '10000000', FENGCUN_RATE_SEARCH: '10000000' };
  const args = ['start', '--data', directory, '--port', '0', '--demo', '--detach', ...flags];
  await execute(process.execPath, [siteProgram, ...args], { env });
  const demo = JSON.parse(await readFile(join(directory, 'demo.json'), 'utf8')) as DemoFacts;
  return {
    directory,
    demo,
    officer: await signIn(demo, 'officer'),
    async offload(folder) {
      const args = [dockProgram, 'offload', folder, '--home', demo.dock.home, '--device', demo.device.serial, '--json'];
      const agent = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
      const [code] = await once(agent, 'exit');
      if (code !== 0) throw new Error(`the dock agent ended with ${code}`);
    },
    async peakMemory(part) {
      const status = await readFile(`/proc/${await pidOf(join(directory, 'run', part))}/status`, 'utf8');
      return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
    },
    async [Symbol.asyncDispose]() {
      await execute(process.execPath, [siteProgram, 'stop', '--data', directory]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function signIn({ url, accounts }: DemoFacts, login: string): Promise<Client> {
  const password = accounts.find((account) => account.login === login)?.password;
  const headers = { 'content-type': 'application/json', origin: url };
  const reply = await fetch(`${url}/api/session`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ login, password }),
  });
  const cookie = reply.headers.getSetCookie()[0]?.split(';', 1)[0];
  if (!reply.ok || !cookie) throw new Error(`signing in as ${login} was answered with ${reply.status}`);
  return createClient({ baseUrl: url, headers: () => ({ cookie, origin: url }) });
}

/** The process whose working directory this is: how the site itself knows its programs. */
async function pidOf(workingDirectory: string): Promise<number> {
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    if ((await readlink(`/proc/${name}/cwd`).catch(() => '')) === workingDirectory) return Number(name);
  }
  throw new Error(`no process runs in ${workingDirectory}`);
}
