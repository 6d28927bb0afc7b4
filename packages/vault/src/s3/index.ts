/** The S3 driver, in an entry of its own: whoever keeps a vault on disk need not load an S3 client. */
export { prepareS3Buckets } from './buckets.ts';
export type { Encryption, S3VaultOptions } from './options.ts';
export { openS3Vault } from './s3-vault.ts';
