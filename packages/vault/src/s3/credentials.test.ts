import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testRgw } from '@fengcun/local/testing';
import { expect, it, onTestFinished, vi } from 'vitest';
import { openS3Vault, prepareS3Buckets } from './index.ts';

it('takes each vault’s credentials from its own section of the shared file, whatever the environment has', async () => {
  const { endpoint, ...owner } = await testRgw();
  const bucket = `profile-${randomUUID()}`;
  await prepareS3Buckets({ endpoint, credentials: owner, bucket });
  const directory = await mkdtemp(join(tmpdir(), 'fengcun-profile-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const section = (name: string, id: string, secret: string) =>
    `[${name}]\naws_access_key_id = ${id}\naws_secret_access_key = ${secret}\n`;
  const file = join(directory, 'credentials');
  await writeFile(
    file,
    section('first', 'NOBODY', 'nothing') + section('second', owner.accessKeyId, owner.secretAccessKey),
  );
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', file);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'NOBODY');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'nothing');
  onTestFinished(() => void vi.unstubAllEnvs());

  const second = await openS3Vault({ endpoint, bucket, profile: 'second' });
  onTestFinished(() => second.close());
  await expect(openS3Vault({ endpoint, bucket, profile: 'first' })).rejects.toMatchObject({ name: 'VaultError' });
}, 120_000);
