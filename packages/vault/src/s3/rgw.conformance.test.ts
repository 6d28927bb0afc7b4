import { randomUUID } from 'node:crypto';
import { testRgw } from '@fengcun/local/testing';
import { beforeAll } from 'vitest';
import { describeVaultConformance } from '../conformance/index.ts';
import { openS3Vault, prepareS3Buckets, type S3VaultOptions } from './index.ts';

let options: S3VaultOptions;

beforeAll(async () => {
  const { endpoint, ...credentials } = await testRgw();
  options = { endpoint, credentials, bucket: `conformance-${randomUUID()}` };
  await prepareS3Buckets(options);
}, 120_000);

// What is locked cannot be removed: each test has a prefix of its own, and the engine's state goes with the run.
describeVaultConformance('s3 on Ceph RGW', async () => {
  const fresh = { ...options, prefix: `${randomUUID()}/` };
  return { vault: await openS3Vault(fresh), reopen: () => openS3Vault(fresh), dispose: async () => undefined };
});
