/** A running upload service on a database and a disk vault of its own, and senders to call it with. */
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, listParts } from '@fengcun/catalog';
import { createTestDatabase, type TestDatabase } from '@fengcun/catalog/testing';
import { makeDock, type TestDock, testAudience } from '@fengcun/identity/testing';
import { testPostgresUrl } from '@fengcun/local/testing';
import { type Clock, createHttpServer, createLogger, createMetrics, readConfig } from '@fengcun/runtime';
import { openDiskVault, parseObjectKey, type Vault } from '@fengcun/vault';
import type { FaultPlan } from '@fengcun/vault/testing';
import { withFaults } from '@fengcun/vault/testing';
import type { FastifyInstance } from 'fastify';
import { type UploadConfig, uploadService, uploadSettings } from '../src/index.ts';
import { type RawRequest, rawRequest } from './raw-request.ts';

export const KiB = 1024;
export const partSize = 256 * KiB;

export interface Harness {
  readonly database: TestDatabase;
  readonly owner: Database;
  readonly vault: Vault;
  readonly vaultRoot: string;
  readonly faults: FaultPlan;
  readonly clock: Clock & { at: Date | null };
  readonly dock: TestDock;
  readonly url: string;
  readonly port: number;
  readonly app: FastifyInstance;
  /** bytes the service has taken from bodies so far */
  bytesTaken(): Promise<number>;
  /** another server process's worth of service on the same database and vault */
  another(settings?: Partial<Record<string, string>>): Promise<{ url: string; port: number; close(): Promise<void> }>;
  close(): Promise<void>;
}

export const settingsOf = (more: Partial<Record<string, string>> = {}): UploadConfig =>
  readConfig(
    {
      FENGCUN_SITE_ID: testAudience,
      FENGCUN_LOG_KEYS: 'mock.example/log+00000000+AAAA',
      FENGCUN_UPLOAD_PART_SIZE: String(partSize),
      FENGCUN_UPLOAD_MAX_SIZE: String(64 * 1024 * KiB),
      FENGCUN_UPLOAD_LEASE_SECONDS: '3',
      ...more,
    },
    uploadSettings,
  );

export async function startHarness(settings: Partial<Record<string, string>> = {}): Promise<Harness> {
  const database = await createTestDatabase(testPostgresUrl());
  const owner = database.as('owner');
  const vaultRoot = await mkdtemp(join(tmpdir(), 'fengcun-upload-'));
  const { vault, faults } = withFaults(await openDiskVault({ root: vaultRoot, reserveBytes: 0 }));
  const clock = { at: null as Date | null, now: () => clock.at ?? new Date() };
  const closers: (() => Promise<void>)[] = [];
  const metrics = createMetrics('upload');
  const start = async (more: Partial<Record<string, string>>) => {
    const app = createHttpServer({
      logger: createLogger({ name: 'upload', level: process.env.TEST_LOG ?? 'silent' }),
      metrics,
      health: [],
    });
    await app.register(uploadService, {
      ...(closers.length === 0 ? { metrics } : {}),
      config: settingsOf({ ...settings, ...more }),
      catalog: database.as('fengcun_upload'),
      vault,
      clock,
    });
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.server.address() as AddressInfo;
    return { app, port, url: `http://127.0.0.1:${port}`, close: () => app.close() };
  };
  const main = await start({});
  closers.push(main.close);
  return {
    database,
    owner,
    vault,
    vaultRoot,
    faults,
    clock,
    dock: await makeDock(owner),
    url: main.url,
    port: main.port,
    app: main.app,
    async bytesTaken() {
      const metric = await metrics.getSingleMetric('fengcun_upload_bytes_total')?.get();
      return metric?.values[0]?.value ?? 0;
    },
    async another(more = {}) {
      const other = await start(more);
      closers.push(other.close);
      return other;
    },
    async close() {
      for (const close of closers) await close();
      await vault.close();
      await database.drop();
      await rm(vaultRoot, { recursive: true, force: true });
    },
  };
}

