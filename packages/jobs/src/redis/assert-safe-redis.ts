import type { Logger } from '@fengcun/runtime';
import { Redis } from 'ioredis';
import { JobsError } from '../errors.ts';

export interface SafetyOptions {
  readonly url: string;
  /** `warn`: go on without an append-only file, for those who accept that a Redis crash costs a reconciliation */
  readonly appendOnly: 'require' | 'warn';
  readonly logger: Logger;
}

/**
 * Proves before the first job that this Redis keeps what it is given: no eviction (BullMQ itself only warns), and an append-only file. Asks
 * INFO, which answers where a managed Redis forbids CONFIG. Rejects `redis_unreachable`, `redis_evicts` or `redis_forgets`.
 */
export async function assertSafeRedis(options: SafetyOptions): Promise<void> {
  const info = await readInfo(options.url);
  const policy = info.get('maxmemory_policy') ?? 'not reported';
  if (policy !== 'noeviction') throw new JobsError('redis_evicts', `maxmemory-policy is ${policy}`);
  if (info.get('aof_enabled') !== '1') {
    const error = new JobsError('redis_forgets', 'aof_enabled is 0');
    if (options.appendOnly === 'require') throw error;
    options.logger.warn({ reason: error.code }, error.message);
  }
}

async function readInfo(url: string): Promise<ReadonlyMap<string, string>> {
  const redis = new Redis(url, {
    connectionName: 'fengcun-check',
    lazyConnect: true,
    connectTimeout: 5000,
    commandTimeout: 5000,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let refused: unknown;
  redis.on('error', (error) => {
    refused = error;
  });
  try {
    await redis.connect();
    const text = await redis.info();
    return new Map(text.split('\r\n').flatMap((line) => pair(line)));
  } catch (error) {
    throw new JobsError('redis_unreachable', withoutPassword(url), { cause: refused ?? error });
  } finally {
    redis.disconnect();
  }
}

function pair(line: string): readonly (readonly [string, string])[] {
  const colon = line.indexOf(':');
  return colon > 0 ? [[line.slice(0, colon), line.slice(colon + 1)]] : [];
}

function withoutPassword(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}
