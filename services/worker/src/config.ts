import { integer, oneOf, readConfig, serviceSettings, text, url, vaultSettings } from '@fengcun/runtime';

/** What a worker may be told; everything has a default that suits one machine. */
export interface WorkerConfig {
  /** days an original is locked from the moment it was received; six months is the field's minimum */
  readonly retentionDays: number;
  /** jobs at once */
  readonly sealConcurrency: number;
  readonly probeConcurrency: number;
  readonly proxyConcurrency: number;
  /** uploads digested while they arrive, at most; 0 turns it off */
  readonly readAheadUploads: number;
  /** bytes; smaller uploads are sealed fast enough without */
  readonly readAheadMinSize: number;
  /** ms between two rounds of the reconciler */
  readonly reconcileEveryMs: number;
  /** ms without a sign of life before work counts as forgotten */
  readonly forgottenAfterMs: number;
  /** put before every key in Redis */
  readonly redisPrefix: string;
  readonly redisAppendOnly: 'require' | 'warn';
}

const mib = 1024 * 1024;

export const defaultWorkerConfig: WorkerConfig = Object.freeze({
  retentionDays: 183,
  sealConcurrency: 4,
  probeConcurrency: 2,
  proxyConcurrency: 2,
  readAheadUploads: 2,
  readAheadMinSize: 64 * mib,
  reconcileEveryMs: 5000,
  forgottenAfterMs: 10_000,
  redisPrefix: 'fengcun',
  redisAppendOnly: 'require',
});

const some = { min: 1, max: 64 };
const { retentionDays, sealConcurrency, probeConcurrency, proxyConcurrency, readAheadUploads } = defaultWorkerConfig;
const { reconcileEveryMs, forgottenAfterMs, redisPrefix, redisAppendOnly } = defaultWorkerConfig;

/** Settings of a worker process that runs alone. Throws `ConfigError` naming the variable. */
export const readWorkerSettings = (env: NodeJS.ProcessEnv) =>
  readConfig(env, {
    ...serviceSettings(8084),
    ...vaultSettings,
    redisUrl: url('FENGCUN_REDIS_URL', ['redis', 'rediss'], { secret: true }),
    scratchDir: text('FENGCUN_SCRATCH_DIR'),
    retentionDays: integer('FENGCUN_RETENTION_DAYS', { min: 1, max: 36_500 }, { fallback: retentionDays }),
    sealConcurrency: integer('FENGCUN_SEAL_CONCURRENCY', some, { fallback: sealConcurrency }),
    probeConcurrency: integer('FENGCUN_PROBE_CONCURRENCY', some, { fallback: probeConcurrency }),
    proxyConcurrency: integer('FENGCUN_PROXY_CONCURRENCY', some, { fallback: proxyConcurrency }),
    readAheadUploads: integer('FENGCUN_READ_AHEAD_UPLOADS', { min: 0, max: 16 }, { fallback: readAheadUploads }),
    readAheadMinSize: integer(
      'FENGCUN_READ_AHEAD_MIN_SIZE',
      { min: 0, max: Number.MAX_SAFE_INTEGER },
      { fallback: defaultWorkerConfig.readAheadMinSize },
    ),
    reconcileEveryMs: integer(
      'FENGCUN_RECONCILE_EVERY_MS',
      { min: 100, max: 3_600_000 },
      { fallback: reconcileEveryMs },
    ),
    forgottenAfterMs: integer(
      'FENGCUN_FORGOTTEN_AFTER_MS',
      { min: 100, max: 3_600_000 },
      { fallback: forgottenAfterMs },
    ),
    redisPrefix: text('FENGCUN_REDIS_PREFIX', { fallback: redisPrefix }),
    redisAppendOnly: oneOf('FENGCUN_REDIS_APPEND_ONLY', ['require', 'warn'], { fallback: redisAppendOnly }),
  });
