import { integer, readConfig, readVaultSettings, type Setting, serviceSettings, text } from '@fengcun/runtime';

const MiB = 1024 * 1024;

/** What the upload service can be told from outside. Parsed once by `readConfig`. */
export const uploadSettings = {
  /** this site's id: what docks' tokens name as their audience */
  audience: text('FENGCUN_SITE_ID'),
  /** vkeys of the log (C2SP signed-note), separated by commas: given to docks at enrolment and put into receipts */
  logKeys: list('FENGCUN_LOG_KEYS'),
  /** bytes */
  partSize: integer('FENGCUN_UPLOAD_PART_SIZE', { min: 64 * 1024, max: 1024 * MiB }, { fallback: 16 * MiB }),
  /** bytes; the largest file taken */
  maxSize: integer('FENGCUN_UPLOAD_MAX_SIZE', { min: 1, max: 2 ** 42 }, { fallback: 2 ** 40 }),
  /** how long a connection may be silent in the middle of a body */
  idleSeconds: integer('FENGCUN_UPLOAD_IDLE_SECONDS', { min: 1, max: 3600 }, { fallback: 60 }),
  /** how long an unfinished upload is kept after its last progress */
  expiryHours: integer('FENGCUN_UPLOAD_EXPIRY_HOURS', { min: 1, max: 24 * 365 }, { fallback: 24 * 7 }),
  /** requests that send bytes at once, of one dock or person, to one process */
  activePerSender: integer('FENGCUN_UPLOAD_ACTIVE_PER_SENDER', { min: 1, max: 1000 }, { fallback: 16 }),
  /** unfinished uploads of one dock or person */
  openPerSender: integer('FENGCUN_UPLOAD_OPEN_PER_SENDER', { min: 1, max: 1_000_000 }, { fallback: 10_000 }),
  /** uploads begun, asked after and terminated in a minute by one dock or person, at one process; bytes are not limited */
  requestsPerMinute: integer('FENGCUN_RATE_UPLOAD', { min: 1, max: 10_000_000 }, { fallback: 30_000 }),
  /** how long a writer that went silent keeps another process waiting */
  leaseSeconds: integer('FENGCUN_UPLOAD_LEASE_SECONDS', { min: 3, max: 600 }, { fallback: 15 }),
} as const;

export type UploadConfig = ReturnType<typeof readConfig<typeof uploadSettings>>;

/** Settings of an upload service that runs alone. Throws `ConfigError` naming the variable. */
export const readUploadSettings = (env: NodeJS.ProcessEnv) => ({
  ...readConfig(env, { ...uploadSettings, ...serviceSettings(8081) }),
  vault: readVaultSettings(env),
});

function list(variable: string): Setting<readonly string[]> {
  return {
    variable,
    allowed: 'verifier keys separated by commas',
    parse: (value) => {
      const items = value.split(',').map((item) => item.trim());
      return items.every((item) => item !== '') ? items : undefined;
    },
  };
}
