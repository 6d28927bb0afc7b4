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
