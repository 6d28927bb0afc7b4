import { randomBytes } from 'node:crypto';
import { chmod, open, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { newId, sealedContent, storedCopies } from '@fengcun/catalog';
import type { Role } from '@fengcun/contracts';
import type { Vault } from '@fengcun/vault';
import { sealHandler } from '../seal/seal-handler.ts';
import { versionOf } from '../vaults.ts';
import { jobContext, type TestBench } from './bench.ts';
import { receiveUpload } from './uploads.ts';

export const dayMs = 86_400_000;

/** An item that was received then and is sealed now. `replica`: whether the sealing worker knows of a second vault. */
export async function sealItem(
  bench: TestBench,
  given: { readonly bytes?: Uint8Array; readonly receivedAt?: Date; readonly replica?: boolean } = {},
): Promise<string> {
  const { bytes = randomBytes(3000), receivedAt = bench.now() } = given;
  const { catalog, vault, pool, logger } = bench;
  const { id } = await receiveUpload(bench.owner, vault, bench.bureau, bytes, { receivedAt, partSize: 64 * 1024 });
  const replica = given.replica ? bench.replica : null;
  const clock = { now: bench.now };
  await sealHandler({ catalog, vault, replica, pool, readAhead: null, retentionDays: 1, clock })(
    { evidence: id },
    jobContext(logger),
  );
  return id;
}

/** Somebody with a role in the bench's unit. */
export async function makePerson(bench: TestBench, role: Role): Promise<string> {
  const id = newId();
  await bench.owner
    .insertInto('account')
    .values({ id, login: id, name: role, unit_id: bench.bureau.unit, password_hash: '', created_at: new Date() })
    .execute();
  await bench.owner.insertInto('account_role').values({ account_id: id, unit_id: bench.bureau.unit, role }).execute();
  return id;
}

export const personActor = (id: string) => ({ kind: 'account', id, name: null }) as const;

/** Types of the events about an item, oldest first, with their data. */
export async function eventsAbout(bench: TestBench, evidence: string) {
  const rows = await bench.owner
    .selectFrom('ledger_event')
    .select(['type', 'entry'])
    .where('subject_id', '=', evidence)
    .orderBy('id')
    .execute();
  return rows.map(({ type, entry }) => ({ type, data: JSON.parse(entry.toString()).data as Record<string, unknown> }));
}

/** The version that is read from a vault now; throws while there is none. */
export async function versionIn(bench: TestBench, evidence: string, name: 'primary' | 'replica') {
  const copy = (await storedCopies(bench.owner, evidence)).find(({ vault }) => vault === name);
  const sealed = await sealedContent(bench.owner, evidence);
  if (!copy?.versionId || sealed === undefined || sealed === 'contradicted') throw new Error(`no ${name} copy`);
  return versionOf({ key: copy.key, versionId: copy.versionId }, sealed.size);
}

export async function bytesIn(vault: Vault, version: Parameters<Vault['read']>[0]): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of vault.read(version)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Changes a byte of an object behind the vault's back, or removes it. */
export async function harm(
  bench: TestBench,
  root: 'vault' | 'replica',
  versionId: string,
  how: 'flip' | 'remove',
): Promise<void> {
  const directory = join(bench.directory, root, 'objects');
  const names = await readdir(directory, { recursive: true });
  const name = names.find((each) => each.includes(versionId));
  if (name === undefined) throw new Error(`no object of version ${versionId}`);
  const path = join(directory, name);
  if (how === 'remove') return unlink(path);
  await chmod(path, 0o640);
  const file = await open(path, 'r+');
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, 100);
  byte[0] = (byte[0] ?? 0) ^ 1;
  await file.write(byte, 0, 1, 100);
  await file.close();
}
