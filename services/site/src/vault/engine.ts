import { grantVaultAccess, type RgwServer } from '@fengcun/local';
import { readVaultSettings } from '@fengcun/runtime';
import type { VaultConfig } from '@fengcun/vault';
import { prepareS3Buckets } from '@fengcun/vault/s3';
import type { SiteLayout } from '../data/layout.ts';
import { defaultBucket, type GivenS3Choice } from './choice.ts';
import { refusing } from './refusal.ts';

/** How each program of a site opens the vault, with no more rights than its work takes where the engine can tell them apart. */
export interface SiteVault {
  /** takes in and reads */
  readonly web: VaultConfig;
  /** seals, and removes what nothing protects any more */
  readonly worker: VaultConfig;
  /** makes and checks; no running program has it */
  readonly owner: VaultConfig;
}

/** What may be told of a vault: no secrets. */
export interface VaultFacts {
  readonly driver: 'disk' | 's3';
  /** `enforced`: the engine refuses deletion to everybody who comes through it; `advisory`: it stops programs and mistakes */
  readonly protection: 'enforced' | 'advisory';
  readonly endpoint?: string;
  readonly bucket?: string;
}

export function diskVault(layout: SiteLayout): SiteVault {
  const config: VaultConfig = { driver: 'disk', root: layout.vault };
  return { web: config, worker: config, owner: config };
}

/** The vault on the Ceph that the site runs: three S3 users, kept apart by bucket policies. */
export async function ownS3Vault(layout: SiteLayout, server: RgwServer): Promise<SiteVault> {
  const { endpoint, accessKeyId, secretAccessKey } = server;
  const buckets = { bucket: defaultBucket, stagingBucket: `${defaultBucket}-staging` };
  const shared = { driver: 's3', endpoint, ...buckets, scratchDir: layout.scratch } as const;
  const owner = { ...shared, credentials: { accessKeyId, secretAccessKey } };
  await refusing(() => prepareS3Buckets(owner));
  const { receiving, sealing } = await grantVaultAccess(server, buckets);
  return { web: { ...shared, credentials: receiving }, worker: { ...shared, credentials: sealing }, owner };
}

/**
 * The vault on an engine that is somebody else's: every program finds its credentials where the AWS tools do, so they are the same for all;
 * separate ones take separate machines or users, and programs that run alone.
 */
export async function givenS3Vault(layout: SiteLayout, choice: GivenS3Choice): Promise<SiteVault> {
  return refusing(async () => {
    const config = givenS3Config(layout, choice, process.env);
    await prepareS3Buckets(config);
    return { web: config, worker: config, owner: config };
  });
}

/**
 * What was chosen on the command line, and how to reach it from the environment (`FENGCUN_VAULT_S3_CA_FILE`, `..._ENCRYPTION`, ...). Where in the
 * engine the site's recordings are, and that its lock is relied on, is the data directory's to say and not the environment's.
 *
 * @throws ConfigError
 */
export function givenS3Config(
  layout: SiteLayout,
  { endpoint, bucket, region }: GivenS3Choice,
  environment: NodeJS.ProcessEnv,
): VaultConfig & { readonly driver: 's3' } {
  const settings = readVaultSettings({
    ...environment,
    FENGCUN_VAULT_DRIVER: 's3',
    FENGCUN_VAULT_S3_ENDPOINT: endpoint,
    FENGCUN_VAULT_S3_BUCKET: bucket,
    FENGCUN_VAULT_S3_REGION: region,
    FENGCUN_VAULT_S3_STAGING_BUCKET: '',
    FENGCUN_VAULT_S3_PREFIX: '',
    FENGCUN_VAULT_S3_PROTECTION: 'enforced',
    FENGCUN_VAULT_S3_SCRATCH_DIR: layout.scratch,
  });
  if (settings.driver !== 's3') throw new TypeError('Asked for s3, the settings are for another driver.');
  return settings;
}

export function factsOf(config: VaultConfig, protection: VaultFacts['protection']): VaultFacts {
  if (config.driver === 'disk') return { driver: 'disk', protection };
  const { bucket, endpoint } = config;
  return { driver: 's3', protection, bucket, ...(endpoint === undefined ? {} : { endpoint }) };
}
