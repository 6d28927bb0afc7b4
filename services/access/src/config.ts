import { readFile } from 'node:fs/promises';
import { parseSiteSecret, type RateLimits } from '@fengcun/identity';
import {
  ConfigError,
  integer,
  oneOf,
  readConfig,
  readOptionalVaultSettings,
  readVaultSettings,
  type Setting,
  serviceSettings,
  text,
} from '@fengcun/runtime';

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
  /** ms an event may wait to be published before nothing is shown or handed out any more */
  readonly logFreshnessMs: number;
  /** ms that one look at the log serves all requests */
  readonly logCheckMs: number;
  /** ms after its last byte in which a download that broke off is continued and not begun anew */
  readonly downloadResumeMs: number;
  /** ms a reader may take nothing before its connection is closed */
  readonly downloadIdleMs: number;
  /** copies of one person that wait or are being made, at most */
  readonly unfinishedCopies: number;
  /** ms until an undecided request escalates */
  readonly requestEscalationMs: number;
  /** ms until an undecided request is over */
  readonly requestExpiryMs: number;
  /** ms in which what was opened urgently must be confirmed */
  readonly urgentConfirmationMs: number;
  /** ms that a grant can last at most */
  readonly grantLongestMs: number;
  /** originals read again at once */
  readonly verificationConcurrency: number;
  /** verifications waiting for their turn in this process, at most */
  readonly verificationQueue: number;
  /** 32 bytes under which second factors are kept */
  readonly siteSecret: Uint8Array;
  /** null: nobody signs in through an identity provider */
  readonly oidc: OidcConfig | null;
  readonly rates: RateLimits;
  /** path of a font with Chinese characters for reports; null: one that a distribution installs */
  readonly cjkFont: string | null;
}

/** An OpenID provider (OpenID Connect Core 1.0) that people may sign in at. */
export interface OidcConfig {
  readonly issuer: string;
  readonly clientId: string;
  /** null: a public client, protected by PKCE alone */
  readonly clientSecret: string | null;
  /** what the button says */
  readonly label: string;
  /** claim of the ID token that is the login of an account not linked yet; null: only accounts that an administrator linked */
  readonly claim: string | null;
  /** whether signing in there counts as a second factor here */
  readonly secondFactor: 'ours' | 'theirs';
}

const day = 86_400_000;

export const defaultAccessLimits = Object.freeze({
  requestEscalationMs: 3 * day,
  requestExpiryMs: 30 * day,
  urgentConfirmationMs: day,
  grantLongestMs: 30 * day,
  playIdleMs: 10 * 60_000,
  logFreshnessMs: 60_000,
  logCheckMs: 1000,
  downloadResumeMs: 30 * 60_000,
  downloadIdleMs: 60_000,
  unfinishedCopies: 10,
  verificationConcurrency: 2,
  verificationQueue: 200,
  oidc: null,
  cjkFont: null,
  rates: { general: 1200, search: 240, sign_in: 120 },
});

/** What reports need: of every composition. */
export const reportSettings = { cjkFont: text('FENGCUN_CJK_FONT', { fallback: '' }) } as const;

/** How people sign in, and how fast they may ask: of every composition. */
export const signInSettings = {
  oidcIssuer: text('FENGCUN_OIDC_ISSUER', { fallback: '' }),
  oidcClientId: text('FENGCUN_OIDC_CLIENT_ID', { fallback: 'fengcun' }),
  oidcSecretFile: text('FENGCUN_OIDC_SECRET_FILE', { fallback: '' }),
  oidcLabel: text('FENGCUN_OIDC_LABEL', { fallback: '统一身份认证' }),
  oidcClaim: text('FENGCUN_OIDC_CLAIM', { fallback: '' }),
  oidcSecondFactor: oneOf('FENGCUN_OIDC_SECOND_FACTOR', ['ours', 'theirs'], { fallback: 'ours' }),
  rateGeneral: rate('FENGCUN_RATE_GENERAL', defaultAccessLimits.rates.general),
  rateSearch: rate('FENGCUN_RATE_SEARCH', defaultAccessLimits.rates.search),
  rateSignIn: rate('FENGCUN_RATE_SIGN_IN', defaultAccessLimits.rates.sign_in),
} as const;

