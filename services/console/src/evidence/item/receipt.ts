/**
 * Number of entries of the checkpoint inside a `tlog-proof` (C2SP): the checkpoint is the signed note at the end of the proof, whose
 * second line is the size. Null when the text is not such a proof.
 */
export function checkpointSizeOf(proof: string): number | null {
  const lines = proof.split('\n');
  // The checkpoint stands after the first empty line: origin, size, root.
  const start = lines.indexOf('');
  const size = start < 0 ? undefined : lines[start + 2];
  return size !== undefined && /^\d{1,15}$/.test(size) ? Number(size) : null;
}

/** File name for a receipt, beside the recording's own name. */
export function receiptName(name: string): string {
  const safe = name.replace(/[\\/:*?"<>|]/g, '_');
  return `${safe}.receipt.json`;
}

/** A word for a POSIX shell, quoted only where it has to be. */
export function shellWord(word: string): string {
  return /^[\w.@%+=:,/-]+$/.test(word) && !word.startsWith('-') ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
