import { chmod, readdir, readFile, rename, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { occupyPort, processGone, readOnly, scratchDirectory, startOwner } from '../../tests/faults.ts';
import { findPostgres } from './programs.ts';
import { type PostgresOptions, type PostgresServer, startPostgres } from './server.ts';

async function started(options: PostgresOptions): Promise<PostgresServer> {
  const server = await startPostgres(options);
  onTestFinished(() => server.stop());
  return server;
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
}

describe('a first start', () => {
  it('makes a durable UTF-8 cluster with checksums that only its password opens', async () => {
    const dataDir = join(await scratchDirectory(), 'deep', 'postgres');
    const server = await started({ dataDir });
    const settings = [
      'server_encoding',
      'data_checksums',
      'fsync',
      'synchronous_commit',
      'full_page_writes',
      'password_encryption',
      'listen_addresses',
      'unix_socket_directories',
    ];
    const values = await query(server.url, `select ${settings.map((name) => `current_setting('${name}')`).join(', ')}`);
    expect(Object.fromEntries(settings.map((name, index) => [name, values[index]]))).toEqual({
      server_encoding: 'UTF8',
      data_checksums: 'on',
      fsync: 'on',
      synchronous_commit: 'on',
      full_page_writes: 'on',
      password_encryption: 'scram-sha-256',
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
    });
    expect(await query(server.url, "select upper('é') || lower('Ä')")).toEqual(['Éä']);
    await expect(
      query(server.urlOf('postgres', { user: 'postgres', password: 'guess' }), 'select 1'),
    ).rejects.toMatchObject({ code: '28P01' });
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
    expect((await stat(join(dataDir, 'superuser.password'))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(dataDir, 'postgres.log'), 'utf8')).toContain('ready to accept connections');
  });

  it('begins again when an earlier one died inside initdb', async () => {
    const dataDir = await scratchDirectory();
    const first = await started({ dataDir, durable: false });
    await first.stop();
    await rename(join(dataDir, 'cluster'), join(dataDir, 'cluster.partial'));
    const second = await started({ dataDir, durable: false });
    expect(await query(second.url, 'select 1')).toEqual([1]);
    expect(await readdir(dataDir)).not.toContain('cluster.partial');
  });
});

describe('on an existing directory', () => {
  it('keeps data and password over a stop, cuts open connections off, and lets any port be chosen', async () => {
    const dataDir = await scratchDirectory();
    const first = await started({ dataDir });
    await query(first.url, 'create table kept as select 42 as value');
    const idle = new Client({ connectionString: first.url });
    idle.on('error', () => undefined);
    await idle.connect();
    await first.stop();
    expect(await first.exited).toEqual({ code: 0, signal: null, expected: true });

    const second = await started({ dataDir, port: first.port });
    expect(second.url).toBe(first.url);
    expect(await query(second.url, 'select value from kept')).toEqual([42]);
  });

  it('refuses a second owner while the first one lives, and leaves the first alone', async () => {
    const dataDir = await scratchDirectory();
    const server = await started({ dataDir, durable: false });
    await expect(startPostgres({ dataDir })).rejects.toMatchObject({
      code: 'already_running',
      message: expect.stringContaining(`process ${process.pid}`),
    });
    expect(await query(server.url, 'select 1')).toEqual([1]);
  });

  it('recovers what was committed after SIGKILL of the server, although a backend is still busy', async () => {
    const dataDir = await scratchDirectory();
    const first = await started({ dataDir });
    await query(first.url, 'create table kept as select 42 as value');
    const busy = query(first.url, 'select pg_sleep(600)').catch(() => 'cut off');
    const asleep = "select count(*)::int from pg_stat_activity where query like 'select pg_sleep%'";
    await expect.poll(() => query(first.url, asleep)).toEqual([1]);
    process.kill(first.pid, 'SIGKILL');
    expect(await first.exited).toEqual({ code: null, signal: 'SIGKILL', expected: false });

    const second = await started({ dataDir });
    expect(await query(second.url, 'select value from kept')).toEqual([42]);
    expect(await busy).toBe('cut off');
  });

  it('does not take a stranger with a recycled pid for its own server', async () => {
    const dataDir = await scratchDirectory();
    const first = await started({ dataDir, durable: false });
    const pidFile = join(dataDir, 'cluster', 'postmaster.pid');
    const stale = await readFile(pidFile, 'utf8');
    await first.stop();
    await writeFile(pidFile, stale.replace(/^\d+/, String(process.ppid)));
    const second = await started({ dataDir, durable: false });
    expect(await query(second.url, 'select 1')).toEqual([1]);
  });

  it('says so when the data is damaged, and when the password file is lost', async () => {
    const dataDir = await scratchDirectory();
    const server = await started({ dataDir, durable: false });
    await server.stop();
    await truncate(join(dataDir, 'cluster', 'global', 'pg_control'), 100);
    await expect(startPostgres({ dataDir })).rejects.toMatchObject({ code: 'data_unreadable' });
    await truncate(join(dataDir, 'superuser.password'), 0);
    await expect(startPostgres({ dataDir })).rejects.toMatchObject({
      code: 'data_unreadable',
      message: expect.stringContaining('superuser.password'),
    });
  });
});

describe('when its owner is killed', () => {
  it('shuts down by itself', async () => {
    const dataDir = await scratchDirectory();
    const owner = await startOwner('postgres', { dataDir });
    if (!('pid' in owner.report)) throw new Error(owner.report.message);
    await owner.kill('alone');
    await processGone(owner.report.pid);
    expect(await readFile(join(dataDir, 'postgres.log'), 'utf8')).toMatch(/database system is shut down\s*$/);
  });

  it('and its watchdog too, the next start shuts the orphan down cleanly and goes on with its data', async () => {
    const dataDir = await scratchDirectory();
    const owner = await startOwner('postgres', { dataDir });
    if (!('pid' in owner.report)) throw new Error(owner.report.message);
    await query(owner.report.url, 'create table kept as select 42 as value');
    await owner.kill('with watchdogs');
    expect(await query(owner.report.url, 'select value from kept')).toEqual([42]);

    const server = await started({ dataDir });
    expect(server.pid).not.toBe(owner.report.pid);
    expect(await query(server.url, 'select value from kept')).toEqual([42]);
    expect(await readFile(join(dataDir, 'postgres.log'), 'utf8')).toContain('received fast shutdown request');
  });
});

describe.runIf(process.getuid?.() === 0)('as root without user namespaces', () => {
  async function pathWithoutNamespaces(): Promise<string> {
    const programs = await scratchDirectory();
    await writeFile(join(programs, 'unshare'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    return `${programs}:${process.env.PATH}`;
  }

  it('runs as the account postgres, and takes over a cluster made the other way', async () => {
    const parent = await scratchDirectory();
    await chmod(parent, 0o711);
    const dataDir = join(parent, 'postgres');
    const first = await started({ dataDir });
    await query(first.url, 'create table kept as select 42 as value');
    await first.stop();

    const owner = await startOwner('postgres', { dataDir }, { path: await pathWithoutNamespaces() });
    if (!('pid' in owner.report)) throw new Error(owner.report.message);
    expect((await stat(`/proc/${owner.report.pid}`)).uid).not.toBe(0);
    expect(await query(owner.report.url, 'select value from kept')).toEqual([42]);
    await owner.kill('alone');
    await processGone(owner.report.pid);

    const third = await started({ dataDir });
    expect(await query(third.url, 'select value from kept')).toEqual([42]);
  });

  it('makes a cluster as the account postgres', async () => {
    const parent = await scratchDirectory();
    await chmod(parent, 0o711);
    const owner = await startOwner(
      'postgres',
      { dataDir: join(parent, 'postgres') },
      { path: await pathWithoutNamespaces() },
    );
    if (!('pid' in owner.report)) throw new Error(owner.report.message);
    expect(await query(owner.report.url, 'select 1')).toEqual([1]);
    await owner.kill('alone');
    await processGone(owner.report.pid);
  });

  it('says why it cannot when that account cannot reach the directory', async () => {
    const dataDir = await scratchDirectory();
    const { report } = await startOwner(
      'postgres',
      { dataDir: join(dataDir, 'postgres') },
      { path: await pathWithoutNamespaces() },
    );
    expect(report).toMatchObject({ code: 'root_refused', message: expect.stringContaining('not under /root') });
  });
});

describe('what is in the way is named', () => {
  it('a taken port', async () => {
    const port = await occupyPort();
    await expect(startPostgres({ dataDir: await scratchDirectory(), port, durable: false })).rejects.toMatchObject({
      code: 'port_taken',
      message: expect.stringContaining(String(port)),
    });
  });

  it('a full disk', async () => {
    const dataDir = await scratchDirectory();
    await expect(startPostgres({ dataDir, minFreeBytes: Number.MAX_SAFE_INTEGER })).rejects.toMatchObject({
      code: 'disk_full',
      message: expect.stringContaining(dataDir),
    });
  });

  it('a read-only directory', async () => {
    const dataDir = await scratchDirectory();
    await readOnly(dataDir);
    const { report } = await startOwner('postgres', { dataDir: join(dataDir, 'postgres') }, { powerless: true });
    expect(report).toMatchObject({ code: 'directory_not_writable', message: expect.stringContaining('EACCES') });
  });

  it('a file where the directory should be', async () => {
    const dataDir = join(await scratchDirectory(), 'file');
    await writeFile(dataDir, '');
    await expect(startPostgres({ dataDir })).rejects.toMatchObject({ code: 'directory_not_writable' });
  });

  it('PostgreSQL not installed, or not the version that made the data', async () => {
    const nowhere = await scratchDirectory();
    await expect(findPostgres(undefined, nowhere, nowhere)).rejects.toMatchObject({
      code: 'program_missing',
      message: expect.stringContaining('apt-get install postgresql'),
    });
    await expect(findPostgres(9)).rejects.toMatchObject({
      code: 'program_version',
      message: expect.stringContaining('postgresql-9'),
    });
  });
});
