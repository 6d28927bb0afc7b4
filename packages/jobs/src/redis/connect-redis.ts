import { Redis } from 'ioredis';

export interface RedisOptions {
  /** redis:// or rediss:// URL */
  readonly url: string;
  /** shown in CLIENT LIST */
  readonly name: string;
}

/** For adding and counting: a command that cannot be answered within seconds fails, because its caller holds a transaction open. */
export const connectForCommands = (options: RedisOptions): Redis =>
  new Redis(options.url, {
    connectionName: options.name,
    maxRetriesPerRequest: 1,
    commandTimeout: 5000,
    connectTimeout: 5000,
    retryStrategy,
  });

/** For workers: waits through any outage. BullMQ requires `maxRetriesPerRequest: null` of connections that block. */
export const connectForWorkers = (options: RedisOptions): Redis =>
  new Redis(options.url, {
    connectionName: options.name,
    maxRetriesPerRequest: null,
    connectTimeout: 5000,
    retryStrategy,
  });

/** ms until the next attempt to reconnect: prompt at first, never more than two seconds, because a restart takes less. */
const retryStrategy = (attempt: number): number => Math.min(attempt * 100, 2000);
