declare module 'vitest' {
  interface ProvidedContext {
    /** Data directory of the product under test. */
    fengcunProductDir: string;
  }
}

export type {};
