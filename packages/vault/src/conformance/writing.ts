import { describe, expect, it } from 'vitest';
import { chunksOf, collect, expectBytes, freshKey, someBytes, storeObject } from './content.ts';
import type { UnderTest } from './index.ts';

export function writingTests(underTest: UnderTest): void {
  describe('writing an object whole', () => {
    it.each([0, 1, 300_001, 7 * 1024 * 1024 + 13])('stores %i bytes', async (size) => {
      const { vault } = underTest();
      const content = someBytes(size);
      const version = await vault.write(freshKey(), chunksOf(content));
      expect(version.size).toBe(size);
      await expectBytes(vault.read(version), content);
    });

    it('has done with a chunk when it asks for the next one', async () => {
      const { vault } = underTest();
      const content = someBytes(9 * 1024 * 1024);
      async function* reusing(): AsyncGenerator<Uint8Array> {
        for await (const chunk of chunksOf(content)) {
          yield chunk;
          chunk.fill(0);
        }
      }
      await expectBytes(vault.read(await vault.write(freshKey(), reusing())), content);
    });

    it('makes a new version of the same key and leaves the old one', async () => {
      const { vault } = underTest();
      const key = freshKey();
      const [before, after] = [someBytes(1_000), someBytes(500)];
      const first = await vault.write(key, chunksOf(before));
      const second = await vault.write(key, chunksOf(after));
      expect(second.versionId).not.toBe(first.versionId);
      await expectBytes(vault.read(first), before);
      await expectBytes(vault.read(second), after);
      await vault.delete(first);
      await expectBytes(vault.read(second), after);
    });

    it('stores nothing when its source fails, and says what the source said', async () => {
      const { vault } = underTest();
      const headroom = await vault.headroom();
      async function* failing(): AsyncGenerator<Uint8Array> {
        yield someBytes(2 * 1024 * 1024);
        throw new RangeError('no more film');
      }
      await expect(vault.write(freshKey(), failing())).rejects.toThrow('no more film');
      for await (const transfer of vault.transfers()) expect.unreachable(`left behind: ${transfer.key}`);
      expect(headroom === null || headroom > 0).toBe(true);
    });
  });

  describe('the vault as a whole', () => {
    it('passes its own probe, claims nothing it did not try, and leaves nothing behind', async () => {
      const { vault } = underTest();
      const findings = await vault.probe();
      expect(findings.filter((finding) => finding.must && finding.outcome !== 'passed')).toEqual([]);
      expect(findings.length).toBeGreaterThan(0);
      for await (const transfer of vault.transfers()) expect.unreachable(`left behind: ${transfer.key}`);
    });

    it('knows of no object that somebody hid', async () => {
      const { vault } = underTest();
      await storeObject(vault, someBytes(10));
      await vault.probe();
      for await (const { key } of vault.concealed()) expect.unreachable(`hidden: ${key}`);
    });

    it('does nothing any more once it is closed', async () => {
      const { vault } = underTest();
      const version = await vault.write(freshKey(), chunksOf(someBytes(10)));
      await vault.close();
      await vault.close();
      await expect(vault.stat(version)).rejects.toMatchObject({ code: 'unavailable' });
      await expect(collect(vault.read(version))).rejects.toMatchObject({ code: 'unavailable' });
    });
  });
}
