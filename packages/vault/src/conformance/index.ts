/**
 * What every vault must do, as Vitest tests. Registered by a driver's own test file:
 *
 *     describeVaultConformance('disk', async () => ({ vault, reopen, dispose }));
 */
import { afterEach, beforeEach, describe } from 'vitest';
import type { Vault } from '../port.ts';
import { protectionTests } from './protection.ts';
import { readingTests } from './reading.ts';
import { transferTests } from './transfers.ts';
import { writingTests } from './writing.ts';

/** A fresh vault with nothing in it, and what a test may do to it from outside. */
export interface VaultUnderTest {
  readonly vault: Vault;
  /** Another instance on the same storage, as after a restart of the process: nothing in memory is carried over. */
  reopen(): Promise<Vault>;
  /** Moves the clock that retention is measured by; absent where only the engine's own clock counts. */
  advanceClock?(milliseconds: number): void;
  /** Removes everything that can be removed. */
  dispose(): Promise<void>;
}

/** Gives the current test's vault. */
export type UnderTest = () => VaultUnderTest;

/** Registers the suite for one driver; `makeVault` is called for each test. */
export function describeVaultConformance(name: string, makeVault: () => Promise<VaultUnderTest>): void {
  describe(`vault conformance: ${name}`, () => {
    let current: VaultUnderTest | null = null;
    beforeEach(async () => {
      current = await makeVault();
    });
    afterEach(async () => {
      await current?.vault.close();
      await current?.dispose();
      current = null;
    });
    const underTest: UnderTest = () => {
      if (current === null) throw new Error('No vault: the suite calls this only inside a test.');
      return current;
    };
    transferTests(underTest);
    readingTests(underTest);
    writingTests(underTest);
    protectionTests(underTest);
  });
}
