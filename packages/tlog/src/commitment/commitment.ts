/**
 * Personal data in a log that outsiders may read: the entry carries a salted commitment, value and salt are kept aside as an *opening*.
 * The salt is 256 random bits, so a name cannot be found by trying all names; without it the commitment says nothing.
 */
import { decodeBase64Url, encodeBase64Url } from '../encoding/base64.ts';
import { concatBytes, encodeUtf8 } from '../encoding/text.ts';
import type { LogEntry } from '../entry/entry.ts';
import { isJsonObject, type JsonValue } from '../entry/strict-json.ts';
import { TlogError } from '../errors.ts';
import { HASH_BYTES } from '../hash/hash.ts';
import { sha256 } from '../hash/hasher.ts';

/** What stands in the entry in place of a value. */
export type Commitment = { readonly commitment: string };

/** What shows the value behind a commitment. */
export interface Opening {
  /** RFC 6901 JSON pointer from the entry's top: `/data/name` */
  readonly path: string;
  /** base64url of 32 bytes */
  readonly salt: string;
  readonly value: string;
}

const DOMAIN = encodeUtf8('fengcun-commitment/v1\n');
export const SALT_BYTES = 32;

/** base64url(SHA-256(domain || salt || UTF-8 value)); domain and salt have fixed lengths, so the parts cannot be shifted. */
export function commitmentTo(value: string, salt: Uint8Array): Commitment {
  if (salt.length !== SALT_BYTES)
    throw new TlogError(
      'commitment_malformed',
      `A commitment's salt has ${SALT_BYTES} bytes; this has ${salt.length}.`,
    );
  if (!value.isWellFormed())
    throw new TlogError('commitment_malformed', 'A text with broken Unicode cannot be committed to; repair it first.');
  return { commitment: encodeBase64Url(sha256(concatBytes(DOMAIN, salt, encodeUtf8(value)))) };
}

/** Commits to a value under a new random salt. */
export function commit(path: string, value: string): { commitment: Commitment; opening: Opening } {
  const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
  return { commitment: commitmentTo(value, salt), opening: { path, salt: encodeBase64Url(salt), value } };
}

/** The JSON pointers of all commitments in an entry, in document order. */
export function commitmentPaths(entry: LogEntry): string[] {
  const paths: string[] = [];
  const visit = (value: JsonValue, path: string): void => {
    if (isCommitment(value)) {
      paths.push(path);
    } else if (Array.isArray(value)) {
      for (const [i, member] of value.entries()) visit(member, `${path}/${i}`);
    } else if (isJsonObject(value)) {
      for (const [key, member] of Object.entries(value)) visit(member, `${path}/${escapeToken(key)}`);
    }
  };
  visit(entry.actor, '/actor');
  visit(entry.subject, '/subject');
  visit(entry.data, '/data');
  return paths;
}

/**
 * Throws unless the opening is well formed and yields the commitment at its path: `commitment_malformed`, or `opening_mismatch` where
 * the entry commits to another value, or to nothing, there.
 */
export function verifyOpening(entry: LogEntry, opening: Opening): void {
  let salt: Uint8Array;
  try {
    salt = decodeBase64Url(opening.salt);
  } catch (cause) {
    throw new TlogError('commitment_malformed', `The salt of the opening at ${opening.path} is not base64url.`, {
      cause,
    });
  }
  const { commitment } = commitmentTo(opening.value, salt);
  const target = resolvePointer(entry, opening.path);
  if (!isCommitment(target))
    throw new TlogError(
      'opening_mismatch',
      `The entry has no commitment at ${JSON.stringify(opening.path.slice(0, 120))}.`,
    );
  if (target.commitment !== commitment) {
    throw new TlogError(
      'opening_mismatch',
      `The value given for ${opening.path} is not the one that was committed to.`,
    );
  }
}

export function isCommitment(value: JsonValue | undefined): value is Commitment {
  if (!isJsonObject(value) || Object.keys(value).length !== 1) return false;
  const { commitment } = value;
  if (typeof commitment !== 'string' || commitment.length !== 43) return false;
  try {
    return decodeBase64Url(commitment).length === HASH_BYTES;
  } catch {
    return false;
  }
}

function resolvePointer(entry: LogEntry, path: string): JsonValue | undefined {
  if (!path.startsWith('/') || /~(?![01])/.test(path)) return undefined;
  let value: JsonValue | undefined = { actor: entry.actor, subject: entry.subject, data: entry.data };
  for (const token of path.slice(1).split('/')) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(value)) value = /^(?:0|[1-9][0-9]*)$/.test(key) ? value[Number(key)] : undefined;
    else if (isJsonObject(value) && Object.hasOwn(value, key)) value = value[key];
    else return undefined;
  }
  return value;
}

function escapeToken(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
