declare module 'vitest' {
  interface ProvidedContext {
    /** Superuser URL of the database `postgres`. */
    fengcunPostgresUrl: string;
    fengcunRedisUrl: string;
    /** Where `testRgw` asks for the run's Ceph RGW. */
    fengcunRgwDoor: string;
  }
}

export type {};
