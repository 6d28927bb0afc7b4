import { parseDecimal } from '../encoding/decimal.ts';
import { equalBytes } from '../encoding/text.ts';
import { TlogError } from '../errors.ts';
import { formatHash, type Hash, parseHash } from '../hash/hash.ts';
import { portableHasher } from '../hash/hasher.ts';
import { signNote } from '../note/note.ts';
import type { NoteSigner } from '../note/signer.ts';

/** A tree head as a log signs it (c2sp.org/tlog-checkpoint, "Note text"). */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Hash;
  /** opaque lines; we write none, and sign whatever a log wrote */
  readonly extensions: readonly string[];
}

/** The note text of a checkpoint, ending in a newline. */
export function formatCheckpoint(checkpoint: Checkpoint): string {
  const { origin, size, root, extensions } = checkpoint;
  const text = [origin, String(size), formatHash(root), ...extensions].map((line) => `${line}\n`).join('');
  parseCheckpoint(text);
  return text;
}

/** Reads a checkpoint's note text, without signatures: trust it only out of `openCheckpoint`. Throws `checkpoint_malformed`. */
export function parseCheckpoint(text: string): Checkpoint {
  if (!text.endsWith('\n')) throw malformed('its last line is not ended');
  const [origin, sizeLine, rootLine, ...extensions] = text.slice(0, -1).split('\n');
  if (origin === undefined || origin === '' || sizeLine === undefined || rootLine === undefined) {
    throw malformed('it does not begin with origin, size and root');
  }
  if (extensions.includes('')) throw malformed('it contains an empty line');
  const size = parseDecimal(sizeLine);
  if (size === undefined) throw malformed('its second line is not a tree size');
  let root: Hash;
  try {
    root = parseHash(rootLine);
  } catch (cause) {
    throw malformed('its third line is not a root hash', cause);
  }
  if (size === 0 && !equalBytes(root, portableHasher.empty)) throw malformed('it claims a root for an empty log');
  return { origin, size, root, extensions };
}

/** Signs a tree head. The caller has made sure that it is consistent with every one signed before: a log signs one history. */
export async function signCheckpoint(checkpoint: Checkpoint, signers: readonly NoteSigner[]): Promise<string> {
  return signNote(formatCheckpoint(checkpoint), signers);
}

function malformed(why: string, cause?: unknown): TlogError {
  return new TlogError('checkpoint_malformed', `This is not a checkpoint: ${why}.`, { cause });
}
