import { VaultError, type VaultErrorCode } from '../errors.ts';

/** What the engine, or the way to it, said when a call did not succeed. */
export interface Failure {
  /** S3 error code, Node's code for the socket, or the error's name */
  readonly code: string;
  /** null when no answer came */
  readonly status: number | null;
  readonly message: string;
  /**
   * - `refused`: it certainly had no effect and may go through later (busy, not there yet).
   * - `unclear`: no usable answer; it may have had its effect.
   * - `final`: the engine's answer, which it would give again.
   */
  readonly kind: 'refused' | 'unclear' | 'final';
}

const NEVER_REACHED = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN']);
const BUSY = new Set([
  'SlowDown',
  'ServiceUnavailable',
  'Throttling',
  'ThrottlingException',
  'TooManyRequests',
  'RequestLimitExceeded',
]);
// 409 OperationAborted: a conflicting call is under way. RequestTimeTooSkewed: the SDK has corrected its clock by the answer.
const PASSING = new Set(['InternalError', 'RequestTimeout', 'OperationAborted', 'RequestTimeTooSkewed']);

/** Of Node's TLS: repeated, it would fail again until somebody mends something. */
const UNTRUSTED = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_UNTRUSTED',
  'CERT_SIGNATURE_FAILURE',
]);
const OUTDATED = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);
const OTHER_HOST = 'ERR_TLS_CERT_ALTNAME_INVALID';
const NO_TLS = /wrong version number|packet length too long/;

const OWN_FAULTS = new Set(['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError']);

/** Reads an error of the SDK or of a socket. */
export function failureOf(error: unknown): Failure {
  const { name, Code, code, message, $metadata } = fieldsOf(error);
  const status = $metadata?.httpStatusCode ?? null;
  const spelled = Code ?? (status === null ? code : undefined) ?? name ?? 'Error';
  const said = message === undefined || message === 'UnknownError' ? spelled : message;
  const kind = status === null && tlsTrouble(spelled, said) !== null ? 'final' : kindOf(spelled, status);
  return { code: spelled, status, message: said, kind };
}

/** What is wrong with the engine's certificate or protocol, or null when it is something else. */
function tlsTrouble(code: string, message: string): 'untrusted' | 'outdated' | 'other_host' | 'no_tls' | null {
  if (UNTRUSTED.has(code)) return 'untrusted';
  if (OUTDATED.has(code)) return 'outdated';
  if (code === OTHER_HOST) return 'other_host';
  return code === 'EPROTO' && NO_TLS.test(message) ? 'no_tls' : null;
}

function kindOf(code: string, status: number | null): Failure['kind'] {
  if (NEVER_REACHED.has(code) || BUSY.has(code) || status === 503 || status === 429) return 'refused';
  if (PASSING.has(code)) return 'unclear';
  // No status: the socket broke or stayed silent - unless the error never left this process.
  if (status === null) return code.endsWith('ProviderError') || OWN_FAULTS.has(code) ? 'final' : 'unclear';
  // An answer that could not be understood (a proxy's page) carries the status it came with.
  return status >= 500 && status !== 501 && status !== 507 ? 'unclear' : 'final';
}

interface ErrorFields {
  readonly name?: string;
  readonly Code?: string;
  readonly code?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

function fieldsOf(error: unknown): ErrorFields {
  return typeof error === 'object' && error !== null ? error : { message: String(error) };
}

const CODES: Readonly<Record<string, VaultErrorCode>> = {
  NoSuchKey: 'not_found',
  NoSuchVersion: 'not_found',
  NoSuchUpload: 'not_found',
  NotFound: 'not_found',
  MethodNotAllowed: 'not_found', // a delete marker, named as a version
  QuotaExceeded: 'no_space',
  XMinioStorageFull: 'no_space',
  InsufficientCapacity: 'no_space',
  EntityTooLarge: 'invalid',
  EntityTooSmall: 'part_mismatch',
  InvalidPart: 'part_mismatch',
  InvalidPartOrder: 'part_mismatch',
};

const DENIED = new Set([
  'AccessDenied',
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'AllAccessDisabled',
  'Forbidden',
]);

/**
 * The vault's word for a failure. `doing` begins the sentence: "Storing part 3". `variables` is what the names of the settings begin with that it
 * may ask to be mended.
 */
export function vaultErrorOf(error: unknown, doing: string, variables = 'FENGCUN_VAULT'): VaultError {
  if (error instanceof VaultError) return error;
  const { code, status, message, kind } = failureOf(error);
  const cause = { cause: error };
  if (kind !== 'final') {
    return new VaultError(
      'unavailable',
      `${doing}: the engine did not answer usably (${code}: ${message}); retry.`,
      cause,
    );
  }
  const trouble = status === null ? tlsTrouble(code, message) : null;
  if (trouble !== null) {
    const { setting, words } = TLS_WORDS[trouble];
    const variable = `${variables}_S3_${setting}`;
    return new VaultError('unavailable', `${doing}: ${words(variable)} (${code}: ${firstLine(message)})`, {
      ...cause,
      variable,
    });
  }
  if (code.endsWith('ProviderError')) {
    const variable = `${variables}_S3_PROFILE`;
    return new VaultError(
      'read_only',
      `${doing}: no credentials were found (${message}); set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a section that the shared credentials file has in ${variable}.`,
      { ...cause, variable },
    );
  }
  const known = CODES[code];
  if (known !== undefined) return new VaultError(known, `${doing}: ${explained(known)} (${code}).`, cause);
  if (code === 'NoSuchBucket') {
    return new VaultError(
      'unavailable',
      `${doing}: the bucket does not exist; \`fengcun-vault check\` makes it.`,
      cause,
    );
  }
  if (DENIED.has(code) || status === 403) {
    return new VaultError(
      'read_only',
      `${doing}: the engine refuses these credentials (${code}: ${message}); mend the keys, the bucket policy or the clock.`,
      cause,
    );
  }
  if (status === 404) return new VaultError('not_found', `${doing}: there is no such thing (${code}).`, cause);
  if (status === 507) return new VaultError('no_space', `${doing}: the engine is full (${code}).`, cause);
  return new VaultError(
    'unavailable',
    `${doing}: the engine answered ${status ?? 'nothing'} ${code}: ${message}`,
    cause,
  );
}

const TLS_WORDS = {
  untrusted: {
    setting: 'CA_FILE',
    words: (variable: string) =>
      `nobody whom we trust has signed the engine's certificate; name the PEM file of the authority that has in ${variable}`,
  },
  outdated: {
    setting: 'ENDPOINT',
    words: (variable: string) =>
      `the certificate of the engine that ${variable} names is not valid today; renew it, or set this machine's clock`,
  },
  other_host: {
    setting: 'ENDPOINT',
    words: (variable: string) =>
      `the engine's certificate is for another host; put a name that it has into ${variable} (buckets as host names need one for *.HOST), or get it anew`,
  },
  no_tls: {
    setting: 'ENDPOINT',
    words: (variable: string) =>
      `no TLS is spoken where ${variable} says https; name the engine's TLS port, or write http`,
  },
} as const;

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';

function explained(code: VaultErrorCode): string {
  switch (code) {
    case 'not_found':
      return 'there is no such version or transfer';
    case 'no_space':
      return 'the engine is full; free space or raise the quota, then send the bytes again';
    case 'part_mismatch':
      return 'the parts are not stored as named; compare the part ledger';
    default:
      return 'the engine refuses it';
  }
}
