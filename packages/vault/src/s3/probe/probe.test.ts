import { randomUUID } from 'node:crypto';
import { testRgw } from '@fengcun/local/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { run } from '../../check/cli.ts';
import type { ProbeFinding } from '../../port.ts';
import { type Lie, lie, type S3Proxy, startS3Proxy } from '../../testing/index.ts';
import { openS3Vault, prepareS3Buckets, type S3VaultOptions } from '../index.ts';

let options: S3VaultOptions & { readonly endpoint: string };

beforeAll(async () => {
  const { endpoint, ...credentials } = await testRgw();
  options = { endpoint, credentials, bucket: `probe-${randomUUID()}` };
  await prepareS3Buckets(options);
  // For the command, which is given none: they come from the SDK's default chain.
  vi.stubEnv('AWS_ACCESS_KEY_ID', credentials.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey);
}, 120_000);
afterAll(() => vi.unstubAllEnvs());

// Not `onTestFinished`, which does not know which of several tests at once it belongs to.
async function withProxy(work: (proxy: S3Proxy, fresh: S3VaultOptions) => Promise<void>): Promise<void> {
  const proxy = await startS3Proxy(options.endpoint);
  try {
    await work(proxy, { ...options, endpoint: proxy.endpoint, prefix: `${randomUUID()}/` });
  } finally {
    await proxy.close();
  }
}

const silent = { out: () => undefined, err: () => undefined };

async function probe(fresh: S3VaultOptions): Promise<readonly ProbeFinding[]> {
  const vault = await openS3Vault(fresh);
  try {
    return await vault.probe();
  } finally {
    await vault.close();
  }
}

const brokenMusts = (findings: readonly ProbeFinding[]) =>
  findings.filter(({ must, outcome }) => must && outcome !== 'passed').map(({ check, outcome }) => [check, outcome]);

// Each waits some seconds for a lock to run out, so they do it side by side.
describe.concurrent('the probe of an engine', () => {
  const lies: readonly (readonly [Lie, readonly (readonly [string, ProbeFinding['outcome']])[]])[] = [
    [
      'deletes',
      [
        ['delete refused while retained', 'failed'],
        ['delete refused also with bypass', 'not_checked'],
        ['delete in bulk refused while retained', 'not_checked'],
      ],
    ],
    [
      'deletes_with_bypass',
      [
        ['delete refused also with bypass', 'failed'],
        ['delete in bulk refused while retained', 'not_checked'],
      ],
    ],
    ['deletes_in_bulk', [['delete in bulk refused while retained', 'failed']]],
    ['deletes_held', [['delete refused under legal hold', 'failed']]],
    ['does_not_extend', [['retention can be extended', 'failed']]],
    ['overwrites', [['overwriting leaves the version as it was', 'failed']]],
    ['suspends', [['suspending versioning refused', 'failed']]],
    ['ignores_default', [['locked from completion on', 'failed']]],
    ['takes_damage', [['bytes damaged on the way are refused', 'failed']]],
  ];
  it.each(lies)('finds one that %s', (kind, expected) =>
    withProxy(async (proxy, fresh) => {
      lie(proxy, kind);
      expect(brokenMusts(await probe(fresh))).toEqual(expect.arrayContaining([...expected]));
    }),
  );

  it.each([
    ['shortens', 'shortening refused'],
    ['downgrades', 'downgrade to GOVERNANCE refused'],
    ['unlocks', 'taking retention away refused'],
  ] as const)('finds one that %s', (kind, check) =>
    withProxy(async (proxy, fresh) => {
      lie(proxy, kind);
      expect(brokenMusts(await probe(fresh))).toContainEqual([check, 'failed']);
    }),
  );

  it('says not checked, not passed, of what the engine did not answer', () =>
    withProxy(async (proxy, fresh) => {
      const vault = await openS3Vault({ ...fresh, retrySeconds: 0 });
      proxy.refuse('Versioning', { times: 1_000 });
      const findings = await vault.probe();
      await vault.close();
      const outcomes = new Map(findings.map(({ check, outcome }) => [check, outcome]));
      expect(outcomes.get('the bucket keeps versions and locks objects')).toBe('not_checked');
      expect(outcomes.get('suspending versioning refused')).toBe('not_checked');
      expect(outcomes.get('delete refused while retained')).toBe('passed');
    }));

  it('relies on no lock that was declared advisory, and on everything else', () =>
    withProxy(async (proxy, fresh) => {
      lie(proxy, 'deletes');
      const findings = await probe({ ...fresh, protection: 'advisory' });
      expect(brokenMusts(findings)).toEqual([]);
      expect(findings).toContainEqual(
        expect.objectContaining({ check: 'delete refused while retained', outcome: 'failed' }),
      );
    }));

  it('uses the same locked dummies again, so that restarts do not fill the bucket', () =>
    withProxy(async (proxy, fresh) => {
      await probe(fresh);
      const begun = () => proxy.operations.filter((operation) => operation === 'CreateMultipartUpload').length;
      const before = begun();
      const findings = await probe(fresh);
      expect(begun()).toBe(before);
      expect(brokenMusts(findings)).toEqual([]);
    }));

  it('is a command that makes what is missing, prints a table, and fails on an engine that lies', () =>
    withProxy(async (proxy) => {
      let printed = '';
      const print = (text: string): void => {
        printed += text;
      };
      const env = {
        FENGCUN_VAULT_DRIVER: 's3',
        FENGCUN_VAULT_S3_ENDPOINT: proxy.endpoint,
        FENGCUN_VAULT_S3_BUCKET: `check-${randomUUID()}`,
      };
      const check = () => run(['check'], env, { out: print, err: print });
      expect(await check()).toBe(0);
      expect(printed).toMatch(
        /made the bucket check-[\s\S]*结果 +必须 must[\s\S]*通过 +passed +必须 must +delete refused while retained/,
      );
      lie(proxy, 'deletes');
      expect(await check()).toBe(1);
      expect(printed).toContain('not fit for evidence');
      expect(await run(['check'], { FENGCUN_VAULT_DRIVER: 's3' }, silent)).toBe(78);
      expect(await run(['chekc'], env, silent)).toBe(2);
      await proxy.setDown(true);
      expect(await run(['check'], { ...env, FENGCUN_VAULT_S3_RETRY_SECONDS: '0' }, silent)).toBe(3);
      await proxy.setDown(false);
    }));
});
