import { hash } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { collect, freshKey, someBytes, storeObject, storePart, storeParts } from '../conformance/content.ts';
import { openVault } from '../open-vault.ts';
import type { OpenPartOptions, ProbeFinding, Vault } from '../port.ts';
import { cachedFileSystem, crashingFileSystem } from '../testing/index.ts';
import { openDiskVault } from './disk-vault.ts';
import { type FileSystem, localFileSystem } from './filesystem.ts';
import { layoutOf, newId, newObjectPath, placeOf } from './layout.ts';

const isRoot = process.getuid?.() === 0;

async function freshRoot(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'fengcun-disk-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  return root;
}

describe('opening a disk vault', () => {
  it('makes the directory and finds everything again', async () => {
    const root = join(await freshRoot(), 'deep', 'vault');
    const content = someBytes(100);
    const version = await storeObject(await openVault({ driver: 'disk', root, reserveBytes: 0 }), content);
    const again = await openVault({ driver: 'disk', root });
    expect(again.driver).toBe('disk');
    expect(again.capabilities.protection).toBe('advisory');
    expect(await collect(again.read(version))).toEqual(Buffer.from(content));
  });

  it('lets several processes make it at the same time', async () => {
    const root = await freshRoot();
    const vaults = await Promise.all(Array.from({ length: 6 }, () => openDiskVault({ root, reserveBytes: 0 })));
    const version = await storeObject(vaults[0] as (typeof vaults)[0], someBytes(10));
    for (const vault of vaults) expect(await vault.stat(version)).toEqual({ size: 10 });
    expect((await readdir(root)).toSorted()).toEqual(['locks', 'objects', 'staging', 'vault.json']);
  });

  it('refuses a directory with other things in it, so that a wrong path or a missing mount is noticed', async () => {
    const root = await freshRoot();
    await writeFile(join(root, 'thesis.doc'), '');
    await expect(openDiskVault({ root })).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('thesis.doc'),
    });
    expect(await readdir(root)).toEqual(['thesis.doc']);
  });

  it('takes the root of a fresh file system', async () => {
    const root = await freshRoot();
    await mkdir(join(root, 'lost+found'));
    await openDiskVault({ root });
  });

  it.each(['{"format":"fengcun-disk-vault","version":2}', 'null', '', '{'])(
    'refuses a vault of another format: %s',
    async (marker) => {
      const root = await freshRoot();
      await writeFile(join(root, 'vault.json'), marker);
      await expect(openDiskVault({ root })).rejects.toMatchObject({ code: 'invalid' });
    },
  );

  it.each([
    ['EROFS', '/staging/'],
    ['EACCES', '/objects/'],
    ['EPERM', '/locks/'],
  ])('says plainly that the directory cannot be written: %s in %s', async (errno, where) => {
    const root = await freshRoot();
    const plan = crashingFileSystem();
    plan.failOnce(errno, (call) => call.startsWith('open') && call.includes(where));
    const opening = openDiskVault({ root, fileSystem: plan.fileSystem });
    await expect(opening).rejects.toMatchObject({ code: 'read_only', message: expect.stringContaining(root) });
  });

  it.skipIf(isRoot)('says plainly that the directory is not ours (needs a user other than root)', async () => {
    const root = await freshRoot();
    await chmod(root, 0o500);
    await expect(openDiskVault({ root })).rejects.toMatchObject({ code: 'read_only' });
  });

  it('clears away objects that a dead process never finished, and only those', async () => {
    const root = await freshRoot();
    await openDiskVault({ root });
    const layout = layoutOf(root);
    const [dead, alive] = [newObjectPath(layout, freshKey(), newId()), newObjectPath(layout, freshKey(), newId())];
    await writeFile(dead, 'half');
    await writeFile(alive, 'half');
    const longAgo = new Date(Date.now() - 25 * 60 * 60 * 1000);
    await utimes(dead, longAgo, longAgo);
    await openDiskVault({ root });
    expect((await readdir(layout.staging)).map((name) => join(layout.staging, name))).toEqual([alive]);
  });
});

