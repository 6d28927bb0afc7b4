import { integer, readConfig, type Setting, serviceSettings, text } from '@fengcun/runtime';

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
  /** requests for tiles, proofs and checkpoints in a minute from one address (of an auditor, for entries), to one process */
  readonly requestsPerMinute: number;
}

export const ledgerSettings = {
  intervalMs: integer('FENGCUN_LEDGER_INTERVAL_MS', { min: 10, max: 60_000 }, { fallback: 200 }),
  batch: integer('FENGCUN_LEDGER_BATCH', { min: 1, max: 100_000 }, { fallback: 4096 }),
  audience: text('FENGCUN_SITE_ID'),
  witnessKeys: vkeys('FENGCUN_WITNESS_KEYS'),
  signingMemoryPath: text('FENGCUN_LOG_MEMORY'),
  requestsPerMinute: integer('FENGCUN_RATE_LOG', { min: 1, max: 10_000_000 }, { fallback: 12_000 }),
};

/** Settings of a ledger that runs alone. Throws `ConfigError` naming the variable. */
export const readLedgerSettings = (env: NodeJS.ProcessEnv) =>
  readConfig(env, {
    ...ledgerSettings,
    ...serviceSettings(8083),
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
