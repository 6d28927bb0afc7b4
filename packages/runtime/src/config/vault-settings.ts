import { ConfigError, integer, oneOf, readConfig, text, url } from './read-config.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where originals are kept, as `openVault` takes it. */
export type VaultSettings = DiskVaultSettings | S3VaultSettings;

export interface DiskVaultSettings {
  readonly driver: 'disk';
  readonly root: string;
}

export interface S3VaultSettings {
  readonly driver: 's3';
  readonly bucket: string;
  readonly stagingBucket: string;
  readonly prefix: string;
  readonly endpoint?: string;
  readonly region: string;
  readonly addressing: 'path' | 'virtual_host';
  readonly profile?: string;
  readonly caFile?: string;
  readonly connections: number;
  readonly timeoutSeconds: number;
  readonly retrySeconds: number;
  /** bytes */
  readonly partMemory: number;
  readonly encryption:
    | { readonly kind: 'none' }
    | { readonly kind: 's3' }
    | { readonly kind: 'kms'; readonly keyId?: string };
  readonly protection: 'enforced' | 'advisory';
  readonly scratchDir?: string;
  /** what the names of its variables begin with */
  readonly variables: string;
}

/**
 * Reads a vault's variables, `PREFIX_DRIVER`, `PREFIX_ROOT` and `PREFIX_S3_...`. The credentials of S3 are not among them: they come from where
 * every S3 program looks for them. Throws `ConfigError` naming the variable.
 */
export function readVaultSettings(env: Environment, prefix = 'FENGCUN_VAULT'): VaultSettings {
  return settingsOf(
    readConfig(env, { driver: oneOf(`${prefix}_DRIVER`, ['disk', 's3'], { fallback: 'disk' }), ...variables(prefix) }),
    prefix,
  );
}

/** The same for a vault that there need not be: null unless `PREFIX_DRIVER` names one. */
export function readOptionalVaultSettings(env: Environment, prefix: string): VaultSettings | null {
  const driver = oneOf(`${prefix}_DRIVER`, ['none', 'disk', 's3'], { fallback: 'none' });
  const read = readConfig(env, { driver, ...variables(prefix) });
  return read.driver === 'none' ? null : settingsOf({ ...read, driver: read.driver }, prefix);
}

const variables = (prefix: string) => ({
  root: text(`${prefix}_ROOT`, { fallback: '' }),
  endpoint: url(`${prefix}_S3_ENDPOINT`, ['http', 'https'], { fallback: '' }),
  region: text(`${prefix}_S3_REGION`, { fallback: 'us-east-1' }),
  bucket: text(`${prefix}_S3_BUCKET`, { fallback: '' }),
  stagingBucket: text(`${prefix}_S3_STAGING_BUCKET`, { fallback: '' }),
  keyPrefix: text(`${prefix}_S3_PREFIX`, { fallback: '' }),
  addressing: oneOf(`${prefix}_S3_ADDRESSING`, ['path', 'virtual_host'], { fallback: 'path' }),
  profile: text(`${prefix}_S3_PROFILE`, { fallback: '' }),
  caFile: text(`${prefix}_S3_CA_FILE`, { fallback: '' }),
  connections: integer(`${prefix}_S3_CONNECTIONS`, { min: 8, max: 4096 }, { fallback: 64 }),
  timeoutSeconds: integer(`${prefix}_S3_TIMEOUT_SECONDS`, { min: 1, max: 3600 }, { fallback: 60 }),
  retrySeconds: integer(`${prefix}_S3_RETRY_SECONDS`, { min: 0, max: 600 }, { fallback: 20 }),
  partMemory: integer(`${prefix}_S3_PART_MEMORY`, { min: 32 * 1024 ** 2, max: 2 ** 40 }, { fallback: 512 * 1024 ** 2 }),
  encryption: oneOf(`${prefix}_S3_ENCRYPTION`, ['none', 's3', 'kms'], { fallback: 'none' }),
  kmsKey: text(`${prefix}_S3_KMS_KEY`, { fallback: '' }),
  protection: oneOf(`${prefix}_S3_PROTECTION`, ['enforced', 'advisory'], { fallback: 'enforced' }),
  scratchDir: text(`${prefix}_S3_SCRATCH_DIR`, { fallback: '' }),
});

type Read = ReturnType<typeof readConfig<ReturnType<typeof variables>>> & { readonly driver: 'disk' | 's3' };

function settingsOf(read: Read, prefix: string): VaultSettings {
  if (read.driver === 'disk') {
    if (read.root === '') throw new ConfigError(`${prefix}_ROOT`, undefined, 'a directory, for the driver disk');
    return Object.freeze({ driver: 'disk', root: read.root });
  }
  const { root: _, bucket, stagingBucket, keyPrefix, kmsKey, encryption, ...others } = read;
  const { endpoint, profile, caFile, scratchDir, ...rest } = others;
  if (bucket === '') throw new ConfigError(`${prefix}_S3_BUCKET`, undefined, 'the name of a bucket, for the driver s3');
  if (kmsKey !== '' && encryption !== 'kms') {
    throw new ConfigError(`${prefix}_S3_KMS_KEY`, kmsKey, `a key only with ${prefix}_S3_ENCRYPTION=kms`);
  }
  return Object.freeze({
    ...rest,
    driver: 's3',
    variables: prefix,
    bucket,
    stagingBucket: stagingBucket === '' ? `${bucket}-staging` : stagingBucket,
    prefix: keyPrefix === '' || keyPrefix.endsWith('/') ? keyPrefix : `${keyPrefix}/`,
    encryption:
      encryption === 'kms' ? { kind: encryption, ...(kmsKey === '' ? {} : { keyId: kmsKey }) } : { kind: encryption },
    ...(endpoint === '' ? {} : { endpoint }),
    ...(profile === '' ? {} : { profile }),
    ...(caFile === '' ? {} : { caFile }),
    ...(scratchDir === '' ? {} : { scratchDir }),
  });
}
