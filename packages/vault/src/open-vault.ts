import { type DiskVaultOptions, openDiskVault } from './disk/disk-vault.ts';
import type { Vault } from './port.ts';
import type { S3VaultOptions } from './s3/options.ts';

/** Which vault to open: one member per driver, already parsed and checked by the service's configuration. */
export type VaultConfig =
  | ({ readonly driver: 'disk' } & Pick<DiskVaultOptions, 'root' | 'reserveBytes'>)
  | ({ readonly driver: 's3' } & S3VaultOptions);

/** Opens the configured vault. `clock` is what retention is measured by where the driver, not an engine, enforces it. */
export async function openVault(config: VaultConfig, clock: () => Date = () => new Date()): Promise<Vault> {
  switch (config.driver) {
    case 'disk': {
      const { driver: _, ...options } = config;
      return openDiskVault({ ...options, clock });
    }
    case 's3': {
      const { driver: _, ...options } = config;
      // Loaded only when it is used: an S3 client is far more code than everything else here.
      const { openS3Vault } = await import('./s3/index.ts');
      return openS3Vault(options, clock);
    }
  }
}
