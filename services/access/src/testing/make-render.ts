import { createHash, randomBytes } from 'node:crypto';
import { claimRender, encryptCopy, settleRender } from '@fengcun/catalog';
import { parseObjectKey } from '@fengcun/vault';
import type { Harness } from './harness.ts';
import { sealStill } from './make-evidence.ts';
import { proxyIndexOf } from './proxy-index.ts';

/** Makes a rendering of a still picture ready as the worker does: this file, which is what is looked at too. */
export async function makeStillReady(
  { database, vault, clock }: Harness,
  render: string,
  bytes: Buffer,
): Promise<void> {
  const catalog = database.as('fengcun_worker');
  const claim = await claimRender(catalog, render, { clock, ms: 60_000 });
  if (!claim) throw new Error('the rendering cannot be claimed');
  const file = await vault.write(parseObjectKey(claim.vaultKey), encryptCopy(claim.key, once(bytes)));
  const shown = sealStill(bytes, claim.playKey);
  const object = await vault.write(parseObjectKey(claim.playVaultKey), once(shown.bytes));
  const made = {
    file: { ...file, sha256: hex('sha256', bytes), sm3: hex('sm3', bytes) },
    mediaType: 'image/jpeg',
    mark: 'picture',
    durationMs: 0,
    source: { version: 'v1', sha256: hex('sha256', Buffer.alloc(0)) },
    play: { index: shown.index, object },
  } as const;
  if (!(await settleRender(catalog, claim, made, 'worker', clock))) throw new Error('the rendering is over');
}

/** Makes a rendering ready as the worker does: this file, and three pieces of a thousand bytes to be watched. */
export async function makeRenderReady(
  { database, vault, clock }: Harness,
  render: string,
  bytes: Uint8Array,
): Promise<{ readonly pieces: Buffer; readonly key: Buffer }> {
  const catalog = database.as('fengcun_worker');
  const claim = await claimRender(catalog, render, { clock, ms: 60_000 });
  if (!claim) throw new Error('the rendering cannot be claimed');
  const file = await vault.write(parseObjectKey(claim.vaultKey), encryptCopy(claim.key, once(bytes)));
  const pieces = randomBytes(100 + 3 * 1000);
  const object = await vault.write(parseObjectKey(claim.playVaultKey), once(pieces));
  const index = proxyIndexOf(pieces.length);
  const made = {
    file: { ...file, sha256: hex('sha256', bytes), sm3: hex('sm3', bytes) },
    mediaType: 'video/mp4',
    mark: 'picture',
    durationMs: 18_000,
    source: { version: 'v1', sha256: hex('sha256', Buffer.alloc(0)) },
    play: { index, object },
  } as const;
  if (!(await settleRender(catalog, claim, made, 'worker', clock))) throw new Error('the rendering is over');
  return { pieces, key: claim.playKey };
}

const hex = (algorithm: string, bytes: Uint8Array) => createHash(algorithm).update(bytes).digest('hex');

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1024 * 1024) yield bytes.subarray(at, at + 1024 * 1024);
}
