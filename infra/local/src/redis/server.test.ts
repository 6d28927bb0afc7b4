import { appendFile, readdir, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { occupyPort, processGone, readOnly, scratchDirectory, startOwner } from '../../tests/faults.ts';
import { findRedis, type RedisOptions, type RedisServer, startRedis } from './server.ts';

async function started(options: RedisOptions): Promise<RedisServer> {
  const server = await startRedis(options);
  onTestFinished(() => server.stop());
  return server;
}

async function withRedis<T>(url: string, use: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, { retryStrategy: () => null, maxRetriesPerRequest: 0 });
  redis.on('error', () => undefined);
  try {
    return await use(redis);
  } finally {
    redis.disconnect();
  }
}

const get = (url: string, key: string) => withRedis(url, (redis) => redis.get(key));

/** Writes and makes sure that the append-only file on disk has it. */
async function setDurably(url: string, key: string, value: string): Promise<void> {
  await withRedis(url, async (redis) => {
    await redis.set(key, value);
    await redis.call('WAITAOF', '1', '0', '0').catch(() => undefined);
  });
}

/** The file with the commands since the last rewrite. */
async function incrementalFile(dataDir: string): Promise<string> {
  const directory = join(dataDir, 'files', 'appendonlydir');
  const name = (await readdir(directory)).find((file) => file.endsWith('.incr.aof'));
  if (name === undefined) throw new Error('no append-only file');
  return join(directory, name);
}

describe('a first start', () => {
  it('keeps an append-only file, never evicts, and opens to its password only', async () => {
    const dataDir = join(await scratchDirectory(), 'deep', 'redis');
    const server = await started({ dataDir });
    await withRedis(server.url, async (redis) => {
      for (const [name, value] of [
        ['appendonly', 'yes'],
        ['appendfsync', 'everysec'],
        ['maxmemory-policy', 'noeviction'],
        ['aof-load-truncated', 'yes'],
        ['save', ''],
        ['bind', '127.0.0.1'],
        ['protected-mode', 'yes'],
      ] as const) {
        expect(await redis.config('GET', name)).toEqual([name, value]);
      }
    });
    await expect(get(`redis://127.0.0.1:${server.port}`, 'key')).rejects.toThrow('NOAUTH');
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
    for (const file of ['redis.password', 'redis.conf'])
      expect((await stat(join(dataDir, file))).mode & 0o777).toBe(0o600);
  });
});

describe('on an existing directory', () => {
  it('keeps data and password over a stop', async () => {
    const dataDir = await scratchDirectory();
    const first = await started({ dataDir });
    await withRedis(first.url, (redis) => redis.set('key', '值'));
    await first.stop();
    expect(await first.exited).toMatchObject({ expected: true });
    const second = await started({ dataDir, port: first.port });
    expect(second.url).toBe(first.url);
    expect(await get(second.url, 'key')).toBe('值');
  });

  it('loads a file whose last command was cut short by SIGKILL', async () => {
    const dataDir = await scratchDirectory();
    const first = await started({ dataDir });
    await setDurably(first.url, 'key', 'value');
    process.kill(first.pid, 'SIGKILL');
    expect(await first.exited).toEqual({ code: null, signal: 'SIGKILL', expected: false });
    await appendFile(await incrementalFile(dataDir), '*3\r\n$3\r\nSET\r\n$3\r\nhal');
    const second = await started({ dataDir });
    expect(await get(second.url, 'key')).toBe('value');
    expect(await get(second.url, 'hal')).toBeNull();
  });

  it('names unreadable data, and sets it aside when asked to', async () => {
    const dataDir = await scratchDirectory();
    const first = await started({ dataDir });
    await setDurably(first.url, 'key', 'value');
    await first.stop();
    const file = await incrementalFile(dataDir);
    await truncate(file, 0);
    await appendFile(file, 'this is not a command\r\n*1\r\n$4\r\nPING\r\n');
    await expect(startRedis({ dataDir })).rejects.toMatchObject({ code: 'data_unreadable' });

    const second = await started({ dataDir, unreadableData: 'set-aside' });
    expect(second.setAside).toBeDefined();
    expect(await readdir(second.setAside ?? '')).toContain('appendonlydir');
    expect(await get(second.url, 'key')).toBeNull();
  });

  it('refuses a second owner while the first one lives', async () => {
    const dataDir = await scratchDirectory();
    await started({ dataDir });
    await expect(startRedis({ dataDir })).rejects.toMatchObject({ code: 'already_running' });
  });
});

describe('when its owner is killed', () => {
  it('ends by itself', async () => {
    const owner = await startOwner('redis', { dataDir: await scratchDirectory() });
    if (!('pid' in owner.report)) throw new Error(owner.report.message);
    await owner.kill('alone');
    await processGone(owner.report.pid);
  });

  it('and its watchdog too, the next start ends the orphan and goes on with its data', async () => {
    const dataDir = await scratchDirectory();
    const owner = await startOwner('redis', { dataDir });
    if (!('pid' in owner.report)) throw new Error(owner.report.message);
    await withRedis(owner.report.url, (redis) => redis.set('key', 'value'));
    await owner.kill('with watchdogs');
    const { url } = owner.report;
    expect(await get(url, 'key')).toBe('value');
    const server = await started({ dataDir });
    await processGone(owner.report.pid);
    expect(await get(server.url, 'key')).toBe('value');
  });
});

describe('what is in the way is named', () => {
  it('a taken port', async () => {
    const port = await occupyPort();
    await expect(startRedis({ dataDir: await scratchDirectory(), port })).rejects.toMatchObject({
      code: 'port_taken',
      message: expect.stringContaining(String(port)),
    });
  });

  it('a full disk', async () => {
    const dataDir = await scratchDirectory();
    await expect(startRedis({ dataDir, minFreeBytes: Number.MAX_SAFE_INTEGER })).rejects.toMatchObject({
      code: 'disk_full',
    });
  });

  it('a read-only directory', async () => {
    const dataDir = await scratchDirectory();
    await readOnly(dataDir);
    const { report } = await startOwner('redis', { dataDir: join(dataDir, 'redis') }, { powerless: true });
    expect(report).toMatchObject({ code: 'directory_not_writable' });
  });

  it('Redis not installed, or too old', async () => {
    const directory = await scratchDirectory();
    await expect(findRedis(directory)).rejects.toMatchObject({ code: 'program_missing' });
    await writeFile(join(directory, 'redis-server'), '#!/bin/sh\necho "Redis server v=5.0.14 sha=00000000:0"\n', {
      mode: 0o755,
    });
    await expect(findRedis(directory)).rejects.toMatchObject({ code: 'program_version' });
  });
});
