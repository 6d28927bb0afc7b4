import type { TestVault } from './test-vault.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Data directories of the products under test, by what they keep recordings on. */
    fengcunProductDirs: Readonly<Record<TestVault, string>>;
  }
}