/** Headers of a dock's tus request. */
export async function tusHeaders(dock: TestDock, more: Record<string, string> = {}): Promise<Record<string, string>> {
  return { authorization: `Bearer ${await dock.token()}`, 'tus-resumable': '1.0.0', ...more };
}

export const metadata = (values: Record<string, string>): string =>
  Object.entries(values)
    .map(([key, value]) => (value === '' ? key : `${key} ${Buffer.from(value).toString('base64')}`))
    .join(',');

/** Creates an upload and answers its path. */
export async function create(
  harness: Pick<Harness, 'url' | 'dock'>,
  size: number | null,
  values: Record<string, string> = {},
): Promise<string> {
  const reply = await fetch(`${harness.url}/files`, {
    method: 'POST',
    headers: await tusHeaders(harness.dock, {
      ...(size === null ? { 'upload-defer-length': '1' } : { 'upload-length': String(size) }),
      ...(Object.keys(values).length > 0 ? { 'upload-metadata': metadata(values) } : {}),
    }),
  });
  if (reply.status !== 201) throw new Error(`creation answered ${reply.status}: ${await reply.text()}`);
  return reply.headers.get('location') ?? '';
}

export async function patch(
  harness: Pick<Harness, 'url' | 'dock'>,
  path: string,
  offset: number,
  body: Uint8Array<ArrayBuffer>,
  more: Record<string, string> = {},
): Promise<Response> {
  return fetch(harness.url + path, {
    method: 'PATCH',
    headers: await tusHeaders(harness.dock, {
      'content-type': 'application/offset+octet-stream',
      'upload-offset': String(offset),
      ...more,
    }),
    body,
  });
}

export async function head(harness: Pick<Harness, 'url' | 'dock'>, path: string): Promise<Response> {
  return fetch(harness.url + path, { method: 'HEAD', headers: await tusHeaders(harness.dock) });
}

export const offsetOf = (reply: Response): number => Number(reply.headers.get('upload-offset') ?? Number.NaN);

export const idOf = (path: string): string => path.split('/').at(-1) ?? '';

/** A PATCH on a connection of its own, whose body is still to be written. */
export async function rawPatch(
  harness: Pick<Harness, 'port' | 'dock'>,
  path: string,
  offset: number,
  more: Record<string, string>,
): Promise<RawRequest> {
  const headers = await tusHeaders(harness.dock, {
    'content-type': 'application/offset+octet-stream',
    'upload-offset': String(offset),
    ...more,
  });
  return rawRequest(harness.port, `PATCH ${path} HTTP/1.1`, headers);
}

/** The upload's row. */
export async function rowOf({ owner }: Harness, path: string) {
  return owner.selectFrom('upload').selectAll().where('id', '=', idOf(path)).executeTakeFirstOrThrow();
}

/** What sealing would find: the object made from the ledger of parts, read back whole. */
export async function storedBytes({ owner, vault }: Harness, path: string): Promise<Buffer> {
  const row = await owner.selectFrom('upload').selectAll().where('id', '=', idOf(path)).executeTakeFirstOrThrow();
  const parts = await listParts(owner, row.id);
  const transfer = { key: parseObjectKey(row.vault_key), id: row.vault_transfer, partSize: row.part_size };
  const version = await vault.complete(transfer, parts);
  const chunks: Uint8Array[] = [];
  for await (const chunk of vault.read(version)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Events of a type about a subject, as they stand in the log. */
export async function eventsOf({ owner }: Harness, type: string, subject?: string) {
  const rows = await owner.selectFrom('ledger_event').selectAll().where('type', '=', type).orderBy('id').execute();
  return rows
    .filter((row) => subject === undefined || row.subject_id === subject)
    .map((row) => JSON.parse(row.entry.toString()) as { actor: { id: string }; data: Record<string, unknown> });
}

/** Waits until `condition` answers something other than undefined or false. */
export async function until<T>(condition: () => Promise<T | undefined | false>): Promise<T> {
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false) return value;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
