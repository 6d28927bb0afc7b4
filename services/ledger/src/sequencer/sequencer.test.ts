import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appendEvent, type Database, latestCheckpoint, logProofOf, tileReader } from '@fengcun/catalog';
import { createTestDatabase, type TestDatabase } from '@fengcun/catalog/testing';
import { testPostgresUrl } from '@fengcun/local/testing';
import { createLogger, systemClock } from '@fengcun/runtime';
import {
  ed25519Signer,
  generateSigningKey,
  openCheckpoint,
  parseLogProof,
  publicKeyOf,
  tileTree,
  verifyConsistency,
  verifyLogProof,
} from '@fengcun/tlog';
import { nativeHasher } from '@fengcun/tlog/node';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { startSequencer } from './sequencer.ts';
import { fileSigningMemory } from './signing-memory.ts';

const key = generateSigningKey('log.test/fengcun');
const trust = { logKeys: [publicKeyOf(key)] };
let database: TestDatabase;
let catalog: Database;
let directory: string;

beforeEach(async () => {
  [database, directory] = await Promise.all([
    createTestDatabase(testPostgresUrl()),
    mkdtemp(join(tmpdir(), 'fengcun-ledger-')),
  ]);
  catalog = database.as('fengcun_ledger');
});
afterEach(async () => {
  await database.drop();
  await rm(directory, { recursive: true, force: true });
});

const start = (overrides: Partial<Parameters<typeof startSequencer>[0]> = {}) =>
  startSequencer({
    catalog,
    signer: ed25519Signer(key),
    memory: fileSigningMemory(join(directory, 'memory')),
    clock: systemClock,
    logger: createLogger({ name: 'test', level: 'silent' }),
    intervalMs: 10,
    batch: 100,
    ...overrides,
  });

async function append(count: number): Promise<void> {
  const writer = database.as('fengcun_access');
  await writer.transaction().execute(async (trx) => {
    for (let i = 0; i < count; i++) {
      const event = {
        type: 'session.closed',
        actor: { kind: 'system', id: 'test', name: null },
        subject: { kind: 'session', id: `s${i}` },
        data: { session: '00000000-0000-7000-8000-000000000000', cause: 'signed_out' },
      } as const;
      await appendEvent(trx, event, systemClock);
    }
  });
}

const publishedSize = (size: number) =>
  vi.waitFor(
    async () => {
      const head = await latestCheckpoint(catalog);
      expect(head?.size).toBe(size);
      return head;
    },
    { timeout: 20_000, interval: 20 },
  );

describe('sequencer', () => {
  test('signs the empty log first, then every event in order, with proofs that verify', async () => {
    const sequencer = start();
    await publishedSize(0);
    await append(300);
    const head = await publishedSize(300);
    await sequencer.close();

    expect(openCheckpoint(head?.note ?? '', trust).checkpoint.size).toBe(300);
    const { rows } = await sql<{
      index: number;
      event_id: number;
    }>`select index, event_id from ledger_entry order by index`.execute(catalog);
    expect(rows.map((row) => row.index)).toEqual(Array.from({ length: 300 }, (_, i) => i));
    expect(rows.map((row) => row.event_id)).toEqual(rows.map((row) => row.event_id).toSorted((a, b) => a - b));
    for (const index of [0, 255, 256, 299]) {
      const { entry } = await catalog
        .selectFrom('ledger_event')
        .select('entry')
        .where('id', '=', rows[index]?.event_id ?? -1)
        .executeTakeFirstOrThrow();
      const proof = parseLogProof((await logProofOf(catalog, index)) ?? '');
      expect(() => verifyLogProof(proof, nativeHasher.leaf(entry), trust)).not.toThrow();
    }
  });

  test('two sequencers place every event once; the standby takes over', async () => {
    const [first, second] = [start(), start()];
    await append(50);
    await publishedSize(50);
    const [active, standby] = first.state === 'active' ? [first, second] : [second, first];
    expect([active.state, standby.state]).toEqual(['active', 'standby']);
    await active.close();
    await append(50);
    await publishedSize(100);
    await standby.close();
    const { n } = await catalog
      .selectFrom('ledger_entry')
      .select((eb) => eb.fn.countAll<number>().as('n'))
      .executeTakeFirstOrThrow();
    expect(Number(n)).toBe(100);
  });

  test('goes on when its connection is killed in the middle, and every checkpoint extends the one before', async () => {
    const sequencer = start({ batch: 7 });
    const owner = database.as('owner');
    for (let round = 0; round < 4; round++) {
      await append(40);
      await sql`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'fengcun_ledger' and datname = current_database()`.execute(
        owner,
      );
    }
    await publishedSize(160);
    await sequencer.close();
    const heads = await catalog.selectFrom('ledger_checkpoint').selectAll().orderBy('size').execute();
    const tree = (size: number) => tileTree(size, tileReader(catalog), nativeHasher);
    for (const [i, newer] of heads.entries()) {
      const older = heads[i - 1];
      if (!older) continue;
      const proof = await tree(newer.size).consistencyProof(older.size);
      const roots = { oldRoot: older.root as never, newRoot: newer.root as never };
      expect(() => verifyConsistency({ oldSize: older.size, newSize: newer.size, ...roots, proof })).not.toThrow();
    }
  });

  test('halts with an alarm, and signs nothing, when a tile was edited', async () => {
    await append(10);
    const before = start();
    await publishedSize(10);
    await before.close();
    await sql`update ledger_tile set hashes = set_byte(hashes, 40, get_byte(hashes, 40) # 1)`.execute(
      database.as('owner'),
    );
    await append(1);
    const sequencer = start();
    await vi.waitFor(() => expect(sequencer.state).toBe('halted'), { timeout: 20_000 });
    await vi.waitFor(async () => {
      const alarm = await catalog.selectFrom('alarm').select(['kind', 'detail']).executeTakeFirst();
      expect(alarm).toMatchObject({ kind: 'ledger', detail: expect.stringContaining('do not lead to the root') });
    });
    await sequencer.close();
    expect((await latestCheckpoint(catalog))?.size).toBe(10);
  });

  test('halts when the database was put back to an older state', async () => {
    await append(10);
    const before = start();
    await publishedSize(10);
    await before.close();
    expect(await readFile(join(directory, 'memory'), 'utf8')).toMatch(/^10 /);
    await database.drop();
    database = await createTestDatabase(testPostgresUrl());
    catalog = database.as('fengcun_ledger');
    await append(5);
    const sequencer = start();
    await vi.waitFor(() => expect(sequencer.state).toBe('halted'), { timeout: 20_000 });
    await sequencer.close();
    expect(await latestCheckpoint(catalog)).toBeUndefined();
  });

  test('halts when history was rewritten to the same length and beyond', async () => {
    await append(10);
    const before = start();
    await publishedSize(10);
    await before.close();
    await database.drop();
    database = await createTestDatabase(testPostgresUrl());
    catalog = database.as('fengcun_ledger');
    await append(12);
    const elsewhere = start({ memory: fileSigningMemory(join(directory, 'other')) });
    await publishedSize(12);
    await elsewhere.close();
    const sequencer = start();
    await append(1);
    await vi.waitFor(() => expect(sequencer.state).toBe('halted'), { timeout: 20_000 });
    await sequencer.close();
  });
});
