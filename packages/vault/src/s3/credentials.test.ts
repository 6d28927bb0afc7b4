import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testRgw } from '@fengcun/local/testing';
import { beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { openS3Vault, prepareS3Buckets, type S3VaultOptions } from './index.ts';

let endpoint: string;
let owner: { readonly accessKeyId: string; readonly secretAccessKey: string };
let bucket: string;
/** shared credentials file with the sections `first` (nobody's) and `second` (the owner's) */
let file: string;

beforeAll(async () => {
  const rgw = await testRgw();
  ({ endpoint } = rgw);
  owner = { accessKeyId: rgw.accessKeyId, secretAccessKey: rgw.secretAccessKey };
  bucket = `profile-${randomUUID()}`;
  await prepareS3Buckets({ endpoint, credentials: owner, bucket });
  const directory = await mkdtemp(join(tmpdir(), 'fengcun-profile-'));
  file = join(directory, 'credentials');
  const section = (name: string, id: string, secret: string) =>
    `[${name}]\naws_access_key_id = ${id}\naws_secret_access_key = ${secret}\n`;
  await writeFile(
    file,
    section('first', 'NOBODY', 'nothing') + section('second', owner.accessKeyId, owner.secretAccessKey),
  );
  return () => rm(directory, { recursive: true });
}, 120_000);
beforeEach(() => {
  // Nothing of who runs the tests, and no question to the address where clouds answer with credentials.
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) vi.stubEnv(name, undefined);
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/dev/null');
  vi.stubEnv('AWS_CONFIG_FILE', '/dev/null');
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  return () => void vi.unstubAllEnvs();
});

async function opens(options: Partial<S3VaultOptions> = {}): Promise<void> {
  const vault = await openS3Vault({ endpoint, bucket, ...options });
  await vault.close();
}

it('takes the credentials from the environment', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', owner.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', owner.secretAccessKey);
  await opens();
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'nothing');
  await expect(opens()).rejects.toMatchObject({
    code: 'read_only',
    message: expect.stringMatching(/refuses these credentials/),
  });
});

it('takes them from the section of the shared file that AWS_PROFILE names', async () => {
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', file);
  vi.stubEnv('AWS_PROFILE', 'second');
  await opens();
});

it('takes each vault’s credentials from its own section of the shared file, whatever the environment has', async () => {
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', file);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'NOBODY');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'nothing');
  await opens({ profile: 'second' });
  await expect(opens({ profile: 'first' })).rejects.toMatchObject({ name: 'VaultError' });
});

it('says where it looks when there are none', async () => {
  await expect(opens()).rejects.toMatchObject({
    variable: 'FENGCUN_VAULT_S3_PROFILE',
    message: expect.stringMatching(
      /no credentials were found .*set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a section/,
    ),
  });
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', file);
  await expect(opens({ profile: 'third', variables: 'FENGCUN_REPLICA_VAULT' })).rejects.toMatchObject({
    variable: 'FENGCUN_REPLICA_VAULT_S3_PROFILE',
    message: expect.stringMatching(/name a section that the shared credentials file has/),
  });
});
