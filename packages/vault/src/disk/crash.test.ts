import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  chunksOf,
  collect,
  freshKey,
  sha256,
  someBytes,
  storeObject,
  storePart,
  storeParts,
} from '../conformance/content.ts';
import type { ObjectVersion, StoredPart, Transfer, Vault } from '../port.ts';
import { type CrashPlan, crashingFileSystem } from '../testing/index.ts';
import { openDiskVault } from './disk-vault.ts';
import { layoutOf } from './layout.ts';

const DAY = 24 * 60 * 60 * 1000;

async function freshRoot(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'fengcun-crash-'));
  onTestFinished(() => rm(root, { recursive: true }));
  return root;
}

interface Scene {
  readonly root: string;
  /** on a healthy file system: prepares, and later sees what is left */
  readonly vault: Vault;
  /** on the file system that stops */
  readonly doomed: Vault;
}

/**
 * Plays `act` once per file system call it makes, each time dying before another call, and lets `check` look at what a new
 * process finds. Ends with the play in which nobody dies.
 */
async function dieAtEveryCall<T>(
  prepare: (vault: Vault) => Promise<T>,
  act: (doomed: Vault, prepared: T) => Promise<unknown>,
  check: (scene: Scene, prepared: T, died: boolean) => Promise<void>,
): Promise<number> {
  for (let at = 0; ; at++) {
    const root = await freshRoot();
    const first = await openDiskVault({ root, reserveBytes: 0 });
    const prepared = await prepare(first);
    await first.close();
    const plan = crashingFileSystem();
    const doomed = await openDiskVault({ root, reserveBytes: 0, fileSystem: plan.fileSystem });
    plan.arm(at);
    const died = await act(doomed, prepared).then(
      () => false,
      () => true,
    );
    const vault = await openDiskVault({ root, reserveBytes: 0 });
    await check({ root, vault, doomed }, prepared, died);
    await vault.close();
    if (!died) return at;
  }
}

async function traced(act: (vault: Vault, plan: CrashPlan) => Promise<unknown>): Promise<readonly string[]> {
  const plan = crashingFileSystem();
  const root = await freshRoot();
  const vault = await openDiskVault({ root, reserveBytes: 0, fileSystem: plan.fileSystem });
  await act(vault, plan);
  return plan.calls.map((call) => call.replaceAll(root, ''));
}

/** position of the first call at or after `from` that matches; fails the test when there is none */
function indexOfCall(calls: readonly string[], pattern: RegExp, from = 0): number {
  const index = calls.findIndex((call, position) => position >= from && pattern.test(call));
  expect(index, `no ${pattern} after call ${from} in\n${calls.join('\n')}`).toBeGreaterThanOrEqual(0);
  return index;
}

