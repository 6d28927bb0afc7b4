import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, type TestDatabase } from '@fengcun/catalog/testing';
import { runAlone, testPostgresUrl } from '@fengcun/local/testing';
import { formatSigningKey, generateSigningKey } from '@fengcun/tlog';
import { afterAll, beforeAll, expect, it } from 'vitest';

let database: TestDatabase;
let directory: string;
beforeAll(async () => {
  database = await createTestDatabase(testPostgresUrl());
  directory = await mkdtemp(join(tmpdir(), 'fengcun-ledger-'));
});
afterAll(async () => {
  await database.drop();
  await rm(directory, { recursive: true, force: true });
});

it('the service by itself answers, is ready, and ends in order', async () => {
  const key = join(directory, 'log.key');
  await writeFile(key, `${formatSigningKey(generateSigningKey('log.test.example'))}\n`);
  await using alone = await runAlone(new URL('./main.ts', import.meta.url), {
    FENGCUN_PORT: '0',
    FENGCUN_DATABASE_URL: database.url('fengcun_ledger'),
    FENGCUN_SITE_ID: 'test-site',
    FENGCUN_LOG_KEY: key,
    FENGCUN_LOG_MEMORY: join(directory, 'log.memory'),
  });
  expect((await fetch(`${alone.url}/health/ready`)).status).toBe(200);
  expect(await (await fetch(`${alone.url}/ledger/keys`)).text()).toMatch(/^log\.test\.example\+/);
  expect(await alone.end()).toBe(0);
});
