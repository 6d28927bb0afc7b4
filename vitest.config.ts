import { configDefaults, defineConfig } from 'vitest/config';

/** Most tests wait for a database, a child process or a browser half of their time; more at once than this starves two cores. */
const atOnce = 2;

/**
 * Three projects, from fast to slow. `unit` needs nothing but Node and ffmpeg; `integration` gets one real PostgreSQL and one real
 * Redis for the whole run (`infra/local/src/testing/global-setup.ts`); `system` starts the whole product. A test file of any of them can ask
 * for the run's Ceph RGW, which is started then (`infra/local/src/testing/rgw-setup.ts`).
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          sequence: { groupOrder: 0 },
          maxWorkers: atOnce,
          include: [
            'packages/{contracts,digest,media,policy,runtime,tlog,vault,verifier}/src/**/*.test.ts',
            'scripts/**/*.test.ts',
          ],
          globalSetup: ['infra/local/src/testing/rgw-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'integration',
          sequence: { groupOrder: 1 },
          maxWorkers: atOnce,
          include: [
            'packages/{catalog,identity,jobs}/src/**/*.test.ts',
            'services/{access,dock,ledger,upload,worker,console}/src/**/*.test.ts',
            'infra/local/src/**/*.test.ts',
            // Every service on one server, as a site mounts them; nothing of the product is started.
            'tests/authorisation/**/*.test.ts',
          ],
          globalSetup: ['infra/local/src/testing/global-setup.ts', 'infra/local/src/testing/rgw-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'system',
          sequence: { groupOrder: 2 },
          include: ['tests/**/*.test.ts', 'services/site/src/**/*.test.ts'],
          // With everything on S3 there is no need to run some of it there a second time.
          exclude: [
            ...configDefaults.exclude,
            'tests/authorisation/**',
            ...(process.env.FENGCUN_TEST_VAULT === 's3' ? ['tests/s3/unchanged/**'] : []),
          ],
          globalSetup: ['tests/product/global-setup.ts', 'infra/local/src/testing/rgw-setup.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
