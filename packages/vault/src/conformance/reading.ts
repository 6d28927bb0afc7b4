import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunksOf, collect, expectBytes, freshKey, someBytes, storeObject, testPartSize } from './content.ts';
import type { UnderTest } from './index.ts';

const MAX_CHUNK = 1024 * 1024;

export function readingTests(underTest: UnderTest): void {
  describe('reading', () => {
    it.each([false, true])('gives any range of the bytes, from the medium: %s', async (fromMedium) => {
      const { vault } = underTest();
      const content = someBytes(2 * testPartSize(vault) + 333);
      const version = await storeObject(vault, content);
      await fc.assert(
        fc.asyncProperty(fc.nat(content.length), fc.nat(content.length), async (a, b) => {
          const range = { start: Math.min(a, b), end: Math.max(a, b) };
          const read = await collect(vault.read(version, range, { fromMedium }));
          expect(read.equals(content.subarray(range.start, range.end))).toBe(true);
        }),
        { numRuns: 25 },
      );
    });

    it('gives chunks of at most 1 MiB that the reader may keep', async () => {
      const { vault } = underTest();
      const content = someBytes(3 * MAX_CHUNK + 17);
      const version = await storeObject(vault, content);
      const chunks: Uint8Array[] = [];
      for await (const chunk of vault.read(version)) {
        expect(chunk.length).toBeLessThanOrEqual(MAX_CHUNK);
        chunks.push(chunk);
      }
      expect(Buffer.concat(chunks).equals(content)).toBe(true);
    });

    it('can be stopped at any chunk and started again', async () => {
      const { vault } = underTest();
      const content = someBytes(3 * MAX_CHUNK);
      const version = await storeObject(vault, content);
      for await (const chunk of vault.read(version)) {
        expect(chunk.length).toBeGreaterThan(0);
        break;
      }
      await expectBytes(vault.read(version), content);
    });

    it('refuses ranges that do not lie in the object', async () => {
      const { vault } = underTest();
      const version = await storeObject(vault, someBytes(10));
      for (const range of [
        { start: -1, end: 5 },
        { start: 0, end: 11 },
        { start: 6, end: 5 },
        { start: 0.5, end: 5 },
        { start: 0, end: Number.NaN },
      ]) {
        await expect(collect(vault.read(version, range))).rejects.toMatchObject({ code: 'invalid' });
      }
      expect(await collect(vault.read(version, { start: 10, end: 10 }))).toHaveLength(0);
    });

    it('says that an object is not the size it should be, before and instead of handing out its bytes', async () => {
      const { vault } = underTest();
      const version = await storeObject(vault, someBytes(100));
      for (const size of [99, 101]) {
        await expect(collect(vault.read({ ...version, size }))).rejects.toMatchObject({ code: 'corrupt' });
      }
    });

    it('knows nothing of a version that does not exist', async () => {
      const { vault } = underTest();
      const [kept, other] = [await storeObject(vault, someBytes(100)), await storeObject(vault, someBytes(100))];
      const gone = await vault.write(freshKey(), chunksOf(someBytes(100)));
      await vault.delete(gone);
      for (const version of [gone, { ...kept, versionId: other.versionId }]) {
        await expect(vault.stat(version)).rejects.toMatchObject({ code: 'not_found' });
        await expect(collect(vault.read(version))).rejects.toMatchObject({ code: 'not_found' });
        await expect(vault.openLocal(version)).rejects.toMatchObject({ code: 'not_found' });
        await expect(vault.protection(version)).rejects.toMatchObject({ code: 'not_found' });
      }
    });

    it('gives a local file with the same bytes', async () => {
      const { vault } = underTest();
      const content = someBytes(testPartSize(vault) + 4);
      const version = await storeObject(vault, content);
      const local = await vault.openLocal(version);
      expect((await readFile(local.path)).equals(content)).toBe(true);
      await local.release();
      await local.release();
      await expectBytes(vault.read(version), content);
    });
  });
}
