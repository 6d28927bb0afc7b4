import { describe, expect, test } from 'vitest';
import { ConfigError } from './read-config.ts';
import { readOptionalVaultSettings, readVaultSettings } from './vault-settings.ts';

describe('the settings of a vault', () => {
  test('are a directory for the driver disk', () => {
    expect(readVaultSettings({ FENGCUN_VAULT_ROOT: '/srv/vault' })).toEqual({ driver: 'disk', root: '/srv/vault' });
    expect(() => readVaultSettings({})).toThrow(ConfigError);
  });

  test('are a bucket and what has no default for the driver s3', () => {
    expect(() => readVaultSettings({ FENGCUN_VAULT_DRIVER: 's3' })).toThrow('FENGCUN_VAULT_S3_BUCKET');
    expect(
      readVaultSettings({
        FENGCUN_VAULT_DRIVER: 's3',
        FENGCUN_VAULT_S3_BUCKET: 'evidence',
        FENGCUN_VAULT_S3_PREFIX: 'north',
        FENGCUN_VAULT_S3_ENDPOINT: 'https://s3.example',
        FENGCUN_VAULT_S3_PROFILE: 'vault',
        FENGCUN_VAULT_S3_ENCRYPTION: 'kms',
        FENGCUN_VAULT_S3_KMS_KEY: 'key-1',
      }),
    ).toMatchObject({
      driver: 's3',
      bucket: 'evidence',
      stagingBucket: 'evidence-staging',
      prefix: 'north/',
      endpoint: 'https://s3.example',
      profile: 'vault',
      encryption: { kind: 'kms', keyId: 'key-1' },
      protection: 'enforced',
    });
  });

  test('need not be there for a second vault', () => {
    expect(readOptionalVaultSettings({}, 'FENGCUN_REPLICA_VAULT')).toBeNull();
    const env = { FENGCUN_REPLICA_VAULT_DRIVER: 'disk', FENGCUN_REPLICA_VAULT_ROOT: '/srv/copy' };
    expect(readOptionalVaultSettings(env, 'FENGCUN_REPLICA_VAULT')).toEqual({ driver: 'disk', root: '/srv/copy' });
  });
});
