import { randomUUID } from 'node:crypto';
import { GenericContainer, getContainerRuntimeClient, type StartedTestContainer, Wait } from 'testcontainers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeVaultConformance } from '../conformance/index.ts';
import { openS3Vault, prepareS3Buckets, type S3VaultOptions } from './index.ts';

// A maintained fork of MinIO, whose own images are no longer published. FENGCUN_TEST_S3_IMAGE names another one that takes the same settings.
const IMAGE =
  process.env.FENGCUN_TEST_S3_IMAGE ??
  'pgsty/silo:RELEASE.2026-09-16T00-00-00Z@sha256:635197cb9f36d01bee221d34d1c7d7960f6a95c48b0b6c01d99cd13bdae51a46';

const absence = await getContainerRuntimeClient().then(
  () => null,
  (error: unknown) => (error instanceof Error ? error.message : String(error)),
);

if (absence !== null) {
  describe('vault conformance: s3 on a MinIO-compatible engine', () => {
    it('runs in a container', (test) => test.skip(`no Docker engine answers: ${absence}`));
  });
  process.stdout.write(
    `The vault is not tested on a MinIO-compatible engine: no Docker engine answers (${absence}).\n`,
  );
} else {
  let container: StartedTestContainer;
  let options: S3VaultOptions;

  beforeAll(async () => {
    const credentials = { accessKeyId: 'fengcun', secretAccessKey: randomUUID() };
    container = await new GenericContainer(IMAGE)
      .withEnvironment({ MINIO_ROOT_USER: credentials.accessKeyId, MINIO_ROOT_PASSWORD: credentials.secretAccessKey })
      .withCommand(['server', '/data'])
      .withExposedPorts(9000)
      .withWaitStrategy(Wait.forHttp('/minio/health/ready', 9000))
      .start();
    const endpoint = `http://${container.getHost()}:${container.getMappedPort(9000)}`;
    options = { endpoint, credentials, bucket: 'conformance' };
    await prepareS3Buckets(options);
    process.stdout.write(`tests use ${IMAGE} at ${endpoint}\n`);
  }, 600_000);
  afterAll(() => container?.stop());

  describeVaultConformance('s3 on a MinIO-compatible engine', async () => {
    const fresh = { ...options, prefix: `${randomUUID()}/` };
    return { vault: await openS3Vault(fresh), reopen: () => openS3Vault(fresh), dispose: async () => undefined };
  });

  it('makes what is missing only once', async () => {
    expect(await prepareS3Buckets(options)).toEqual([]);
  });
}
