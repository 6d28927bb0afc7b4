import { describe, expect, it } from 'vitest';
import { chunksOf, expectBytes, freshKey, someBytes, storeObject } from './content.ts';
import type { UnderTest } from './index.ts';

const DAY = 24 * 60 * 60 * 1000;

/** A date `days` from now in whole seconds, which every engine can keep. */
function inDays(days: number): Date {
  return new Date(Math.ceil((Date.now() + days * DAY) / 1000) * 1000);
}

export function protectionTests(underTest: UnderTest): void {
  describe('retention', () => {
    it('is read back as it was set, also after a restart', async () => {
      const { vault, reopen } = underTest();
      const version = await storeObject(vault, someBytes(10));
      const until = inDays(2);
      await vault.retain(version, until);
      const locked = { mode: 'compliance', retainUntil: until, legalHold: false };
      expect(await vault.protection(version)).toEqual(locked);
      const restarted = await reopen();
      expect(await restarted.protection(version)).toEqual(locked);
      await expect(restarted.delete(version)).rejects.toMatchObject({ code: 'retained' });
      await restarted.close();
    });

    it('refuses deletion and leaves the bytes', async () => {
      const { vault } = underTest();
      const content = someBytes(10);
      const version = await storeObject(vault, content);
      await vault.retain(version, inDays(2));
      await expect(vault.delete(version)).rejects.toMatchObject({ code: 'retained' });
      await expectBytes(vault.read(version), content);
    });

    it('is extended, repeated, but never shortened', async () => {
      const { vault } = underTest();
      const version = await storeObject(vault, someBytes(10));
      await vault.retain(version, inDays(2));
      const until = inDays(4);
      await vault.retain(version, until);
      await vault.retain(version, until);
      await expect(vault.retain(version, inDays(3))).rejects.toMatchObject({ code: 'retained' });
      expect((await vault.protection(version)).retainUntil).toEqual(until);
    });

    it('ends at the latest of dates set at the same time', async () => {
      const { vault, reopen } = underTest();
      const version = await storeObject(vault, someBytes(10));
      const other = await reopen();
      const dates = [5, 9, 7, 6, 8].map(inDays);
      await Promise.allSettled(dates.map((until, index) => (index % 2 === 0 ? vault : other).retain(version, until)));
      expect((await vault.protection(version)).retainUntil).toEqual(dates[1]);
      await other.close();
    });

    it('cannot end in the past or at no date', async () => {
      const { vault } = underTest();
      const version = await storeObject(vault, someBytes(10));
      const before = await vault.protection(version);
      await expect(vault.retain(version, inDays(-1))).rejects.toMatchObject({ code: 'invalid' });
      await expect(vault.retain(version, new Date(Number.NaN))).rejects.toMatchObject({ code: 'invalid' });
      expect(await vault.protection(version)).toEqual(before);
    });

    it('binds one version only', async () => {
      const { vault } = underTest();
      const [locked, free] = [await storeObject(vault, someBytes(10)), await storeObject(vault, someBytes(10))];
      const before = await vault.protection(free);
      await vault.retain(locked, inDays(2));
      expect(await vault.protection(free)).toEqual(before);
    });

    it('is there from the first moment exactly where the driver says so', async () => {
      const { vault } = underTest();
      const record = await vault.write(freshKey(), chunksOf(someBytes(10)), 'record');
      for (const version of [record, await storeObject(vault, someBytes(10))]) {
        const { mode, retainUntil } = await vault.protection(version);
        expect(mode).toBe(vault.capabilities.bornRetained ? 'compliance' : 'none');
        if (vault.capabilities.bornRetained) {
          expect(Number(retainUntil) - Date.now()).toBeGreaterThan(DAY - 60_000);
          await expect(vault.delete(version)).rejects.toMatchObject({ code: 'retained' });
        } else {
          await vault.delete(version);
        }
      }
    });

    it('holds a record like an original', async () => {
      const { vault } = underTest();
      const version = await vault.write(freshKey(), chunksOf(someBytes(10)), 'record');
      const until = inDays(2);
      await vault.retain(version, until);
      expect(await vault.protection(version)).toEqual({ mode: 'compliance', retainUntil: until, legalHold: false });
      await expect(vault.delete(version)).rejects.toMatchObject({ code: 'retained' });
    });

    it('lets go when it has run out', async (test) => {
      const { vault, advanceClock } = underTest();
      if (advanceClock === undefined) return test.skip('the engine keeps its own clock');
      const version = await storeObject(vault, someBytes(10));
      await vault.retain(version, inDays(2));
      advanceClock(3 * DAY);
      await vault.delete(version);
      await expect(vault.stat(version)).rejects.toMatchObject({ code: 'not_found' });
    });
  });

  describe('a legal hold', () => {
    it('refuses deletion until it is lifted', async () => {
      const { vault } = underTest();
      const version = await storeObject(vault, someBytes(10));
      await vault.setLegalHold(version, true);
      await vault.setLegalHold(version, true);
      expect((await vault.protection(version)).legalHold).toBe(true);
      await expect(vault.delete(version)).rejects.toMatchObject({ code: 'held' });
      await vault.setLegalHold(version, false);
      await vault.setLegalHold(version, false);
      expect((await vault.protection(version)).legalHold).toBe(false);
      const deletion = vault.delete(version);
      if (vault.capabilities.bornRetained) await expect(deletion).rejects.toMatchObject({ code: 'retained' });
      else await deletion;
    });

    it('stands beside retention and outlasts it', async (test) => {
      const { vault, advanceClock } = underTest();
      const version = await storeObject(vault, someBytes(10));
      const until = inDays(2);
      await vault.retain(version, until);
      await vault.setLegalHold(version, true);
      expect(await vault.protection(version)).toEqual({ mode: 'compliance', retainUntil: until, legalHold: true });
      if (advanceClock === undefined) return test.skip('the engine keeps its own clock');
      advanceClock(3 * DAY);
      await expect(vault.delete(version)).rejects.toMatchObject({ code: 'held' });
    });
  });

  describe('without protection', () => {
    it('a derivative says so and can be deleted, once and again', async () => {
      const { vault } = underTest();
      const version = await vault.write(freshKey(), chunksOf(someBytes(10)));
      expect(await vault.protection(version)).toEqual({ mode: 'none', retainUntil: null, legalHold: false });
      await vault.delete(version);
      await vault.delete(version);
      const code = expect.stringMatching(/^(not_found|invalid)$/);
      await expect(vault.retain(version, inDays(2))).rejects.toMatchObject({ code });
      await expect(vault.setLegalHold(version, true)).rejects.toMatchObject({ code });
    });
  });
}
