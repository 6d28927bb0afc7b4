import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openVault, parseObjectKey } from '@fengcun/vault';
import { expect, it } from 'vitest';
import { dataDirectory, isReady, killSite, processesIn, site, startedSite } from '../tests/site-process.ts';
import { layoutOf } from './data/layout.ts';
import { vaultOf } from './vault/reopen.ts';

it('starts on an S3 engine of its own, survives SIGKILL of everything, refuses another vault, and stops', {
  timeout: 300_000,
}, async () => {
  const dataDir = await dataDirectory();
  const first = await startedSite(dataDir, '--no-demo', '--s3');
  const state = JSON.parse(await readFile(join(dataDir, 'site.json'), 'utf8'));
  expect(state.vault).toMatchObject({ driver: 's3', protection: 'enforced', bucket: 'fengcun' });
  const programs = (await processesIn(dataDir)).map(({ program }) => program);
  expect(programs).toEqual(expect.arrayContaining(['ceph-mon', 'ceph-osd', 'radosgw']));
  const log = await readFile(join(dataDir, 'log', 'site.log'), 'utf8');
  expect(log).toMatch(/vault check: \d+ passed/);
  const stored = await storeSomething(dataDir);

  await killSite(first.supervisor);
  const second = await startedSite(dataDir, '--no-demo', '--s3');
  expect(await isReady(second.url)).toBe(true);
  expect(await stored.read()).toBe('kept');

  expect(await site(['stop', '--data', dataDir])).toMatchObject({ exitCode: 0 });
  expect(await processesIn(dataDir)).toEqual([]);
  const refused = await site(['start', '--data', dataDir, '--port', '0', '--no-demo', '--detach']);
  expect(refused).toEqual({ exitCode: 1, output: expect.stringContaining('请带上 --s3 启动') });
  expect(await processesIn(dataDir)).toEqual([]);
});

/** An object that is acknowledged before the engine dies, and read from whatever port it comes back on. */
async function storeSomething(dataDir: string): Promise<{ read(): Promise<string> }> {
  const layout = layoutOf(dataDir);
  const vault = await openVault(await vaultOf(layout));
  const version = await vault.write(parseObjectKey('tests/kept'), chunks(), 'record');
  await vault.close();
  return {
    async read() {
      const again = await openVault(await vaultOf(layout));
      try {
        const found: Uint8Array[] = [];
        for await (const chunk of again.read(version)) found.push(chunk);
        return Buffer.concat(found).toString();
      } finally {
        await again.close();
      }
    },
  };
}

async function* chunks() {
  yield Buffer.from('kept');
}
