declare module 'vitest' {
  interface ProvidedContext {
    /** Superuser URL of the database `postgres`. */
    fengcunPostgresUrl: string;
    fengcunRedisUrl: string;
  }
}

export type {};
