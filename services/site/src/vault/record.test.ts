import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { layoutOf, type SiteLayout } from '../data/layout.ts';
import type { VaultChoice } from './choice.ts';
import { keepVaultRecord, readVaultRecord, requireSameVault } from './record.ts';

async function scratch(): Promise<SiteLayout> {
  const root = await mkdtemp(join(tmpdir(), 'fengcun-record-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  return layoutOf(root);
}

const given = { kind: 's3-given', endpoint: 'http://10.0.0.7', region: 'cn-north-1', bucket: 'ju-evidence' } as const;
const choices: readonly VaultChoice[] = [{ kind: 'disk' }, { kind: 's3-own' }, given];

it('remembers what a directory was made with', async () => {
  const layout = await scratch();
  expect(await readVaultRecord(layout)).toBeUndefined();
  for (const choice of choices) {
    await keepVaultRecord(layout, choice);
    expect(await readVaultRecord(layout)).toEqual(choice);
  }
});

it('knows a directory from before there was a choice', async () => {
  const layout = await scratch();
  await mkdir(join(layout.postgres, 'cluster'), { recursive: true });
  await mkdir(layout.vault);
  expect(await readVaultRecord(layout)).toEqual({ kind: 'disk' });
});

it('does not guess where the recordings are when the record is damaged', async () => {
  const layout = await scratch();
  for (const text of ['', '{}', '{"kind":"s3-given"}', '{"kind":"tape"}']) {
    await writeFile(layout.vaultRecord, text);
    await expect(readVaultRecord(layout)).rejects.toMatchObject({ code: 'vault_record_unreadable' });
  }
});

it('lets only the same vault be used again, and says what to type', () => {
  for (const made of choices) {
    for (const asked of choices) {
      const start = () => requireSameVault(made, asked);
      if (made.kind === asked.kind) start();
      else expect(start).toThrow(expect.objectContaining({ code: 'vault_differs' }));
    }
  }
  expect(() => requireSameVault({ kind: 's3-own' }, { kind: 'disk' })).toThrow('Start it with --s3,');
  expect(() => requireSameVault(given, { kind: 'disk' })).toThrow(
    'with --s3-endpoint http://10.0.0.7 --s3-bucket ju-evidence --s3-region cn-north-1',
  );
  // An engine may move; another bucket is another vault.
  requireSameVault(given, { ...given, endpoint: 'https://s3.example' });
  expect(() => requireSameVault(given, { ...given, bucket: 'other' })).toThrow('in the S3 bucket ju-evidence');
  requireSameVault(undefined, given);
});
