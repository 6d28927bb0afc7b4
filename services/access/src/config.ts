import { integer, readConfig, type Setting, serviceSettings, text, vaultSettings } from '@fengcun/runtime';

/** What the access service may be told; part of every composition. */
export interface AccessConfig {
  readonly site: {
    /** also what docks' tokens must name as `aud` */
    readonly id: string;
    readonly name: string;
    readonly version: string;
    /** IANA name */
    readonly timeZone: string;
    /** bytes */
    readonly maxUploadSize: number;
    readonly logOrigin: string;
  };
  /** vkeys of the log, against which verifications check its checkpoints; none: that leg is not checked */
  readonly logKeys: readonly string[];
  /** ms a session of play lives without anything being fetched */
  readonly playIdleMs: number;
  /** originals read again at once */
  readonly verificationConcurrency: number;
  /** verifications waiting for their turn in this process, at most */
  readonly verificationQueue: number;
}

export const defaultAccessLimits = Object.freeze({
  playIdleMs: 10 * 60_000,
  verificationConcurrency: 2,
  verificationQueue: 200,
});

/** Settings of an access service that runs alone. Throws `ConfigError` naming the variable. */
export function readAccessSettings(env: NodeJS.ProcessEnv) {
  const { siteId, siteName, timeZone, maxUploadSize, logOrigin, playIdleSeconds, ...settings } = readConfig(env, {
    ...serviceSettings(8082),
    ...vaultSettings,
    consoleDir: text('FENGCUN_CONSOLE_DIR', { fallback: '' }),
    siteId: text('FENGCUN_SITE_ID'),
    siteName: text('FENGCUN_SITE_NAME'),
    timeZone: zone('FENGCUN_TIME_ZONE', 'Asia/Shanghai'),
    // The upload service's own limit, which the console tells people.
    maxUploadSize: integer('FENGCUN_UPLOAD_MAX_SIZE', { min: 1, max: 2 ** 42 }, { fallback: 2 ** 40 }),
    logOrigin: text('FENGCUN_LOG_ORIGIN'),
    logKeys: list('FENGCUN_LOG_KEYS'),
    playIdleSeconds: integer(
      'FENGCUN_PLAY_IDLE_SECONDS',
      { min: 30, max: 12 * 3600 },
      { fallback: defaultAccessLimits.playIdleMs / 1000 },
    ),
    verificationConcurrency: integer(
      'FENGCUN_VERIFICATION_CONCURRENCY',
      { min: 1, max: 16 },
      { fallback: defaultAccessLimits.verificationConcurrency },
    ),
  });
  return {
    ...settings,
    verificationQueue: defaultAccessLimits.verificationQueue,
    playIdleMs: playIdleSeconds * 1000,
    site: { id: siteId, name: siteName, timeZone, maxUploadSize, logOrigin },
  };
}

function zone(variable: string, fallback: string): Setting<string> {
  return {
    variable,
    allowed: 'an IANA time zone such as Asia/Shanghai',
    parse: (value) => (isTimeZone(value) ? value : undefined),
    fallback,
  };
}

function isTimeZone(value: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
    return true;
  } catch {
    return false;
  }
}

const list = (variable: string): Setting<readonly string[]> => ({
  variable,
  allowed: 'vkeys (name+hash+base64), separated by commas',
  parse: (value) => value.split(',').map((key) => key.trim()),
  fallback: [],
});
