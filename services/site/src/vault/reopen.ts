import { readUser } from '@fengcun/local';
import type { VaultConfig } from '@fengcun/vault';
import type { SiteLayout } from '../data/layout.ts';
import { readState } from '../data/state.ts';
import { diskVault, givenS3Config } from './engine.ts';
import { readVaultRecord } from './record.ts';

/** How to open the vault of a site from outside its programs, with its owner's rights: for looking after it, and for tests. */
export async function vaultOf(layout: SiteLayout): Promise<VaultConfig> {
  const choice = (await readVaultRecord(layout)) ?? { kind: 'disk' };
  if (choice.kind === 'disk') return diskVault(layout).owner;
  if (choice.kind === 's3-given') return givenS3Config(layout, choice, process.env);
  const { vault } = (await readState(layout)) ?? {};
  if (vault?.endpoint === undefined || vault.bucket === undefined) {
    throw new Error(`${layout.root} has an S3 engine of its own, which does not run now; start the site first.`);
  }
  const { endpoint, bucket } = vault;
  const credentials = await readUser(layout.s3);
  return { driver: 's3', endpoint, bucket, credentials, scratchDir: layout.scratch };
}