describe('a disk vault that somebody else had hands on', () => {
  it('notices a byte cut off or added, and hands out nothing', async () => {
    const vault = await openDiskVault({ root: await freshRoot(), reserveBytes: 0 });
    for (const change of [-1, 1]) {
      const { transfer, parts } = await storeParts(vault, someBytes(3_000));
      const version = await vault.complete(transfer, parts);
      const { path } = await vault.openLocal(version);
      await chmod(path, 0o600);
      await truncate(path, version.size + change);
      await expect(collect(vault.read(version))).rejects.toMatchObject({ code: 'corrupt' });
      await expect(vault.openLocal(version)).rejects.toMatchObject({ code: 'corrupt' });
      await expect(vault.complete(transfer, parts)).rejects.toMatchObject({ code: 'corrupt' });
      expect(await vault.stat(version)).toEqual({ size: version.size + change });
    }
  });

  it('notices a file that shrinks while it is read', async () => {
    const vault = await openDiskVault({ root: await freshRoot(), reserveBytes: 0 });
    const version = await storeObject(vault, someBytes(5 * 1024 * 1024));
    const { path } = await vault.openLocal(version);
    await chmod(path, 0o600);
    const read = async () => {
      for await (const chunk of vault.read(version)) {
        expect(chunk.length).toBeGreaterThan(0);
        await truncate(path, 1);
      }
    };
    await expect(read()).rejects.toMatchObject({ code: 'corrupt' });
  });

  it('never takes an object with strange locks for a free one', async () => {
    const root = await freshRoot();
    const vault = await openDiskVault({ root, reserveBytes: 0 });
    const version = await storeObject(vault, someBytes(10));
    await vault.setLegalHold(version, true);
    await vault.setLegalHold(version, false);
    await writeFile(join(placeOf(layoutOf(root), version).locks, 'retain-until-soon'), '');
    await expect(vault.delete(version)).rejects.toMatchObject({ code: 'corrupt' });
    await expect(vault.protection(version)).rejects.toMatchObject({ code: 'corrupt' });
    expect(await vault.stat(version)).toEqual({ size: 10 });
  });

  it('never leaves its directory, whatever ids it is given', async () => {
    const root = await freshRoot();
    const vault = await openDiskVault({ root: join(root, 'vault'), reserveBytes: 0 });
    await writeFile(join(root, 'secret'), 'secret');
    const { key, versionId } = await storeObject(vault, someBytes(6));
    for (const id of [
      '../../secret',
      '..',
      `${versionId}/../../../secret`,
      '',
      versionId.toUpperCase(),
      `${versionId}\0`,
    ]) {
      await expect(collect(vault.read({ key, versionId: id, size: 6 }))).rejects.toMatchObject({ code: 'invalid' });
      await expect(vault.delete({ key, versionId: id, size: 6 })).rejects.toMatchObject({ code: 'invalid' });
      await expect(vault.openPart({ key, id, partSize: 10 }, 1, 0)).rejects.toMatchObject({ code: 'invalid' });
      await expect(vault.abort({ key, id })).rejects.toMatchObject({ code: 'invalid' });
      await expect(vault.complete({ key, id, partSize: 10 }, [])).rejects.toMatchObject({ code: 'invalid' });
    }
    expect((await readdir(root)).toSorted()).toEqual(['secret', 'vault']);
  });
});

describe('a committed part that is opened again', () => {
  it('counts as not stored from then on, because its bytes may be half replaced', async () => {
    const root = await freshRoot();
    const vault = await openDiskVault({ root, reserveBytes: 0 });
    const content = someBytes(3_000);
    const { transfer, parts } = await storeParts(vault, content);
    const writer = await vault.openPart(transfer, 1, 0);
    await writer.write(someBytes(100));
    await writer.discard();
    const restarted = await openDiskVault({ root, reserveBytes: 0 });
    await expect(restarted.complete(transfer, parts)).rejects.toMatchObject({ code: 'part_mismatch' });
    const version = await restarted.complete(transfer, [await storePart(restarted, transfer, 1, content)]);
    expect(await collect(restarted.read(version))).toEqual(Buffer.from(content));
  });
});

