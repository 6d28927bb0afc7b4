import {
  integer,
  oneOf,
  readConfig,
  readOptionalVaultSettings,
  readVaultSettings,
  serviceSettings,
  text,
  url,
} from '@fengcun/runtime';

/** What a worker may be told; everything has a default that suits one machine. */
export interface WorkerConfig {
  /** days an original is locked from the moment it was received; six months is the field's minimum */
  readonly retentionDays: number;
  /** jobs at once */
  readonly sealConcurrency: number;
  readonly probeConcurrency: number;
  readonly proxyConcurrency: number;
  readonly copyConcurrency: number;
  /** ms a copy that is ready may be downloaded before it is removed */
  readonly copyLifetimeMs: number;
  /** what stands in a corner of every picture of a redacted version */
  readonly redactionMark: 'event' | 'none';
  /** uploads digested while they arrive, at most; 0 turns it off */
  readonly readAheadUploads: number;
  /** bytes; smaller uploads are sealed fast enough without */
  readonly readAheadMinSize: number;
  /** ms between two rounds of the reconciler */
  readonly reconcileEveryMs: number;
  /** ms without a sign of life before work counts as forgotten */
  readonly forgottenAfterMs: number;
  /** webhooks may be sent to this machine itself, by plain HTTP */
  readonly webhookLoopback: boolean;
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
  copyConcurrency: 1,
  copyLifetimeMs: 72 * 3_600_000,
  redactionMark: 'event',
  readAheadUploads: 2,
  readAheadMinSize: 64 * mib,
  reconcileEveryMs: 5000,
  forgottenAfterMs: 10_000,
  webhookLoopback: false,
  redisPrefix: 'fengcun',
  redisAppendOnly: 'require',
});

const some = { min: 1, max: 64 };
const { retentionDays, sealConcurrency, probeConcurrency, proxyConcurrency, readAheadUploads } = defaultWorkerConfig;
const { reconcileEveryMs, forgottenAfterMs, redisPrefix, redisAppendOnly } = defaultWorkerConfig;

/** What the variables of the second vault begin with. */
export const replicaPrefix = 'FENGCUN_REPLICA_VAULT';

/** The font of names burnt into copies; empty: found where distributions put one. */
export const fontSettings = { cjkFont: text('FENGCUN_CJK_FONT', { fallback: '' }) } as const;

/** What a worker may be told, whoever starts it: a process that runs alone, or a site. Throws `ConfigError` naming the variable. */
export function readWorkerConfig(env: NodeJS.ProcessEnv): WorkerConfig {
  const { copyLifetimeHours, webhookLoopback, ...settings } = readConfig(env, {
    retentionDays: integer('FENGCUN_RETENTION_DAYS', { min: 1, max: 36_500 }, { fallback: retentionDays }),
    sealConcurrency: integer('FENGCUN_SEAL_CONCURRENCY', some, { fallback: sealConcurrency }),
    probeConcurrency: integer('FENGCUN_PROBE_CONCURRENCY', some, { fallback: probeConcurrency }),
    proxyConcurrency: integer('FENGCUN_PROXY_CONCURRENCY', some, { fallback: proxyConcurrency }),
    copyConcurrency: integer('FENGCUN_COPY_CONCURRENCY', some, { fallback: defaultWorkerConfig.copyConcurrency }),
    copyLifetimeHours: integer(
      'FENGCUN_COPY_LIFETIME_HOURS',
      { min: 1, max: 24 * 365 },
      { fallback: defaultWorkerConfig.copyLifetimeMs / 3_600_000 },
    ),
    redactionMark: oneOf('FENGCUN_REDACTION_MARK', ['event', 'none'], {
      fallback: defaultWorkerConfig.redactionMark,
    }),
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
    webhookLoopback: oneOf('FENGCUN_WEBHOOK_LOOPBACK', ['refuse', 'allow'], { fallback: 'refuse' }),
    redisPrefix: text('FENGCUN_REDIS_PREFIX', { fallback: redisPrefix }),
    redisAppendOnly: oneOf('FENGCUN_REDIS_APPEND_ONLY', ['require', 'warn'], { fallback: redisAppendOnly }),
  });
  return {
    ...settings,
    copyLifetimeMs: copyLifetimeHours * 3_600_000,
    webhookLoopback: webhookLoopback === 'allow',
  };
}

/** Settings of a worker process that runs alone. Throws `ConfigError` naming the variable. */
export function readWorkerSettings(env: NodeJS.ProcessEnv) {
  const settings = readConfig(env, {
    ...serviceSettings(8084),
    redisUrl: url('FENGCUN_REDIS_URL', ['redis', 'rediss'], { secret: true }),
    scratchDir: text('FENGCUN_SCRATCH_DIR'),
    ...fontSettings,
  });
  return {
    ...settings,
    ...readWorkerConfig(env),
    vault: readVaultSettings(env),
    replica: readOptionalVaultSettings(env, replicaPrefix),
  };
}
