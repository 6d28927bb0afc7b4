import { describe, expect, test } from 'vitest';
import { layoutOf } from '../data/layout.ts';
import { givenS3Config } from './engine.ts';
import { refusing } from './refusal.ts';

const layout = layoutOf('/srv/site');
const choice = { kind: 's3-given', endpoint: 'https://s3.example', region: 'cn-north-1', bucket: 'evidence' } as const;

describe('an engine that is there already', () => {
  test('is reached as the environment says', () => {
    const environment = {
      FENGCUN_VAULT_S3_CA_FILE: '/etc/engine.pem',
      FENGCUN_VAULT_S3_ADDRESSING: 'virtual_host',
      FENGCUN_VAULT_S3_ENCRYPTION: 'kms',
      FENGCUN_VAULT_S3_KMS_KEY: 'key-1',
      FENGCUN_VAULT_S3_PROFILE: 'vault',
    };
    expect(givenS3Config(layout, choice, environment)).toMatchObject({
      driver: 's3',
      endpoint: 'https://s3.example',
      region: 'cn-north-1',
      bucket: 'evidence',
      caFile: '/etc/engine.pem',
      addressing: 'virtual_host',
      encryption: { kind: 'kms', keyId: 'key-1' },
      profile: 'vault',
      scratchDir: layout.scratch,
    });
  });

  test('is the one that was chosen, and relied on, whatever the environment says', () => {
    const environment = {
      FENGCUN_VAULT_DRIVER: 'disk',
      FENGCUN_VAULT_S3_ENDPOINT: 'https://elsewhere.example',
      FENGCUN_VAULT_S3_BUCKET: 'other',
      FENGCUN_VAULT_S3_STAGING_BUCKET: 'other-staging',
      FENGCUN_VAULT_S3_PREFIX: 'north',
      FENGCUN_VAULT_S3_PROTECTION: 'advisory',
    };
    expect(givenS3Config(layout, choice, environment)).toEqual(givenS3Config(layout, choice, {}));
  });

  test('is refused with a sentence that names a wrong setting', async () => {
    const opening = refusing(async () => givenS3Config(layout, choice, { FENGCUN_VAULT_S3_ENCRYPTION: 'sse' }));
    await expect(opening).rejects.toMatchObject({
      code: 'vault_refused',
      message: expect.stringContaining('FENGCUN_VAULT_S3_ENCRYPTION is "sse"; allowed: none, s3, kms'),
    });
  });
});
