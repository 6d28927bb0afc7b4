import { describe, expect, it } from 'vitest';
import { parseObjectKey } from '../keys.ts';
import type { ObjectKey, StoredPart } from '../port.ts';
import {
  collect,
  expectBytes,
  freshKey,
  partsOf,
  sha256,
  someBytes,
  storeObject,
  storePart,
  storeParts,
  testPartSize,
} from './content.ts';
import type { UnderTest } from './index.ts';

export function transferTests(underTest: UnderTest): void {
  describe('a transfer', () => {
    it.each([
      ['no bytes', 0, 0],
      ['one byte', 0, 1],
      ['one byte less than a part', 1, -1],
      ['exactly one part', 1, 0],
      ['one byte more than a part', 1, 1],
      ['several parts and a rest', 3, 777],
    ])('becomes an object of the same bytes: %s', async (_, partCount, rest) => {
      const { vault } = underTest();
      const content = someBytes(partCount * testPartSize(vault) + rest);
      const version = await storeObject(vault, content);
      expect(version.size).toBe(content.length);
      expect(await vault.stat(version)).toEqual({ size: content.length });
      await expectBytes(vault.read(version), content);
    });

    it('takes parts at once and in any order', async () => {
      const { vault } = underTest();
      const content = someBytes(4 * testPartSize(vault) + 5);
      const transfer = await vault.createTransfer(freshKey(), testPartSize(vault));
      const slices = [...partsOf(content, transfer.partSize).entries()].reverse();
      const parts = await Promise.all(slices.map(([index, bytes]) => storePart(vault, transfer, index + 1, bytes)));
      const version = await vault.complete(
        transfer,
        parts.toSorted((a, b) => a.partNumber - b.partNumber),
      );
      await expectBytes(vault.read(version), content);
    });

    it('holds what the last writer of a part committed', async () => {
      const { vault } = underTest();
      const transfer = await vault.createTransfer(freshKey(), testPartSize(vault));
      await storePart(vault, transfer, 1, someBytes(5_000));
      const content = someBytes(3_000);
      const version = await vault.complete(transfer, [await storePart(vault, transfer, 1, content)]);
      await expectBytes(vault.read(version), content);
    });

    it('describes a part as it was stored', async () => {
      const { vault } = underTest();
      const content = someBytes(1_234);
      const { parts } = await storeParts(vault, content);
      expect(parts).toEqual([{ partNumber: 1, size: 1_234, sha256: sha256(content), etag: expect.any(String) }]);
    });

    it('survives a restart of the process with its committed parts', async () => {
      const { vault, reopen } = underTest();
      const content = someBytes(2 * testPartSize(vault) + 1);
      const { transfer, parts } = await storeParts(vault, content);
      const restarted = await reopen();
      const version = await restarted.complete(transfer, parts);
      await expectBytes(restarted.read(version), content);
      await restarted.close();
    });

    it('is listed while it is under way, and not after', async () => {
      const { vault } = underTest();
      const completed = await storeParts(vault, someBytes(10));
      const aborted = await storeParts(vault, someBytes(10));
      const open = await storeParts(vault, someBytes(10));
      await vault.complete(completed.transfer, completed.parts);
      await vault.abort(aborted.transfer);
      const listed: unknown[] = [];
      for await (const transfer of vault.transfers()) listed.push(transfer);
      const { key, id } = open.transfer;
      expect(listed).toEqual([{ key, id, startedAt: expect.any(Date) }]);
    });

    it('lets staged parts be read before completion where the driver says so', async (test) => {
      const { vault } = underTest();
      if (!vault.capabilities.readsStagedParts) test.skip('the driver does not read staged parts');
      const content = someBytes(2 * testPartSize(vault) + 9);
      const { transfer, parts } = await storeParts(vault, content);
      for (const [index, bytes] of partsOf(content, transfer.partSize).entries()) {
        const part = parts[index] as StoredPart;
        await expectBytes(vault.readPart(transfer, part), bytes);
        const other = { ...part, sha256: sha256(someBytes(1)) };
        await expect(collect(vault.readPart(transfer, other))).rejects.toMatchObject({ code: 'part_mismatch' });
      }
    });
  });

  describe('a part', () => {
    it('is continued after its tail, also by another process', async () => {
      const { vault, reopen } = underTest();
      const transfer = await vault.createTransfer(freshKey(), testPartSize(vault));
      const content = someBytes(transfer.partSize + 5_000);
      const first = await storePart(vault, transfer, 1, content.subarray(0, transfer.partSize));
      const bytes = content.subarray(transfer.partSize);

      const writer = await vault.openPart(transfer, 2, 0);
      await writer.write(bytes.slice(0, 1_001));
      await writer.keep();
      const restarted = await reopen();
      await expectBytes(restarted.readTail(transfer, 2, 1_001), bytes.subarray(0, 1_001));
      const more = await restarted.openPart(transfer, 2, 1_001);
      await more.write(bytes.slice(1_001, 3_000));
      await more.keep();
      const last = await restarted.openPart(transfer, 2, 3_000);
      await last.write(bytes.slice(3_000));
      const second = await last.commit(sha256(bytes));
      expect(second.size).toBe(5_000);
      const version = await restarted.complete(transfer, [first, second]);
      await expectBytes(restarted.read(version), content);
      await restarted.close();
    });

    it('commits a tail that needs no more bytes', async () => {
      const { vault } = underTest();
      const transfer = await vault.createTransfer(freshKey(), testPartSize(vault));
      const content = someBytes(500);
      const writer = await vault.openPart(transfer, 1, 0);
      await writer.write(content.slice());
      await writer.keep();
      const part = await (await vault.openPart(transfer, 1, 500)).commit(sha256(content));
      const version = await vault.complete(transfer, [part]);
      await expectBytes(vault.read(version), content);
    });

    it('keeps its tail when a writer that continued it is discarded', async () => {
      const { vault } = underTest();
      const transfer = await vault.createTransfer(freshKey(), testPartSize(vault));
      const tail = someBytes(2_000);
      const writer = await vault.openPart(transfer, 1, 0);
      await writer.write(tail.slice());
      await writer.keep();
      const discarded = await vault.openPart(transfer, 1, 2_000);
      await discarded.write(someBytes(9_000));
      await discarded.discard();
      await expectBytes(vault.readTail(transfer, 1, 2_000), tail);
      const part = await (await vault.openPart(transfer, 1, 2_000)).commit(sha256(tail));
      const version = await vault.complete(transfer, [part]);
      await expectBytes(vault.read(version), tail);
    });

    it('keeps its tail when it is committed, until it is opened again or the transfer ends', async () => {
      const { vault, reopen } = underTest();
      const transfer = await vault.createTransfer(freshKey(), testPartSize(vault));
      const content = someBytes(5_000);
      const writer = await vault.openPart(transfer, 1, 0);
      await writer.write(content.slice(0, 2_000));
      await writer.keep();
      const first = await vault.openPart(transfer, 1, 2_000);
      await first.write(content.slice(2_000));
      await first.commit(sha256(content));

      // As after a process that died between the commit and writing it down: the caller knows only of the tail.
      const restarted = await reopen();
      await expectBytes(restarted.readTail(transfer, 1, 2_000), content.subarray(0, 2_000));
      const again = await restarted.openPart(transfer, 1, 2_000);
      await again.write(content.slice(2_000));
      const version = await restarted.complete(transfer, [await again.commit(sha256(content))]);
      await expectBytes(restarted.read(version), content);
      await restarted.close();
    });

    it('is continued from an earlier length than was kept last', async () => {
      const { vault } = underTest();
      const transfer = await vault.createTransfer(freshKey(), testPartSize(vault));
      const content = someBytes(4_000);
      const keep = async (from: number, bytes: Uint8Array) => {
        const writer = await vault.openPart(transfer, 1, from);
        await writer.write(bytes);
        await writer.keep();
      };
      await keep(0, content.slice(0, 1_000));
      await keep(1_000, someBytes(2_000));
      await keep(1_000, content.slice(1_000, 2_000));
      await keep(2_000, someBytes(1));
      await keep(1_500, content.slice(1_500, 3_000));
      await expectBytes(vault.readTail(transfer, 1, 3_000), content.subarray(0, 3_000));
      const last = await vault.openPart(transfer, 1, 3_000);
      await last.write(content.slice(3_000));
      const version = await vault.complete(transfer, [await last.commit(sha256(content))]);
      await expectBytes(vault.read(version), content);
    });

    it('has no tail that nobody kept', async () => {
      const { vault } = underTest();
      const transfer = await vault.createTransfer(freshKey(), testPartSize(vault));
      await expect(vault.openPart(transfer, 2, 10)).rejects.toMatchObject({ code: 'incomplete' });
      await expect(collect(vault.readTail(transfer, 2, 10))).rejects.toMatchObject({ code: 'incomplete' });
    });

    it('leaves no trace in the object when it was discarded', async () => {
      const { vault } = underTest();
      const transfer = await vault.createTransfer(freshKey(), testPartSize(vault));
      const content = someBytes(transfer.partSize);
      const part = await storePart(vault, transfer, 1, content);
      const writer = await vault.openPart(transfer, 2, 0);
      await writer.write(someBytes(5_000));
      await writer.discard();
      await writer.discard();
      const version = await vault.complete(transfer, [part]);
      await expectBytes(vault.read(version), content);
    });

    it('never flows over into the next one', async () => {
      const { vault } = underTest();
      const transfer = await vault.createTransfer(freshKey(), testPartSize(vault));
      const next = someBytes(1_000);
      const second = await storePart(vault, transfer, 2, next);
      const bytes = someBytes(transfer.partSize);
      const writer = await vault.openPart(transfer, 1, 0);
      await writer.write(bytes.slice(1));
      await expect(writer.write(someBytes(2))).rejects.toMatchObject({ code: 'invalid' });
      await writer.discard();
      const version = await vault.complete(transfer, [await storePart(vault, transfer, 1, bytes), second]);
      await expectBytes(vault.read(version), Buffer.concat([bytes, next]));
    });

    it('belongs to the writer that opened it last', async () => {
      const { vault } = underTest();
      const transfer = await vault.createTransfer(freshKey(), testPartSize(vault));
      const content = someBytes(20_000);
      const early = await vault.openPart(transfer, 1, 0);
      await early.write(someBytes(20_000));
      const late = await vault.openPart(transfer, 1, 0);
      await late.write(content.slice());
      await expect(early.write(someBytes(1))).rejects.toMatchObject({ code: 'superseded' });
      await expect(early.commit(sha256(someBytes(1)))).rejects.toMatchObject({ code: 'superseded' });
      await expect(early.keep()).rejects.toMatchObject({ code: 'superseded' });
      await early.discard();
      const version = await vault.complete(transfer, [await late.commit(sha256(content))]);
      await expectBytes(vault.read(version), content);
    });

    it('is refused when it cannot exist', async () => {
      const { vault } = underTest();
      const transfer = await vault.createTransfer(freshKey(), testPartSize(vault));
      for (const partNumber of [0, -1, 1.5, Number.NaN, vault.capabilities.maxParts + 1]) {
        await expect(vault.openPart(transfer, partNumber, 0)).rejects.toMatchObject({ code: 'invalid' });
      }
      for (const tail of [-1, 0.5, transfer.partSize + 1]) {
        await expect(vault.openPart(transfer, 1, tail)).rejects.toMatchObject({ code: 'invalid' });
      }
      const writer = await vault.openPart(transfer, 1, 0);
      await expect(writer.commit(sha256(someBytes(0)))).rejects.toMatchObject({ code: 'invalid' });
      await expect(writer.commit('ABC')).rejects.toMatchObject({ code: 'invalid' });
      await writer.discard();
    });
  });

  describe('completion', () => {
    it('adopts what an earlier call with a lost answer made, also after a restart', async () => {
      const { vault, reopen } = underTest();
      const content = someBytes(testPartSize(vault) + 1);
      const { transfer, parts } = await storeParts(vault, content);
      const version = await vault.complete(transfer, parts);
      expect(await vault.complete(transfer, parts)).toEqual(version);
      const restarted = await reopen();
      expect(await restarted.complete(transfer, parts)).toEqual(version);
      await expectBytes(restarted.read(version), content);
      await restarted.close();
    });

    it('makes one object when called twice at the same time', async () => {
      const { vault } = underTest();
      const { transfer, parts } = await storeParts(vault, someBytes(100));
      const versions = await Promise.all([vault.complete(transfer, parts), vault.complete(transfer, parts)]);
      expect(versions[0]).toEqual(versions[1]);
    });

    it('does not adopt an object made of other parts', async () => {
      const { vault } = underTest();
      const { transfer, parts } = await storeParts(vault, someBytes(testPartSize(vault) + 1));
      const version = await vault.complete(transfer, parts);
      await expect(vault.complete(transfer, parts.slice(0, 1))).rejects.toMatchObject({ code: 'part_mismatch' });
      expect(await vault.stat(version)).toEqual({ size: version.size });
    });

    it('refuses parts that are not what is stored, and can then be done right', async () => {
      const { vault } = underTest();
      const content = someBytes(2 * testPartSize(vault) + 50);
      const { transfer, parts } = await storeParts(vault, content);
      const [first, second, third] = parts as [StoredPart, StoredPart, StoredPart];
      const wrongLists: StoredPart[][] = [
        [first, third],
        [second, third],
        [second, first, third],
        [first, first, third],
        [first, second, { ...third, size: third.size - 1 }],
        [first, second, { ...third, etag: second.etag }],
        [first, second, third, { ...third, partNumber: 4 }],
        [first, second, { ...third, size: transfer.partSize }, { ...third, partNumber: 4 }],
      ];
      for (const wrong of wrongLists) {
        await expect(vault.complete(transfer, wrong)).rejects.toMatchObject({ code: 'part_mismatch' });
      }
      const version = await vault.complete(transfer, parts);
      await expectBytes(vault.read(version), content);
    });

    it('ends the transfer: no part is taken any more', async () => {
      const { vault } = underTest();
      const content = someBytes(100);
      const { transfer, parts } = await storeParts(vault, content);
      const late = await vault.openPart(transfer, 2, 0);
      await late.write(someBytes(100));
      const version = await vault.complete(transfer, parts);
      await expect(late.commit(sha256(content))).rejects.toThrow();
      await expect(vault.openPart(transfer, 1, 0)).rejects.toMatchObject({
        code: expect.stringMatching(/^(exists|not_found)$/),
      });
      await expectBytes(vault.read(version), content);
    });
  });

  describe('an aborted transfer', () => {
    it('is gone, however often it is aborted', async () => {
      const { vault } = underTest();
      const { transfer, parts } = await storeParts(vault, someBytes(100));
      const writer = await vault.openPart(transfer, 2, 0);
      await vault.abort(transfer);
      await vault.abort(transfer);
      await expect(writer.write(someBytes(1)).then(() => writer.commit(sha256(someBytes(1))))).rejects.toThrow();
      await expect(vault.openPart(transfer, 1, 0)).rejects.toMatchObject({ code: 'not_found' });
      await expect(vault.complete(transfer, parts)).rejects.toMatchObject({ code: 'not_found' });
    });

    it('leaves a completed object alone', async () => {
      const { vault } = underTest();
      const content = someBytes(100);
      const { transfer, parts } = await storeParts(vault, content);
      const version = await vault.complete(transfer, parts);
      await vault.abort(transfer);
      await expectBytes(vault.read(version), content);
    });
  });

  describe('names', () => {
    it.each([
      '',
      '/',
      'a/',
      '/a',
      'a//b',
      '../a',
      'a/../b',
      'a/.',
      '.a',
      'A',
      '录像',
      'a b',
      'a\0',
      'a~b',
      'x'.repeat(191),
    ])('refuses %j as a key', async (text) => {
      const { vault } = underTest();
      expect(() => parseObjectKey(text)).toThrow(expect.objectContaining({ code: 'invalid' }));
      // As code that skipped the check would pass it.
      const forged = text as ObjectKey;
      await expect(vault.createTransfer(forged, testPartSize(vault))).rejects.toMatchObject({ code: 'invalid' });
      await expect(vault.stat({ key: forged, versionId: '1', size: 0 })).rejects.toMatchObject({ code: 'invalid' });
    });

    it('keeps keys apart that differ only in their separators', async () => {
      const { vault } = underTest();
      const versions = await Promise.all(
        ['a/b-c', 'a/b/c', 'a-b-c', 'a.b/c'].map(async (key) => {
          const transfer = await vault.createTransfer(parseObjectKey(key), testPartSize(vault));
          const content = new TextEncoder().encode(key);
          return vault.complete(transfer, [await storePart(vault, transfer, 1, content)]);
        }),
      );
      for (const version of versions) expect((await collect(vault.read(version))).toString()).toBe(version.key);
    });
  });
}
