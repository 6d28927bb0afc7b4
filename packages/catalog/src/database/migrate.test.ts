import { testPostgresUrl } from '@fengcun/local/testing';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { migrate } from './migrate.ts';

describe('migrate', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase(testPostgresUrl());
  });
  afterAll(() => database.drop());

  test('applies nothing twice, also when several processes start together', async () => {
    expect(await Promise.all([migrate(database.ownerUrl), migrate(database.ownerUrl)])).toEqual([[], []]);
  });

  test('refuses a history that was edited', async () => {
    const owner = database.as('owner');
    await sql`update schema_migration set sha256 = 'other' where name = '0001_foundation.sql'`.execute(owner);
    await expect(migrate(database.ownerUrl)).rejects.toMatchObject({ code: 'migration_changed' });
  });

  test('knows what a matrix could speak of that was set before there was redaction', async () => {
    const old = await createTestDatabase(testPostgresUrl(), { before: '0010_redaction.sql' });
    try {
      const owner = old.as('owner');
      const id = '00000000-0000-7000-8000-000000000001';
      await sql`insert into unit (id, name, code, path) values (${id}, '市局', '410000', array[${id}::uuid])`.execute(
        owner,
      );
      await sql`insert into account (id, login, name, unit_id, password_hash, created_at)
        values (${id}, 'a', '甲', ${id}, 'x', now())`.execute(owner);
      const set = async (version: number) =>
        sql`insert into access_matrix (version, rows, sha256, changed_by, changed_at, reason)
          values (${version}, '[]', decode(repeat('00', 32), 'hex'), ${id}, clock_timestamp(), 'x')`.execute(owner);
      await set(1);
      await migrate(old.ownerUrl, { before: '0013_matrix_actions.sql' });
      await set(2);
      expect(await migrate(old.ownerUrl)).toContain('0013_matrix_actions.sql');
      const { rows } = await sql<{ version: number; redact: boolean; play: boolean }>`
        select version, 'redact' = any(actions) and 'review_redaction' = any(actions) as redact, 'play' = any(actions) as play
        from access_matrix order by version`.execute(owner);
      expect(rows).toEqual([
        { version: 1, redact: false, play: true },
        { version: 2, redact: true, play: true },
      ]);
      await expect(sql`update access_matrix set actions = '{see}'`.execute(owner)).rejects.toThrow('never changed');
    } finally {
      await old.drop();
    }
  });

  test('examines still pictures anew that could not be looked at before', async () => {
    const old = await createTestDatabase(testPostgresUrl(), { before: '0014_still_pictures.sql' });
    try {
      const owner = old.as('owner');
      const stream = { type: 'video', width: 4, height: 3 };
      const probes = [
        { kind: 'image', container: 'jpeg_pipe', streams: [stream] },
        { kind: 'image', container: null, streams: [] },
        { kind: 'document', container: null, streams: [] },
      ];
      // Only the derivatives matter here, not what they are of.
      await sql`alter table derivative drop constraint derivative_evidence_id_fkey`.execute(owner);
      for (const [n, probe] of probes.entries()) {
        const evidence = `00000000-0000-7000-8000-00000000000${n}`;
        await sql`insert into derivative (evidence_id, kind, state, reason, data, updated_at) values
          (${evidence}, 'probe', 'ready', null, ${JSON.stringify(probe)}, now()),
          (${evidence}, 'proxy', 'nothing_to_play', ${probe.kind}, null, now()),
          (${evidence}, 'poster', 'nothing_to_play', ${probe.kind}, null, now())`.execute(owner);
      }
      await migrate(old.ownerUrl);
      const pending = await owner
        .selectFrom('derivative')
        .select(['evidence_id', 'kind'])
        .where('state', '=', 'pending')
        .execute();
      expect(pending).toEqual([{ evidence_id: '00000000-0000-7000-8000-000000000000', kind: 'proxy' }]);
    } finally {
      await old.drop();
    }
  });

  test('keeps the three administrators apart', async () => {
    const owner = database.as('owner');
    const unit = '00000000-0000-7000-8000-000000000001';
    const account = '00000000-0000-7000-8000-000000000002';
    await owner
      .insertInto('unit')
      .values({ id: unit, parent_id: null, name: '市局', code: '410000', path: [unit] })
      .execute();
    await owner
      .insertInto('account')
      .values({ id: account, login: 'a', name: '甲', unit_id: unit, password_hash: 'x', created_at: new Date() })
      .execute();
    const hold = (role: 'auditor' | 'security_admin') =>
      owner.insertInto('account_role').values({ account_id: account, unit_id: unit, role }).execute();
    await hold('auditor');
    await expect(hold('security_admin')).rejects.toThrow(/already holds another administrator role/);
  });
});
