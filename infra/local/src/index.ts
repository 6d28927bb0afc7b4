export { LocalError, type LocalErrorCode, systemErrorCode } from './errors.ts';
export { findPostgres, type PostgresPrograms } from './postgres/programs.ts';
export { type PostgresOptions, type PostgresServer, startPostgres } from './postgres/server.ts';
export { prepareDirectory } from './process/data-directory.ts';
export { type DirectoryLock, lockDirectory } from './process/directory-lock.ts';
export {
  type ManagedChild,
  type ServerExit,
  type SpawnOptions,
  type StopStep,
  spawnManaged,
} from './process/managed-child.ts';
export { endOrphans } from './process/orphans.ts';
export { syncDirectory, writeFileDurably } from './process/secret-file.ts';
export { findRedis, type RedisOptions, type RedisServer, startRedis } from './redis/server.ts';
export { type CephPrograms, findCeph } from './rgw/programs.ts';
export { type RgwOptions, type RgwServer, startRgw } from './rgw/server.ts';
export { readUser, type S3Login } from './rgw/users.ts';
export { grantVaultAccess, type VaultBuckets, type VaultLogins } from './rgw/vault-grants.ts';