describe('a process that dies at any call', () => {
  it('while completing: completing again adopts or finishes the object', async () => {
    const content = someBytes(64 * 1024 + 100);
    const calls = await dieAtEveryCall(
      async (vault) => {
        const stored = await storeParts(vault, content);
        // Bytes behind the last part, so that the cut is among the steps.
        const writer = await vault.openPart(stored.transfer, 3, 0);
        await writer.write(someBytes(10));
        await writer.keep();
        return stored;
      },
      (doomed, { transfer, parts }) => doomed.complete(transfer, parts),
      async ({ root, vault }, { transfer, parts }) => {
        const version = await vault.complete(transfer, parts);
        expect((await collect(vault.read(version))).equals(content)).toBe(true);
        const files = await readdir(layoutOf(root).objects, { recursive: true, withFileTypes: true });
        expect(files.filter((entry) => entry.isFile())).toHaveLength(1);
        const { path } = await vault.openLocal(version);
        expect((await stat(path)).mode & 0o777).toBe(0o440);
        expect((await stat(path)).nlink).toBe(1);
        expect(await readdir(layoutOf(root).staging)).toEqual([]);
      },
    );
    expect(calls).toBeGreaterThan(10);
  });

  it('while writing a part: earlier parts are whole and the part can be sent again', async () => {
    const content = someBytes(64 * 1024 + 5_000);
    await dieAtEveryCall(
      async (vault) => {
        const transfer = await vault.createTransfer(freshKey(), 64 * 1024);
        return { transfer, first: await storePart(vault, transfer, 1, content.subarray(0, 64 * 1024)) };
      },
      (doomed, { transfer }) => storePart(doomed, transfer, 2, content.subarray(64 * 1024)),
      async ({ vault }, { transfer, first }) => {
        const second = await storePart(vault, transfer, 2, content.subarray(64 * 1024));
        const version = await vault.complete(transfer, [first, second]);
        expect((await collect(vault.read(version))).equals(content)).toBe(true);
      },
    );
  });

  it('while continuing a tail: the tail kept before is whole', async () => {
    const content = someBytes(5_000);
    await dieAtEveryCall(
      async (vault) => {
        const transfer = await vault.createTransfer(freshKey(), 64 * 1024);
        const writer = await vault.openPart(transfer, 1, 0);
        await writer.write(content.slice(0, 2_000));
        await writer.keep();
        return transfer;
      },
      async (doomed, transfer) => {
        const writer = await doomed.openPart(transfer, 1, 2_000);
        await writer.write(someBytes(1_000));
        await writer.keep();
      },
      async ({ vault }, transfer) => {
        const tail = await collect(vault.readTail(transfer, 1, 2_000));
        expect(tail.equals(content.subarray(0, 2_000))).toBe(true);
        const writer = await vault.openPart(transfer, 1, 2_000);
        await writer.write(content.slice(2_000));
        const version = await vault.complete(transfer, [await writer.commit(sha256(content))]);
        expect((await collect(vault.read(version))).equals(content)).toBe(true);
      },
    );
  });

  it('while extending retention: the lock is the old one or the new one, and can be set again', async () => {
    const [early, late] = [new Date(Date.now() + DAY), new Date(Date.now() + 2 * DAY)];
    await dieAtEveryCall(
      async (vault) => {
        const version = await storeObject(vault, someBytes(10));
        await vault.retain(version, early);
        return version;
      },
      (doomed, version) => doomed.retain(version, late),
      async ({ vault }, version, died) => {
        const { retainUntil } = await vault.protection(version);
        expect(died ? [early, late] : [late]).toContainEqual(retainUntil);
        await expect(vault.delete(version)).rejects.toMatchObject({ code: 'retained' });
        await vault.retain(version, late);
        expect((await vault.protection(version)).retainUntil).toEqual(late);
      },
    );
  });

  it('while locking for the first time or holding: setting it again works', async () => {
    const until = new Date(Date.now() + DAY);
    await dieAtEveryCall(
      (vault) => storeObject(vault, someBytes(10)),
      async (doomed, version) => {
        await doomed.retain(version, until);
        await doomed.setLegalHold(version, true);
      },
      async ({ vault }, version) => {
        await vault.retain(version, until);
        await vault.setLegalHold(version, true);
        expect(await vault.protection(version)).toEqual({ mode: 'compliance', retainUntil: until, legalHold: true });
      },
    );
  });

  it('while deleting: the object is whole or gone, and deleting again ends it', async () => {
    const content = someBytes(1_000);
    await dieAtEveryCall(
      async (vault) => {
        const version = await storeObject(vault, content);
        await vault.setLegalHold(version, true);
        await vault.setLegalHold(version, false);
        return version;
      },
      (doomed, version) => doomed.delete(version),
      async ({ vault }, version) => {
        const found = await vault.stat(version).catch(() => null);
        if (found !== null) expect((await collect(vault.read(version))).equals(content)).toBe(true);
        await vault.delete(version);
        await expect(vault.stat(version)).rejects.toMatchObject({ code: 'not_found' });
      },
    );
  });

  it('while writing an object whole: the version before is whole, and no transfer is left open', async () => {
    const content = someBytes(1_000);
    await dieAtEveryCall(
      (vault) => vault.write(freshKey(), chunksOf(content)),
      (doomed, version) => doomed.write(version.key, chunksOf(someBytes(1_200_000))),
      async ({ vault }, version: ObjectVersion) => {
        expect((await collect(vault.read(version))).equals(content)).toBe(true);
        for await (const transfer of vault.transfers()) expect.unreachable(`left behind: ${transfer.key}`);
      },
    );
  });

  it('while beginning a transfer: what is left is listed and can be aborted', async () => {
    await dieAtEveryCall(
      async () => freshKey(),
      (doomed, key) => doomed.createTransfer(key, 1_000),
      async ({ root, vault }) => {
        for await (const transfer of vault.transfers()) await vault.abort(transfer);
        expect((await readdir(layoutOf(root).staging)).filter((name) => !name.endsWith('.parts'))).toEqual([]);
      },
    );
  });

  it('while making the vault: opening it again works', async () => {
    for (let at = 0, died = true; died; at++) {
      const root = await freshRoot();
      const plan = crashingFileSystem();
      plan.arm(at);
      died = await openDiskVault({ root, fileSystem: plan.fileSystem }).then(
        () => false,
        () => true,
      );
      const vault = await openDiskVault({ root, reserveBytes: 0 });
      await storeObject(vault, someBytes(10));
    }
  });
});

