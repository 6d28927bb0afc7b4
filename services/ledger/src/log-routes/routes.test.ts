import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appendEvent } from '@fengcun/catalog';
import { createTestDatabase, type TestDatabase } from '@fengcun/catalog/testing';
import { makePerson, testAudience } from '@fengcun/identity/testing';
import { testPostgresUrl } from '@fengcun/local/testing';
import { createHttpServer, createLogger, createMetrics, systemClock } from '@fengcun/runtime';
import {
  ed25519Signer,
  generateSigningKey,
  openCheckpoint,
  parseEntry,
  parseEntryBundle,
  parseLogProof,
  parseVerifierKey,
  publicKeyOf,
  verifyLogProof,
} from '@fengcun/tlog';
import { nativeHasher } from '@fengcun/tlog/node';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { ledgerService } from '../ledger-service.ts';

const key = generateSigningKey('log.test/fengcun');
const trust = { logKeys: [publicKeyOf(key)] };
let database: TestDatabase;
let directory: string;
let app: FastifyInstance;

beforeAll(async () => {
  database = await createTestDatabase(testPostgresUrl());
  directory = await mkdtemp(join(tmpdir(), 'fengcun-ledger-'));
  app = await start(1_000_000);
  await database
    .as('fengcun_access')
    .transaction()
    .execute(async (trx) => {
      for (let i = 0; i < 300; i++) {
        const event = {
          type: 'session.closed',
          actor: { kind: 'system', id: 'test', name: null },
          subject: { kind: 'session', id: `s${i}` },
          data: { session: '00000000-0000-7000-8000-000000000000', cause: 'expired' },
        } as const;
        await appendEvent(trx, event, systemClock);
      }
    });
  await vi.waitFor(async () => expect((await checkpoint()).size).toBeGreaterThanOrEqual(300), {
    timeout: 20_000,
    interval: 20,
  });
});
afterAll(async () => {
  await app.close();
  await database.drop();
  await rm(directory, { recursive: true, force: true });
});

async function start(requestsPerMinute: number): Promise<FastifyInstance> {
  const started = createHttpServer({
    logger: createLogger({ name: 'test', level: 'silent' }),
    metrics: createMetrics('test'),
    health: [],
  });
  const config = {
    intervalMs: 20,
    batch: 1000,
    audience: testAudience,
    witnessKeys: [],
    signingMemoryPath: join(directory, 'memory'),
    requestsPerMinute,
  };
  await started.register(ledgerService, { config, catalog: database.as('fengcun_ledger'), signer: ed25519Signer(key) });
  await started.ready();
  return started;
}

async function checkpoint() {
  return openCheckpoint((await app.inject('/ledger/checkpoint')).body, trust).checkpoint;
}

describe('the log over HTTP', () => {
  test('names the key that signed its checkpoint', async () => {
    const [line = ''] = (await app.inject('/ledger/keys')).body.split('\n');
    expect(
      openCheckpoint((await app.inject('/ledger/checkpoint')).body, { logKeys: [parseVerifierKey(line)] }).checkpoint
        .origin,
    ).toBe(key.name);
  });

  test('serves full and partial tiles in their exact widths', async () => {
    const full = await app.inject('/ledger/tile/0/000');
    expect([full.statusCode, full.rawPayload.length]).toEqual([200, 256 * 32]);
    expect(full.headers['cache-control']).toContain('immutable');
    const partial = await app.inject('/ledger/tile/0/001.p/7');
    expect([partial.statusCode, partial.rawPayload.length]).toEqual([200, 7 * 32]);
    expect((await app.inject('/ledger/tile/1/000.p/1')).rawPayload.length).toBe(32);
  });

  test.each([
    ['/ledger/tile/0/001', 404, 'not_in_log'],
    ['/ledger/tile/0/099', 404, 'not_in_log'],
    ['/ledger/tile/3/000.p/1', 404, 'not_in_log'],
    ['/ledger/tile/0/1', 400, 'bad_log_path'],
    ['/ledger/tile/0/000.p/256', 400, 'bad_log_path'],
    ['/ledger/tile/64/000', 400, 'bad_log_path'],
    ['/ledger/proof/-1', 400, 'bad_log_path'],
    ['/ledger/proof/01', 400, 'bad_log_path'],
    ['/ledger/proof/9000000', 404, 'not_in_log'],
  ])('answers %s with %i %s', async (url, status, code) => {
    const reply = await app.inject(url);
    expect([reply.statusCode, reply.json().code]).toEqual([status, code]);
  });

  test('gives entries to an auditor, after recording the look, and each has a proof', async () => {
    const auditor = await makePerson(database.as('owner'), 'auditor');
    const reply = await app.inject({ url: '/ledger/tile/entries/000', headers: auditor.headers });
    expect(reply.statusCode).toBe(200);
    const entries = parseEntryBundle(new Uint8Array(reply.rawPayload), 256);
    expect(entries.map((entry) => parseEntry(entry).type)).toContain('session.closed');
    const proof = parseLogProof((await app.inject('/ledger/proof/17')).body);
    expect(() => verifyLogProof(proof, nativeHasher.leaf(entries[17] ?? new Uint8Array()), trust)).not.toThrow();
    const looks = await database
      .as('owner')
      .selectFrom('ledger_event')
      .select('entry')
      .where('type', '=', 'log.read')
      .where('actor_id', '=', auditor.id)
      .execute();
    expect(looks.map(({ entry }) => parseEntry(entry).data)).toEqual([{ from: 0, to: 256 }]);
  });

  test('lets an address ask only so often, and says when to ask again; others go on', async () => {
    const limited = await start(3);
    onTestFinished(() => limited.close());
    const ask = (remoteAddress: string, url = '/ledger/tile/0/000') => limited.inject({ url, remoteAddress });
    for (const url of ['/ledger/tile/0/000', '/ledger/checkpoint', '/ledger/proof/17'])
      expect((await ask('192.0.2.1', url)).statusCode).toBe(200);
    const refused = await ask('192.0.2.1');
    expect([refused.statusCode, refused.json().code]).toEqual([429, 'too_many_requests']);
    expect(refused.json().detail).toContain('Retry-After');
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await ask('192.0.2.2')).statusCode).toBe(200);
    // An auditor is known by name, not by address.
    const auditor = await makePerson(database.as('owner'), 'auditor');
    const entries = { url: '/ledger/tile/entries/000', remoteAddress: '192.0.2.1', headers: auditor.headers };
    expect((await limited.inject(entries)).statusCode).toBe(200);
  });

  test.each(['officer', 'security_admin'] as const)('refuses entries to %s, and to nobody at all', async (role) => {
    const person = await makePerson(database.as('owner'), role);
    expect((await app.inject({ url: '/ledger/tile/entries/000', headers: person.headers })).statusCode).toBe(403);
    expect((await app.inject('/ledger/tile/entries/000')).statusCode).toBe(401);
  });
});
