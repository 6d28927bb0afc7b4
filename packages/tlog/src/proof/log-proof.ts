/** Offline proof that an entry is in a log (c2sp.org/tlog-proof). */

import { type CheckpointTrust, type OpenedCheckpoint, openCheckpoint } from '../checkpoint/open-checkpoint.ts';
import { decodeBase64, encodeBase64 } from '../encoding/base64.ts';
import { isCount, parseDecimal } from '../encoding/decimal.ts';
import { TlogError } from '../errors.ts';
import { formatHash, type Hash, parseHash } from '../hash/hash.ts';
import { portableHasher, type TreeHasher } from '../hash/hasher.ts';
import { parseNote } from '../note/note.ts';
import { verifyInclusion } from '../tree/verify.ts';

export interface LogProof {
  readonly index: number;
  readonly hashes: readonly Hash[];
  /** the signed checkpoint, verbatim */
  readonly checkpoint: string;
  /** opaque and unauthenticated; we write none */
  readonly extra?: Uint8Array;
}

const HEADER = 'c2sp.org/tlog-proof@v1';
/** Checkpoint (see note limits) and 63 hashes with room to spare. */
const MAX_PROOF_CHARS = 1_100_000;
const MAX_PROOF_HASHES = 63;

export function formatLogProof(proof: LogProof): string {
  if (!isCount(proof.index))
    throw new TlogError('argument_invalid', `An entry index is a whole number from 0; this is ${proof.index}.`);
  const lines = [HEADER];
  if (proof.extra) lines.push(`extra ${encodeBase64(proof.extra)}`);
  lines.push(`index ${proof.index}`, ...proof.hashes.map(formatHash), '');
  return `${lines.join('\n')}\n${proof.checkpoint}`;
}

/** Takes a proof apart, verifying nothing (see `verifyLogProof`). Throws `proof_malformed`. */
export function parseLogProof(text: string): LogProof {
  if (text.length > MAX_PROOF_CHARS) throw malformed('it is too long');
  const blank = text.indexOf('\n\n');
  if (blank < 0) throw malformed('it has no empty line before its checkpoint');
  const [header, ...lines] = text.slice(0, blank).split('\n');
  if (header !== HEADER) throw malformed(`it does not begin with "${HEADER}"`);
  const extra = lines[0]?.startsWith('extra ')
    ? decodeLine(lines.shift()?.slice(6) ?? '', decodeBase64, 'extra line')
    : undefined;
  const indexLine = lines.shift();
  const index = indexLine?.startsWith('index ') ? parseDecimal(indexLine.slice(6)) : undefined;
  if (index === undefined) throw malformed('its index line is missing or not a decimal number');
  if (lines.length > MAX_PROOF_HASHES) throw malformed(`it has more than ${MAX_PROOF_HASHES} hashes`);
  const hashes = lines.map((line) => decodeLine(line, parseHash, 'hash'));
  const checkpoint = text.slice(blank + 2);
  try {
    parseNote(checkpoint);
  } catch (cause) {
    throw malformed('what follows its empty line is not a signed checkpoint', cause);
  }
  return { index, hashes, checkpoint, ...(extra ? { extra } : {}) };
}

/**
 * Verifies a proof whole: first the signature on the checkpoint, by a trusted key of its origin, then the inclusion of `leaf` under
 * the root *of that checkpoint*. Either alone is worthless, so there is no way to ask for one. Throws as `parseLogProof`,
 * `openCheckpoint` and `verifyInclusion` do.
 */
export function verifyLogProof(
  proof: LogProof,
  leaf: Hash,
  trust: CheckpointTrust,
  hasher: TreeHasher = portableHasher,
): OpenedCheckpoint {
  const opened = openCheckpoint(proof.checkpoint, trust);
  const { size, root } = opened.checkpoint;
  verifyInclusion({ leaf, index: proof.index, size, root, proof: proof.hashes }, hasher);
  return opened;
}

function decodeLine<T>(line: string, decode: (line: string) => T, what: string): T {
  try {
    return decode(line);
  } catch (cause) {
    throw malformed(`a line that should be its ${what} is not`, cause);
  }
}

function malformed(why: string, cause?: unknown): TlogError {
  return new TlogError('proof_malformed', `This is not a tlog-proof: ${why}.`, { cause });
}
