import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { collect, freshKey, sha256, someBytes, storeObject, storePart, storeParts } from '../conformance/content.ts';
import { openDiskVault } from '../index.ts';
import type { Vault } from '../port.ts';
import { type FaultPlan, withFaults } from './faulty-vault.ts';

describe('the fault injector', () => {
  let vault: Vault;
  let faults: FaultPlan;
  beforeEach(async () => {
    const root = await mkdtemp(join(tmpdir(), 'fengcun-faults-'));
    onTestFinished(() => rm(root, { recursive: true }));
    ({ vault, faults } = withFaults(await openDiskVault({ root, reserveBytes: 0 })));
  });

  it('fails the n-th part once; sent again, the bytes are right and in place', async () => {
    const content = someBytes(6 * 1_000);
    const transfer = await vault.createTransfer(freshKey(), 1_000);
    faults.failPartWrite(2);
    const store = (index: number) =>
      storePart(vault, transfer, index + 1, content.subarray(index * 1_000, (index + 1) * 1_000));
    const results = await Promise.allSettled([0, 1, 2, 3, 4, 5].map(store));
    const failed = results.flatMap((result, index) => (result.status === 'rejected' ? [index] : []));
    expect(failed).toHaveLength(1);
    const parts = await Promise.all(
      results.map((result, index) => (result.status === 'fulfilled' ? result.value : store(index))),
    );
    const version = await vault.complete(transfer, parts);
    expect((await collect(vault.read(version))).equals(content)).toBe(true);
  });

  it('loses the answer of a commit that took effect', async () => {
    const transfer = await vault.createTransfer(freshKey(), 1_000);
    const content = someBytes(10);
    faults.loseCommitAnswer(1);
    await expect(storePart(vault, transfer, 1, content)).rejects.toMatchObject({ code: 'unavailable' });
    const version = await vault.complete(transfer, [await storePart(vault, transfer, 1, content)]);
    expect(version.size).toBe(10);
  });

  it('fails a completion, or loses the answer of one that took effect', async () => {
    const { transfer, parts } = await storeParts(vault, someBytes(10));
    faults.failComplete();
    await expect(vault.complete(transfer, parts)).rejects.toMatchObject({ code: 'unavailable' });
    await vault.openPart(transfer, 2, 0);
    faults.loseCompleteAnswer();
    await expect(vault.complete(transfer, parts)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(vault.openPart(transfer, 2, 0)).rejects.toMatchObject({ code: 'not_found' });
    expect((await vault.complete(transfer, parts)).size).toBe(10);
  });

  it('changes one byte on reading, in any range that holds it, and leaves the object as it is', async () => {
    const content = someBytes(1_000);
    const version = await storeObject(vault, content);
    faults.flipByteOnRead(700);
    const read = await collect(vault.read(version));
    expect([...read].flatMap((byte, index) => (byte === content[index] ? [] : [index]))).toEqual([700]);
    const part = await collect(vault.read(version, { start: 690, end: 710 }));
    expect(part.equals(content.subarray(690, 710))).toBe(false);
    expect((await collect(vault.read(version, { start: 0, end: 700 }))).equals(content.subarray(0, 700))).toBe(true);
    faults.flipByteOnRead(null);
    expect((await collect(vault.read(version))).equals(content)).toBe(true);
  });

  it('is full after so many bytes, and has room again', async () => {
    const transfer = await vault.createTransfer(freshKey(), 1_000);
    faults.limitSpace(1_500);
    const first = someBytes(1_000);
    const part = await storePart(vault, transfer, 1, first);
    await expect(storePart(vault, transfer, 2, someBytes(600))).rejects.toMatchObject({ code: 'no_space' });
    expect(await vault.headroom()).toBe(500);
    faults.limitSpace(null);
    const second = someBytes(600);
    const version = await vault.complete(transfer, [part, await storePart(vault, transfer, 2, second)]);
    expect(sha256(await collect(vault.read(version)))).toBe(sha256(Buffer.concat([first, second])));
  });

  it('does not answer at all while it is unavailable', async () => {
    const version = await storeObject(vault, someBytes(10));
    faults.setUnavailable(true);
    await expect(vault.stat(version)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(collect(vault.read(version))).rejects.toMatchObject({ code: 'unavailable' });
    faults.setUnavailable(false);
    expect(await vault.stat(version)).toEqual({ size: 10 });
  });
});
