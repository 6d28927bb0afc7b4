import { Redis } from 'ioredis';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { startEngine } from './engine.ts';
import { testPostgresUrl, testRedis } from './index.ts';

describe('what the global set-up hands out', () => {
  it('is a PostgreSQL we are superuser of', async () => {
    const client = new Client({ connectionString: testPostgresUrl() });
    await client.connect();
    const { rows } = await client.query(
      "select current_setting('server_version_num')::int as version, rolsuper from pg_roles where rolname = current_user",
    );
    await client.end();
    expect(rows).toEqual([{ version: expect.any(Number), rolsuper: true }]);
    expect(rows[0].version).toBeGreaterThanOrEqual(150_000);
  });

  it('is a Redis that never evicts, with a prefix of our own each time', async () => {
    const { url, prefix } = testRedis();
    expect(testRedis().prefix).not.toBe(prefix);
    const redis = new Redis(url);
    await redis.set(`${prefix}:key`, 'value');
    expect(await redis.get(`${prefix}:key`)).toBe('value');
    expect(await redis.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
    await redis.quit();
  });
});

describe('the choice of servers', () => {
  it('takes the given ones when both are named', async () => {
    const engine = await startEngine({
      FENGCUN_TEST_POSTGRES_URL: 'postgresql://u:p@db.example:5432/postgres',
      FENGCUN_TEST_REDIS_URL: 'redis://cache.example:6379',
    });
    expect(engine.description).toContain('db.example:5432');
    expect(engine.redisUrl).toBe('redis://cache.example:6379');
  });

  it('refuses one without the other, and an unknown kind', async () => {
    await expect(startEngine({ FENGCUN_TEST_REDIS_URL: 'redis://cache.example' })).rejects.toThrow(
      'set both or neither',
    );
    await expect(startEngine({ FENGCUN_TEST_ENGINE: 'podman' })).rejects.toThrow('"local" or "containers"');
  });
});
