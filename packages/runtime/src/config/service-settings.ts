import { oneOf, port, text, url } from './read-config.ts';

/**
 * What every service that runs alone is told, under the same names everywhere. `defaultPort` is the service's own, so that all of them can
 * stand on one machine.
 */
export const serviceSettings = (defaultPort: number) => ({
  databaseUrl: url('FENGCUN_DATABASE_URL', ['postgres', 'postgresql'], { secret: true }),
  host: text('FENGCUN_HOST', { fallback: '127.0.0.1' }),
  port: port('FENGCUN_PORT', { fallback: defaultPort }),
  /** empty: none */
  trustProxy: text('FENGCUN_TRUST_PROXY', { fallback: '' }),
  logLevel: oneOf('FENGCUN_LOG_LEVEL', ['trace', 'debug', 'info', 'warn', 'error', 'silent'], { fallback: 'info' }),
});
