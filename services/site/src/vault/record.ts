import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode, writeFileDurably } from '@fengcun/local';
import type { SiteLayout } from '../data/layout.ts';
import { SiteError } from '../errors.ts';
import { flagsOf, type VaultChoice } from './choice.ts';

/**
 * The choice this data directory was made with. Recordings are where it says and nowhere else, so it is made once. A directory from before
 * there was a choice has `disk`; undefined: nothing was decided yet.
 *
 * @throws SiteError `vault_record_unreadable`
 */
export async function readVaultRecord(layout: SiteLayout): Promise<VaultChoice | undefined> {
  let text: string;
  try {
    text = await readFile(layout.vaultRecord, 'utf8');
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
    return (await exists(join(layout.postgres, 'cluster'))) && (await exists(layout.vault))
      ? { kind: 'disk' }
      : undefined;
  }
  const choice = parse(text);
  if (choice !== undefined) return choice;
  throw new SiteError(
    'vault_record_unreadable',
    `${layout.vaultRecord} 已损坏，无法确定录像存放在哪里。请从备份恢复该文件。`,
    `${layout.vaultRecord} is damaged: it says where the recordings are. Restore it from a backup.`,
  );
}

/** Writes the choice down once it has proved to work; later starts have to make the same. */
export async function keepVaultRecord(layout: SiteLayout, choice: VaultChoice): Promise<void> {
  await writeFileDurably(layout.vaultRecord, `${JSON.stringify(choice, null, 2)}\n`);
}

/**
 * Refuses to start a directory's site on another vault than the one its recordings are in. The address of an engine may change, its bucket
 * may not.
 *
 * @throws SiteError `vault_differs`
 */
export function requireSameVault(made: VaultChoice | undefined, asked: VaultChoice): void {
  if (made === undefined) return;
  if (made.kind === asked.kind) {
    if (made.kind !== 's3-given' || asked.kind !== 's3-given' || made.bucket === asked.bucket) return;
  }
  const flags = flagsOf(made);
  const [chinese, english] =
    flags === '' ? ['不带任何 --s3 选项', 'without any --s3 option'] : [`带上 ${flags} `, `with ${flags}`];
  throw new SiteError(
    'vault_differs',
    `此数据目录的录像存放在${placeOf(made).chinese}，不能改用${placeOf(asked).chinese}。请${chinese}启动，或用 --data 另选目录。`,
    `The recordings of this data directory are ${placeOf(made).english}, and it cannot be started on another vault (${placeOf(asked).english}). Start it ${english}, or choose another directory with --data.`,
  );
}

function placeOf(choice: VaultChoice): { chinese: string; english: string } {
  switch (choice.kind) {
    case 'disk':
      return { chinese: '本机磁盘（disk）', english: 'in files on this disk' };
    case 's3-own':
      return { chinese: '本目录自带的 S3（Ceph）', english: "on this directory's own S3 engine (Ceph)" };
    case 's3-given':
      return { chinese: `S3 存储桶 ${choice.bucket}`, english: `in the S3 bucket ${choice.bucket}` };
  }
}

function parse(text: string): VaultChoice | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { kind, endpoint, region, bucket } = value as Record<string, unknown>;
  if (kind === 'disk' || kind === 's3-own') return { kind };
  if (kind !== 's3-given') return undefined;
  return typeof endpoint === 'string' && typeof region === 'string' && typeof bucket === 'string'
    ? { kind, endpoint, region, bucket }
    : undefined;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
