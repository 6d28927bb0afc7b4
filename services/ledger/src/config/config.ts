import { integer, port, readConfig, type Setting, text, url } from '@fengcun/runtime';

/** How the sequencer runs; part of every composition. */
export interface LedgerConfig {
  /** ms between looks for new events */
  readonly intervalMs: number;
  /** events placed at a time */
  readonly batch: number;
  /** `aud` that dock tokens must name */
  readonly audience: string;
  /** vkeys of witnesses, published beside our own */
  readonly witnessKeys: readonly string[];
  /** file in which the signing key remembers what it signed last */
  readonly signingMemoryPath: string;
}

export const ledgerSettings = {
  intervalMs: integer('FENGCUN_LEDGER_INTERVAL_MS', { min: 10, max: 60_000 }, { fallback: 200 }),
  batch: integer('FENGCUN_LEDGER_BATCH', { min: 1, max: 100_000 }, { fallback: 4096 }),
  audience: text('FENGCUN_SITE_ID'),
  witnessKeys: vkeys('FENGCUN_WITNESS_KEYS'),
  signingMemoryPath: text('FENGCUN_LOG_MEMORY'),
};

/** Everything `main.ts` needs. */
export const readMainConfig = (env: NodeJS.ProcessEnv) =>
  readConfig(env, {
    ...ledgerSettings,
    port: port('FENGCUN_PORT', { fallback: 8083 }),
    host: text('FENGCUN_HOST', { fallback: '127.0.0.1' }),
    databaseUrl: url('FENGCUN_DATABASE_URL', ['postgres', 'postgresql'], { secret: true }),
    signingKeyPath: text('FENGCUN_LOG_KEY'),
  });

function vkeys(variable: string): Setting<readonly string[]> {
  return {
    variable,
    allowed: 'vkeys (name+hash+base64), separated by commas',
    parse: (value) => value.split(',').map((key) => key.trim()),
    fallback: [],
  };
}
