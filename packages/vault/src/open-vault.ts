import { type DiskVaultOptions, openDiskVault } from './disk/disk-vault.ts';
import type { Vault } from './port.ts';

/** Which vault to open: one member per driver, already parsed and checked by the service's configuration. */
export type VaultConfig = { readonly driver: 'disk' } & Pick<DiskVaultOptions, 'root' | 'reserveBytes'>;

/** Opens the configured vault. `clock` is what retention is measured by where the driver, not an engine, enforces it. */
export async function openVault(config: VaultConfig, clock: () => Date = () => new Date()): Promise<Vault> {
  const { driver, ...options } = config;
  switch (driver) {
    case 'disk':
      return openDiskVault({ ...options, clock });
  }
}
