import canonicalize from 'canonicalize';
import { decodeUtf8, encodeUtf8 } from '../encoding/text.ts';
import { TlogError } from '../errors.ts';
import { MAX_ENTRY_BYTES } from '../tile/entry-bundle.ts';
import { isJsonObject, type JsonObject, type JsonValue, MAX_DEPTH, parseStrictJson } from './strict-json.ts';

/**
 * One fact, as the log holds it. Its bytes are the RFC 8785 canonical JSON of this object, so that anyone who has the fact can make the
 * very bytes that were hashed.
 */
export interface LogEntry {
  readonly v: 1;
  /** dotted, lower case: `evidence.sealed` */
  readonly type: string;
  /** RFC 3339, UTC, milliseconds */
  readonly at: string;
  readonly actor: JsonObject;
  readonly subject: JsonObject;
  /** the request or grant that allowed it */
  readonly authorisation?: string;
  readonly data: JsonObject;
}

const TYPE = /^[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;
const NUMERIC = /^(?:0|[1-9][0-9]*)$/;
const MEMBERS = new Set(['v', 'type', 'at', 'actor', 'subject', 'authorisation', 'data']);

/** The bytes to be hashed and stored. Throws `entry_malformed` or `entry_too_large`; a value JSON cannot say is never dropped. */
export function formatEntry(entry: LogEntry): Uint8Array {
  requireJson(entry, new Set());
  const bytes = encodeUtf8(canonicalText(entry));
  parseEntry(bytes);
  return bytes;
}

/**
 * Reads an entry's bytes. Throws `entry_too_large` (64 KiB and more), `entry_malformed`, or `entry_not_canonical` where the bytes are
 * not the one RFC 8785 spelling of what they say.
 */
export function parseEntry(bytes: Uint8Array): LogEntry {
  if (bytes.length > MAX_ENTRY_BYTES) {
    throw new TlogError(
      'entry_too_large',
      `An entry must stay under 64 KiB; this has ${bytes.length} bytes. Put less in its data.`,
    );
  }
  const text = decodeUtf8(bytes);
  if (text === undefined) throw malformed('it is not UTF-8');
  let value: JsonValue;
  try {
    value = parseStrictJson(text);
  } catch (cause) {
    if (isLooselyJson(text)) throw notCanonical(cause);
    throw malformed('it is not JSON', cause);
  }
  const entry = asEntry(value);
  if (canonicalText(entry) !== text) throw notCanonical();
  return entry;
}

/** Checks the shape of an already parsed entry, as one stands inside a receipt. Throws `entry_malformed`. */
export function asEntry(value: JsonValue): LogEntry {
  if (!isJsonObject(value)) throw malformed('it is not an object');
  const stray = Object.keys(value).find((key) => !MEMBERS.has(key));
  if (stray !== undefined) throw malformed(`it has an unknown member ${JSON.stringify(stray.slice(0, 40))}`);
  const { v, type, at, actor, subject, authorisation, data } = value;
  if (v !== 1) throw malformed('its version "v" is not 1');
  if (typeof type !== 'string' || !TYPE.test(type)) throw malformed('its "type" is not a dotted lower-case name');
  if (typeof at !== 'string' || !isInstant(at)) throw malformed('its "at" is not a time in UTC with milliseconds');
  if (!isJsonObject(actor)) throw malformed('its "actor" is not an object');
  if (!isJsonObject(subject)) throw malformed('its "subject" is not an object');
  if (!isJsonObject(data)) throw malformed('its "data" is not an object');
  if (authorisation === undefined) return { v, type, at, actor, subject, data };
  if (typeof authorisation !== 'string') throw malformed('its "authorisation" is not text');
  return { v, type, at, actor, subject, authorisation, data };
}

/** True for `YYYY-MM-DDThh:mm:ss.sssZ` that names a real moment. */
export function isInstant(text: string): boolean {
  if (!INSTANT.test(text)) return false;
  const moment = new Date(text);
  return !Number.isNaN(moment.getTime()) && moment.toISOString() === text;
}

function canonicalText(entry: LogEntry): string {
  let text: string | undefined;
  try {
    text = canonicalize(entry);
  } catch (cause) {
    throw malformed('it holds a number or a text that JSON cannot carry', cause);
  }
  if (text === undefined) throw malformed('it is not an object');
  return text;
}

/** `canonicalize` silently leaves out what JSON cannot say, and asks objects for their own idea of JSON; a log must do neither. */
function requireJson(value: unknown, above: Set<unknown>): void {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') return;
  if (typeof value !== 'object') throw malformed(`it holds a value of type ${typeof value}`);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null)
    throw malformed('it holds an object that is not plain data');
  if (above.has(value) || above.size >= MAX_DEPTH) throw malformed('it contains itself, or is nested too deeply');
  if (!Array.isArray(value) && Object.keys(value).some((key) => NUMERIC.test(key))) {
    throw malformed('it has a member named by a number, which parsers put in an order of their own; name it otherwise');
  }
  above.add(value);
  for (const member of Object.values(value)) requireJson(member, above);
  above.delete(value);
}

function isLooselyJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function notCanonical(cause?: unknown): TlogError {
  return new TlogError(
    'entry_not_canonical',
    'The entry is not in canonical form (RFC 8785): it was written by other means or altered.',
    { cause },
  );
}

function malformed(why: string, cause?: unknown): TlogError {
  return new TlogError('entry_malformed', `This is not a log entry: ${why}.`, { cause });
}
