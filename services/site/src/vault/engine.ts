import { grantVaultAccess, type RgwServer } from '@fengcun/local';
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
  const config = givenS3Config(layout, choice);
  await refusing(() => prepareS3Buckets(config));
  return { web: config, worker: config, owner: config };
}

export function givenS3Config(layout: SiteLayout, { endpoint, bucket, region }: GivenS3Choice) {
  return { driver: 's3', endpoint, bucket, region, scratchDir: layout.scratch } as const;
}

export function factsOf(config: VaultConfig, protection: VaultFacts['protection']): VaultFacts {
  if (config.driver === 'disk') return { driver: 'disk', protection };
  const { bucket, endpoint } = config;
  return { driver: 's3', protection, bucket, ...(endpoint === undefined ? {} : { endpoint }) };
}