describe('the probe', () => {
  it('says of itself that protection is advisory, and of what it did not try that it was not checked', async () => {
    const root = await freshRoot();
    const vault = await openDiskVault({ root, reserveBytes: 0 });
    const findings = await vault.probe();
    const outcomes = Object.fromEntries(findings.map((finding) => [finding.check, finding.outcome]));
    expect(outcomes).toMatchObject({
      'reads back what was stored': 'passed',
      'overwrite refused': 'passed',
      'delete refused while retained': 'passed',
      'shortening refused': 'passed',
      'delete refused under legal hold': 'passed',
      'short read noticed': 'passed',
      'delete allowed after expiry and release': 'passed',
      'file mode stops writing by this process': isRoot ? 'failed' : 'passed',
      'deletion refused to root and to the owner of the files': 'not_checked',
      'acknowledged bytes survive a loss of power': 'not_checked',
    });
    expect(findings.find((finding) => finding.outcome === 'not_checked')?.detail).toContain('advisory');
    for (const directory of ['objects', 'locks']) {
      const left = await readdir(join(root, directory), { recursive: true, withFileTypes: true });
      expect(left.filter((entry) => entry.isFile() || entry.name.includes('@'))).toEqual([]);
    }
  });

  it('fails, and does not throw, when the vault cannot do what it claims', async () => {
    const root = await freshRoot();
    const plan = crashingFileSystem();
    const vault = await openDiskVault({ root, reserveBytes: 0, fileSystem: plan.fileSystem });
    plan.failOnce('EIO', (call) => call.startsWith('open') && call.includes('retain-until'));
    const findings = await vault.probe();
    expect(findings.find((finding) => finding.check === 'delete refused while retained')).toMatchObject({
      outcome: 'failed',
      must: true,
    });
    expect(dirname(root)).toBe(tmpdir());
  });
});

describe('the kernel’s cache', () => {
  /** A file system that counts the files opened for writing around the cache. */
  function watched() {
    let around = 0;
    const fileSystem: FileSystem = {
      ...localFileSystem,
      open: async (path, flags, mode) => {
        const direct = typeof flags === 'number' && flags & constants.O_DIRECT;
        if (direct && flags & constants.O_RDWR && !(flags & constants.O_CREAT)) around++;
        return localFileSystem.open(path, flags, mode);
      },
    };
    return { fileSystem, around: () => around };
  }

  /** Writes a part of 3,000,001 bytes, begun with a tail of 1,000,003, and reads both. */
  async function writePart(fileSystem: FileSystem, options?: OpenPartOptions): Promise<Vault> {
    const vault = await openDiskVault({ root: await freshRoot(), reserveBytes: 0, fileSystem });
    const transfer = await vault.createTransfer(freshKey(), 4 * 1024 * 1024);
    const content = someBytes(3_000_001);
    const head = content.slice(0, 1_000_003);
    const tail = await vault.openPart(transfer, 2, 0, options);
    await tail.write(head);
    await tail.keep();
    const writer = await vault.openPart(transfer, 2, head.length, options);
    await writer.write(content.slice(head.length));
    const part = await writer.commit(hash('sha256', content, 'hex'));
    expect((await collect(vault.readTail(transfer, 2, head.length))).equals(head)).toBe(true);
    expect((await collect(vault.readPart(transfer, part))).equals(content)).toBe(true);
    return vault;
  }

  async function readBackFinding(vault: Vault): Promise<ProbeFinding | undefined> {
    return (await vault.probe()).find(({ check }) => check === 'read-back comes from the disk');
  }

  it('keeps what is read again soon, and nothing else', async () => {
    const { fileSystem, around } = watched();
    await writePart(fileSystem, { readSoon: true });
    expect(around()).toBe(0);
    const vault = await writePart(fileSystem);
    expect(around()).toBe(2);
    expect(await readBackFinding(vault)).toMatchObject({ outcome: 'passed' });
  });

  it('is used for everything where the file system cannot go around it, and the probe says so', async () => {
    expect(await readBackFinding(await writePart(cachedFileSystem))).toMatchObject({ outcome: 'not_checked' });
  });
});
