import { createHash } from 'node:crypto';
import { claimIssuedCopy, encryptCopy, settleIssuedCopy } from '@fengcun/catalog';
import { parseObjectKey } from '@fengcun/vault';
import type { Harness } from './harness.ts';

/** Makes a copy ready as the worker does, with these bytes. */
export async function makeCopyReady(
  { database, vault, clock }: Harness,
  copy: string,
  bytes: Uint8Array,
  lifetimeMs = 3_600_000,
): Promise<void> {
  const catalog = database.as('fengcun_worker');
  const claim = await claimIssuedCopy(catalog, copy, { clock, ms: 60_000 });
  if (!claim) throw new Error('the copy cannot be claimed');
  const object = await vault.write(parseObjectKey(claim.vaultKey), encryptCopy(claim.key, once(bytes)));
  const made = {
    versionId: object.versionId,
    size: object.size,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    mark: 'picture',
    lifetimeMs,
  } as const;
  if (!(await settleIssuedCopy(catalog, claim, made, 'worker', clock))) throw new Error('the copy is over');
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1024 * 1024) yield bytes.subarray(at, at + 1024 * 1024);
}
