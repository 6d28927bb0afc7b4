/** What a checkpoint says (C2SP tlog-checkpoint): origin, size, root. Its signature is for the offline verifier, not for this page. */
export interface CheckpointText {
  readonly origin: string;
  readonly size: number;
  /** base64 */
  readonly root: string;
}

/** Null when the text is not a checkpoint. */
export function readCheckpoint(note: string): CheckpointText | null {
  const [origin, size, root] = note.split('\n');
  if (!origin || !size || !/^\d{1,15}$/.test(size) || !root || !/^[A-Za-z0-9+/]{43}=$/.test(root)) return null;
  return { origin, size: Number(size), root };
}