describe('nothing is acknowledged before it is on the disk', () => {
  it('a part: its bytes and its record are synced before commit resolves', async () => {
    const calls = await traced(async (vault, plan) => {
      const transfer = await vault.createTransfer(freshKey(), 64 * 1024);
      plan.arm(Number.POSITIVE_INFINITY);
      await storePart(vault, transfer, 1, someBytes(5_000));
    });
    const written = indexOfCall(calls, /^write .*[0-9a-f]{32}$/);
    indexOfCall(calls, /^datasync .*[0-9a-f]{32}$/, written);
    const recorded = indexOfCall(calls, /^write .*\.parts$/);
    indexOfCall(calls, /^datasync .*\.parts$/, recorded);
  });

  it('an object: the file before its name, its name before the staging file goes', async () => {
    const calls = await traced(async (vault, plan) => {
      const { transfer, parts } = await storeParts(vault, someBytes(5_000));
      plan.arm(Number.POSITIVE_INFINITY);
      await vault.complete(transfer, parts);
    });
    const readOnly = indexOfCall(calls, /^chmod /);
    const fileSynced = indexOfCall(calls, /^sync \/staging\/.+/, readOnly);
    const shardSynced = indexOfCall(calls, /^sync \/objects$/);
    const linked = indexOfCall(calls, /^link /, Math.max(fileSynced, shardSynced));
    const nameSynced = indexOfCall(calls, /^sync \/objects\/[0-9a-f]{3}$/, linked);
    const removed = indexOfCall(calls, /^unlink /, nameSynced);
    indexOfCall(calls, /^sync \/staging$/, removed);
    expect(calls.findIndex((call) => call.startsWith('unlink '))).toBe(removed);
    expect(calls.findIndex((call) => call.startsWith('link '))).toBe(linked);
  });

  it('a lock: its directory and that directory in turn', async () => {
    const calls = await traced(async (vault, plan) => {
      const version = await storeObject(vault, someBytes(10));
      plan.arm(Number.POSITIVE_INFINITY);
      await vault.retain(version, new Date(Date.now() + DAY));
    });
    const made = indexOfCall(calls, /^open .*retain-until/);
    indexOfCall(calls, /^sync \/locks\/[0-9a-f]{3}\/[^/]+$/, made);
    indexOfCall(calls, /^sync \/locks\/[0-9a-f]{3}$/);
    indexOfCall(calls, /^sync \/locks$/);
  });
});

describe.each([
  ['through the cache', { readSoon: true }],
  ['around the cache', { readSoon: false }],
])('a disk that fails, written %s', (_, options) => {
  async function withPlan(): Promise<{
    vault: Vault;
    plan: CrashPlan;
    transfer: Transfer;
    first: StoredPart;
    bytes: Uint8Array;
  }> {
    const plan = crashingFileSystem();
    const { fileSystem } = plan;
    const vault = await openDiskVault({ root: await freshRoot(), reserveBytes: 0, fileSystem });
    const transfer = await vault.createTransfer(freshKey(), 64 * 1024);
    const bytes = someBytes(64 * 1024);
    return { vault, plan, transfer, first: await storePart(vault, transfer, 1, bytes), bytes };
  }

  it.each([
    ['ENOSPC', /^write .*[^.]{5}$/, 'no_space'],
    ['EDQUOT', /^write .*[^.]{5}$/, 'no_space'],
    ['EIO', /^write .*[^.]{5}$/, 'unavailable'],
    ['EIO', /^datasync/, 'unavailable'],
    ['ENOSPC', /^datasync/, 'no_space'],
    ['ENOSPC', /^write .*\.parts$/, 'no_space'],
  ])('with %s on %s: the part is refused as %s, and what was acknowledged stays', async (errno, call, code) => {
    const { vault, plan, transfer, first, bytes } = await withPlan();
    const more = someBytes(30_000);
    plan.failOnce(errno, (made) => call.test(made));
    const writer = await vault.openPart(transfer, 2, 0, options);
    await writer.write(more.slice());
    await expect(writer.commit(sha256(more))).rejects.toMatchObject({ name: 'VaultError', code });
    await expect(writer.commit(sha256(more))).rejects.toMatchObject({ name: 'VaultError' });
    await writer.discard();
    const never: StoredPart = { partNumber: 2, size: more.length, sha256: sha256(more), etag: first.etag };
    await expect(vault.complete(transfer, [first, never])).rejects.toMatchObject({ code: 'part_mismatch' });
    const version = await vault.complete(transfer, [first, await storePart(vault, transfer, 2, more)]);
    expect((await collect(vault.read(version))).equals(Buffer.concat([bytes, more]))).toBe(true);
  });

  it('refuses to begin anything once only the reserve is left, and says so', async () => {
    const root = await freshRoot();
    const vault = await openDiskVault({ root, reserveBytes: Number.MAX_SAFE_INTEGER });
    expect(await vault.headroom()).toBe(0);
    await expect(vault.createTransfer(freshKey(), 1_000)).rejects.toMatchObject({ code: 'no_space' });
    await expect(vault.write(freshKey(), chunksOf(someBytes(1)))).rejects.toMatchObject({ code: 'no_space' });
  });
});
