import { describe, expect, test } from 'vitest';
import { integer, oneOf, port, readConfig, text, url } from './read-config.ts';

const settings = {
  port: port('FENGCUN_PORT', { fallback: 8080 }),
  days: integer('FENGCUN_RETENTION_DAYS', { min: 1, max: 36_500 }, { fallback: 183 }),
  vault: oneOf('FENGCUN_VAULT', ['disk', 's3']),
  database: url('FENGCUN_DATABASE', ['postgres'], { secret: true }),
  name: text('FENGCUN_NAME', { fallback: '封存' }),
};
const good = { FENGCUN_VAULT: 'disk', FENGCUN_DATABASE: 'postgres://u:p@127.0.0.1/x' };

describe('readConfig', () => {
  test('parses every value once, into an object that cannot be changed', () => {
    const config = readConfig({ ...good, FENGCUN_RETENTION_DAYS: '3_650' }, settings);
    expect(config).toEqual({ port: 8080, days: 3650, vault: 'disk', database: good.FENGCUN_DATABASE, name: '封存' });
    expect(Object.isFrozen(config)).toBe(true);
  });

  test.each([
    [{ ...good, FENGCUN_PORT: '99999' }, 'FENGCUN_PORT is "99999"; allowed: a whole number from 0 to 65535'],
    [{ ...good, FENGCUN_PORT: '80.5' }, 'FENGCUN_PORT is "80.5"'],
    [{ ...good, FENGCUN_VAULT: 'tape' }, 'FENGCUN_VAULT is "tape"; allowed: disk, s3'],
    [{ FENGCUN_VAULT: 'disk' }, 'FENGCUN_DATABASE is not set; allowed: a URL starting with postgres://'],
  ])('names the variable, what was found and what is allowed', (env, message) => {
    expect(() => readConfig(env, settings)).toThrow(message);
  });

  test('does not show a secret that is malformed', () => {
    expect(() => readConfig({ ...good, FENGCUN_DATABASE: 'mysql://u:hunter2@x' }, settings)).toThrow(
      'FENGCUN_DATABASE is "(secret)"',
    );
  });
});
