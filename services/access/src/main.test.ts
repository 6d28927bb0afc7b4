import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { testAudience } from '@fengcun/identity/testing';
import { runAlone } from '@fengcun/local/testing';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { type Harness, startHarness } from './testing/harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

it('the service by itself answers, is ready, and ends in order', async () => {
  const secret = join(harness.vaultDir, '..', `${harness.database.ownerUrl.split('/').at(-1)}.secret`);
  await writeFile(secret, randomBytes(32).toString('hex'), { mode: 0o600 });
  onTestFinished(() => rm(secret));
  await using alone = await runAlone(new URL('./main.ts', import.meta.url), {
    FENGCUN_PORT: '0',
    FENGCUN_DATABASE_URL: harness.database.url('fengcun_access'),
    FENGCUN_VAULT_ROOT: harness.vaultDir,
    FENGCUN_SITE_SECRET_FILE: secret,
    FENGCUN_SITE_ID: testAudience,
    FENGCUN_SITE_NAME: '临江市公安局',
    FENGCUN_LOG_ORIGIN: 'log.test.example',
    FENGCUN_UPLOAD_MAX_SIZE: '12345',
  });
  expect((await fetch(`${alone.url}/health/ready`)).status).toBe(200);
  const site = await fetch(`${alone.url}/api/site`);
  expect(await site.json()).toMatchObject({ id: testAudience, name: '临江市公安局', maxUploadSize: 12_345 });
  expect(await alone.end()).toBe(0);
});
