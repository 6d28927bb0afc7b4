/** Immutable object storage: the port, its drivers, and how to open one. */
export { type DiskVaultOptions, openDiskVault } from './disk/disk-vault.ts';
export { VaultError, type VaultErrorCode } from './errors.ts';
export { isObjectKey, parseObjectKey } from './keys.ts';
export { openVault, type VaultConfig } from './open-vault.ts';
export type * from './port.ts';
export type { Encryption, S3VaultOptions } from './s3/options.ts';
export { sweepTransfers } from './sweep-transfers.ts';