function rate(variable: string, fallback: number): Setting<number> {
  return integer(variable, { min: 1, max: 10_000_000 }, { fallback });
}

type SignInSettings = ReturnType<typeof readSignInSettings>;
const readSignInSettings = (env: NodeJS.ProcessEnv) => readConfig(env, signInSettings);

/** Reads the settings and the client's secret out of its file. Throws `ConfigError`. */
export async function openSignInConfig(settings: SignInSettings): Promise<Pick<AccessConfig, 'oidc' | 'rates'>> {
  const { oidcIssuer: issuer, oidcSecretFile: file } = settings;
  const rates = { general: settings.rateGeneral, search: settings.rateSearch, sign_in: settings.rateSignIn };
  if (issuer === '') return { oidc: null, rates };
  if (!URL.canParse(issuer)) throw new ConfigError('FENGCUN_OIDC_ISSUER', issuer, 'the URL of an OpenID provider');
  const oidc = {
    issuer,
    clientId: settings.oidcClientId,
    clientSecret: file === '' ? null : await secretIn('FENGCUN_OIDC_SECRET_FILE', file, (secret) => secret.trim()),
    label: settings.oidcLabel,
    claim: settings.oidcClaim || null,
    secondFactor: settings.oidcSecondFactor,
  };
  return { oidc, rates };
}

/** The site's own secret out of its file. Throws `ConfigError`, which does not show it. */
export async function openSiteSecret(file: string): Promise<Uint8Array> {
  return secretIn('FENGCUN_SITE_SECRET_FILE', file, parseSiteSecret);
}

async function secretIn<T>(variable: string, file: string, parse: (text: string) => T): Promise<T> {
  try {
    return parse(await readFile(file, 'utf8'));
  } catch {
    throw new ConfigError(variable, file, 'a file that can be read and holds the secret (for the site: 64 hex digits)');
  }
}

/** Settings of an access service that runs alone. Throws `ConfigError` naming the variable. */
export function readAccessSettings(env: NodeJS.ProcessEnv) {
  const {
    siteId,
    siteName,
    timeZone,
    maxUploadSize,
    logOrigin,
    playIdleSeconds,
    logFreshnessSeconds,
    escalationDays,
    expiryDays,
    cjkFont,
    ...settings
  } = readConfig(env, {
    ...serviceSettings(8082),
    ...signInSettings,
    siteSecretFile: text('FENGCUN_SITE_SECRET_FILE'),
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
    logFreshnessSeconds: integer(
      'FENGCUN_LOG_FRESHNESS_SECONDS',
      { min: 5, max: 86_400 },
      { fallback: defaultAccessLimits.logFreshnessMs / 1000 },
    ),
    ...reportSettings,
    escalationDays: integer('FENGCUN_REQUEST_ESCALATION_DAYS', { min: 1, max: 30 }, { fallback: 3 }),
    expiryDays: integer('FENGCUN_REQUEST_EXPIRY_DAYS', { min: 1, max: 365 }, { fallback: 30 }),
    verificationConcurrency: integer(
      'FENGCUN_VERIFICATION_CONCURRENCY',
      { min: 1, max: 16 },
      { fallback: defaultAccessLimits.verificationConcurrency },
    ),
  });
  return {
    ...settings,
    cjkFont: cjkFont || null,
    vault: readVaultSettings(env),
    replica: readOptionalVaultSettings(env, 'FENGCUN_REPLICA_VAULT'),
    verificationQueue: defaultAccessLimits.verificationQueue,
    // The regulation's own day, and the longest a grant may last: not for a site to choose.
    urgentConfirmationMs: defaultAccessLimits.urgentConfirmationMs,
    grantLongestMs: defaultAccessLimits.grantLongestMs,
    requestEscalationMs: escalationDays * day,
    requestExpiryMs: expiryDays * day,
    logFreshnessMs: logFreshnessSeconds * 1000,
    logCheckMs: defaultAccessLimits.logCheckMs,
    downloadResumeMs: defaultAccessLimits.downloadResumeMs,
    downloadIdleMs: defaultAccessLimits.downloadIdleMs,
    unfinishedCopies: defaultAccessLimits.unfinishedCopies,
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
