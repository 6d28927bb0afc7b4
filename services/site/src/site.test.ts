import { spawn } from 'node:child_process';
import { chmod, mkdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import {
  childrenOf,
  dataDirectory,
  isReady,
  killSite,
  processes,
  processesIn,
  site,
  startedSite,
  until,
} from '../tests/site-process.ts';

const originOf = async (url: string) => (await (await fetch(`${url}/ledger/checkpoint`)).text()).split('\n')[0];

it('starts from an empty directory, tells a second start where it is, stops, and comes back as the same site', async () => {
  const dataDir = await dataDirectory();
  const { url, supervisor } = await startedSite(dataDir);
  expect(await isReady(url)).toBe(true);
  expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
  for (const key of ['site-id', 'log-signing-key', 'database-passwords.json']) {
    expect((await stat(join(dataDir, 'keys', key))).mode & 0o777).toBe(0o600);
  }
  const origin = await originOf(url);

  const second = await site(['start', '--data', dataDir, '--port', '0', '--no-demo']);
  expect(second).toEqual({ exitCode: 0, output: expect.stringContaining(`${url}/`) });
  expect(second.output).toContain(String(supervisor));
  expect(await isReady(url)).toBe(true);

  expect(await site(['stop', '--data', dataDir])).toMatchObject({ exitCode: 0 });
  expect(await processesIn(dataDir)).toEqual([]);
  expect(await site(['stop', '--data', dataDir])).toEqual({
    exitCode: 0,
    output: expect.stringContaining('没有在运行'),
  });

  const again = await startedSite(dataDir);
  expect(await originOf(again.url)).toBe(origin);
});

it('starts after SIGKILL of everything at once', async () => {
  const dataDir = await dataDirectory();
  const first = await startedSite(dataDir);
  const origin = await originOf(first.url);
  await killSite(first.supervisor);
  const second = await startedSite(dataDir);
  expect(await originOf(second.url)).toBe(origin);
});

it('ends by itself when the supervisor is killed', async () => {
  const dataDir = await dataDirectory();
  const { supervisor } = await startedSite(dataDir);
  process.kill(supervisor, 'SIGKILL');
  await until(async () => (await processesIn(dataDir)).length === 0);
});

it('ends orphans that cannot end by themselves before it starts anew', async () => {
  const dataDir = await dataDirectory();
  const { supervisor } = await startedSite(dataDir);
  const children = await childrenOf(supervisor);
  const orphans = await processesIn(dataDir);
  expect(orphans.map(({ program }) => program).sort()).toEqual(expect.arrayContaining(['postgres', 'redis-server']));
  // No watchdogs any more, and programs that hear nothing: what is left of a machine in trouble.
  for (const { pid, program, directory } of children) {
    if (program === 'sh') process.kill(pid, 'SIGKILL');
    else if (directory.includes('/run/')) process.kill(pid, 'SIGSTOP');
  }
  process.kill(supervisor, 'SIGKILL');

  const { url } = await startedSite(dataDir);
  expect(await isReady(url)).toBe(true);
  const alive = new Set((await processes()).map(({ pid }) => pid));
  expect(orphans.filter(({ pid }) => alive.has(pid))).toEqual([]);
});

it('brings back a program and a server that died', async () => {
  const dataDir = await dataDirectory();
  const { url, supervisor } = await startedSite(dataDir);
  const before = await childrenOf(supervisor);
  const pidIn = (place: string, list = before) => list.find(({ directory }) => directory.endsWith(place))?.pid ?? 0;
  for (const place of ['/run/web', '/run/worker', '/postgres/cluster', '/redis/files']) {
    process.kill(pidIn(place), 'SIGKILL');
  }
  await until(async () => {
    const now = await childrenOf(supervisor);
    const back = ['/run/web', '/run/worker', '/postgres/cluster', '/redis/files'].every(
      (place) => pidIn(place, now) > 0,
    );
    return back && (await isReady(url));
  });
  expect(await readFile(join(dataDir, 'log', 'site.log'), 'utf8')).toContain('ended unexpectedly');
});

it('stops in order when it is told to on its terminal', async () => {
  const dataDir = await dataDirectory();
  const child = spawn(process.execPath, [
    join(import.meta.dirname, 'main.ts'),
    ...['start', '--data', dataDir, '--port', '0', '--no-demo'],
  ]);
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  await until(async () => output.includes('封存已就绪') || child.exitCode !== null);
  child.kill('SIGINT');
  expect(await ended).toBe(0);
  expect(await processesIn(dataDir)).toEqual([]);
  const log = await readFile(join(dataDir, 'log', 'site.log'), 'utf8');
  const stopped = log.split('\n').flatMap((line) => /"part":"(\w+)","msg":"stopped"/.exec(line)?.[1] ?? []);
  expect(stopped).toEqual(['web', 'worker', 'redis', 'postgres']);
});

it('names a taken port and leaves nothing running', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? String(address.port) : '';
  const dataDir = await dataDirectory();
  const outcome = await site(['start', '--data', dataDir, '--port', port, '--no-demo', '--detach']);
  expect(outcome).toEqual({ exitCode: 1, output: expect.stringContaining(`端口 ${port} 已被其他程序占用`) });
  expect(await processesIn(dataDir)).toEqual([]);
});

it('names a directory that cannot be written', async () => {
  const dataDir = await dataDirectory();
  await mkdir(dirname(dataDir), { recursive: true });
  await chmod(dirname(dataDir), 0o500);
  onTestFinished(() => chmod(dirname(dataDir), 0o700));
  const outcome = await site(['start', '--data', dataDir, '--port', '0', '--no-demo', '--detach'], { powerless: true });
  expect(outcome).toEqual({ exitCode: 1, output: expect.stringContaining('数据目录无法写入') });
});

it('does not make new keys for an existing log', async () => {
  const dataDir = await dataDirectory();
  await startedSite(dataDir);
  await site(['stop', '--data', dataDir]);
  await rm(join(dataDir, 'keys'), { recursive: true });
  const outcome = await site(['start', '--data', dataDir, '--port', '0', '--no-demo', '--detach']);
  expect(outcome).toEqual({ exitCode: 1, output: expect.stringContaining('请从备份恢复该目录') });
});
