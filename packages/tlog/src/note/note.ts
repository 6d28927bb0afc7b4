import { decodeBase64, encodeBase64 } from '../encoding/base64.ts';
import { concatBytes, encodeUtf8 } from '../encoding/text.ts';
import { TlogError } from '../errors.ts';
import { isKeyName } from './key-name.ts';
import type { NoteSigner } from './signer.ts';

/** Limits on what an attacker may make us parse; the specification asks for at least 16 signatures. */
export const MAX_NOTE_CHARS = 1_000_000;
export const MAX_SIGNATURES = 100;

/** One signature line: which key it claims to be from, and what that key's type says a signature is. */
export interface NoteSignature {
  readonly name: string;
  readonly keyId: number;
  readonly signature: Uint8Array;
  /** the line as it stands in the note, without its newline */
  readonly line: string;
}

/** A note taken apart; nothing in it is verified yet (see `openNote`). `text` includes its final newline. */
export interface Note {
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

const LINE_START = '— ';
// biome-ignore lint/suspicious/noControlCharactersInRegex: refusing them is the point
const FORBIDDEN = /[\u0000-\u0009\u000b-\u001f]/;

/** Splits a signed note at its last empty line (c2sp.org/signed-note, "Format"). Throws `note_malformed`. */
export function parseNote(source: string): Note {
  if (source.length > MAX_NOTE_CHARS) throw malformed(`it is longer than ${MAX_NOTE_CHARS} characters`);
  if (!source.isWellFormed() || FORBIDDEN.test(source))
    throw malformed('it contains control characters or broken Unicode');
  const blank = source.lastIndexOf('\n\n');
  if (blank < 0 || !source.endsWith('\n')) throw malformed('it is not a text, an empty line and signature lines');
  const lines = source.slice(blank + 2, -1).split('\n');
  if (blank + 2 >= source.length) throw malformed('it carries no signature');
  if (lines.length > MAX_SIGNATURES) throw malformed(`it carries more than ${MAX_SIGNATURES} signatures`);
  return { text: source.slice(0, blank + 1), signatures: lines.map(parseSignatureLine) };
}

/** Reads one `— <name> <base64>` line, given without its newline; witnesses answer with such lines too. */
export function parseSignatureLine(line: string): NoteSignature {
  const [name, base64, ...rest] = line.startsWith(LINE_START) ? line.slice(LINE_START.length).split(' ') : [];
  if (name === undefined || base64 === undefined || rest.length > 0 || !isKeyName(name)) {
    throw malformed('a line after its last empty line is not a signature');
  }
  let bytes: Uint8Array;
  try {
    bytes = decodeBase64(base64);
  } catch (cause) {
    throw malformed('a signature is not base64', cause);
  }
  if (bytes.length < 5) throw malformed('a signature is too short to carry a key id');
  const keyId = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  return { name, keyId, signature: bytes.slice(4), line };
}

/** Writes one signature line, without its newline. */
export function formatSignatureLine(name: string, keyId: number, signature: Uint8Array): string {
  const id = new Uint8Array(4);
  new DataView(id.buffer).setUint32(0, keyId);
  return `${LINE_START}${name} ${encodeBase64(concatBytes(id, signature))}`;
}

/**
 * Signs `text` (which must end in a newline), keeping the lines of `existing` signatures that are not by the same key.
 * Returns the whole note.
 */
export async function signNote(
  text: string,
  signers: readonly NoteSigner[],
  existing: readonly NoteSignature[] = [],
): Promise<string> {
  if (!text.endsWith('\n') || !text.isWellFormed() || FORBIDDEN.test(text)) {
    throw new TlogError('argument_invalid', 'A note is UTF-8 text without control characters that ends in a newline.');
  }
  if (signers.length === 0 && existing.length === 0)
    throw new TlogError('argument_invalid', 'A note needs at least one signature.');
  const bytes = encodeUtf8(text);
  const lines = existing
    .filter((old) => !signers.some(({ key }) => key.name === old.name && key.id === old.keyId))
    .map(({ line }) => line);
  for (const { key, sign } of signers) {
    lines.push(formatSignatureLine(key.name, key.id, await sign(bytes)));
  }
  const note = `${text}\n${lines.map((line) => `${line}\n`).join('')}`;
  parseNote(note);
  return note;
}

function malformed(why: string, cause?: unknown): TlogError {
  return new TlogError('note_malformed', `This is not a signed note: ${why}.`, { cause });
}
