import { personal } from '@fengcun/contracts';
import { testPostgresUrl } from '@fengcun/local/testing';
import { systemClock } from '@fengcun/runtime';
import { parseEntry, verifyOpening } from '@fengcun/tlog';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { appendEvent } from './append-event.ts';

describe('appendEvent', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase(testPostgresUrl());
  });
  afterAll(() => database.drop());

  const event = (reason: string) =>
    ({
      type: 'alarm.acknowledged',
      actor: { kind: 'account', id: 'a1', name: personal('王芳') },
      subject: { kind: 'alarm', id: 'b2' },
      data: { note: personal(reason) },
    }) as const;

  test('stores canonical bytes in which personal data is committed to, and openings that verify', async () => {
    const db = database.as('fengcun_access');
    const id = await appendEvent(db, event('已核实 ✓'), systemClock);
    const row = await db.selectFrom('ledger_event').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    const entry = parseEntry(row.entry);
    expect(row.entry.toString()).not.toContain('王芳');
    const openings = await db
      .selectFrom('ledger_opening')
      .selectAll()
      .where('event_id', '=', id)
      .orderBy('path')
      .execute();
    expect(openings.map(({ path, value }) => [path, value])).toEqual([
      ['/actor/name', '王芳'],
      ['/data/note', '已核实 ✓'],
    ]);
    for (const { path, salt, value } of openings)
      verifyOpening(entry, { path, salt: salt.toString('base64url'), value });
  });

  test('puts the event before the sequencer, in the same transaction', async () => {
    const db = database.as('fengcun_access');
    const id = await appendEvent(db, event('一'), systemClock);
    await expect(
      db.transaction().execute(async (trx) => {
        await appendEvent(trx, event('二'), systemClock);
        throw new Error('the fact failed');
      }),
    ).rejects.toThrow('the fact failed');
    const pending = await database.as('owner').selectFrom('ledger_pending').select('event_id').execute();
    expect(pending.at(-1)?.event_id).toBe(id);
  });

  test('is parsed once by the server for each connection, however many events follow', async () => {
    await database
      .as('fengcun_access')
      .connection()
      .execute(async (db) => {
        for (const reason of ['一', '二']) await appendEvent(db, event(reason), systemClock);
        const { rows } = await sql<{ uses: number }>`
        select (generic_plans + custom_plans)::int as uses from pg_prepared_statements where name like 'append_event_%'`.execute(
          db,
        );
        expect(rows).toHaveLength(1);
        expect(rows[0]?.uses).toBeGreaterThanOrEqual(2);
      });
  });

  test('refuses an event of 64 KiB and appends nothing', async () => {
    const db = database.as('fengcun_access');
    const before = await count(db);
    const huge = { ...event('x'), subject: { kind: 'alarm', id: 'x'.repeat(65_536) } } as const;
    await expect(appendEvent(db, huge, systemClock)).rejects.toMatchObject({ code: 'event_too_large' });
    expect(await count(db)).toBe(before);
  });

  test.each(['fengcun_upload', 'fengcun_access', 'fengcun_worker', 'fengcun_ledger'] as const)(
    '%s can neither change nor remove an event',
    async (role) => {
      const db = database.as(role);
      for (const statement of [
        'update ledger_event set type = type',
        'delete from ledger_event',
        'truncate ledger_event',
      ]) {
        await expect(sql.raw(statement).execute(db)).rejects.toThrow(/permission denied/);
      }
    },
  );

  test('not even the owner can change or remove one by accident', async () => {
    const owner = database.as('owner');
    for (const statement of [
      'update ledger_event set type = type',
      'delete from ledger_event',
      'truncate ledger_event cascade',
    ]) {
      await expect(sql.raw(statement).execute(owner)).rejects.toThrow(/never changed or removed/);
    }
  });
});

async function count(db: ReturnType<TestDatabase['as']>): Promise<number> {
  const { n } = await db
    .selectFrom('ledger_event')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow();
  return Number(n);
}
