import { type Cosignature, checkCosignature } from '../cosignature/cosignature.ts';
import { TlogError } from '../errors.ts';
import { type NoteSignature, parseNote } from '../note/note.ts';
import { checkEd25519, surveySignatures } from '../note/open-note.ts';
import type { VerifierKey } from '../note/verifier-key.ts';
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';

/** Whom the caller trusts. Every log key's name must be the origin: one log's key must not vouch for another log's tree. */
export interface CheckpointTrust {
  readonly logKeys: readonly VerifierKey[];
  readonly witnessKeys?: readonly VerifierKey[];
}

export interface OpenedCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly signedBy: readonly VerifierKey[];
  readonly cosignatures: readonly Cosignature[];
  readonly unknown: readonly NoteSignature[];
}

/**
 * Opens a signed checkpoint. Throws unless a trusted log key of its origin signed it and every further signature by a known key
 * verifies: `note_malformed`, `checkpoint_malformed`, `checkpoint_wrong_origin`, `note_not_signed`, `signature_invalid`,
 * `key_ambiguous`. How many witnesses are enough is the caller's policy.
 */
export function openCheckpoint(source: string, trust: CheckpointTrust): OpenedCheckpoint {
  const logKeys = trust.logKeys;
  const witnessKeys = trust.witnessKeys ?? [];
  if (logKeys.some(({ type }) => type !== 'ed25519') || witnessKeys.some(({ type }) => type !== 'cosignature/v1')) {
    throw new TlogError('argument_invalid', 'Log keys are of type ed25519 and witness keys of type cosignature/v1.');
  }
  const note = parseNote(source);
  const checkpoint = parseCheckpoint(note.text);
  const ofOrigin = logKeys.filter(({ name }) => name === checkpoint.origin);
  if (ofOrigin.length === 0) {
    throw new TlogError(
      'checkpoint_wrong_origin',
      `The checkpoint is of the log ${JSON.stringify(checkpoint.origin)}, which no given key belongs to.`,
    );
  }
  const byLog = surveySignatures(note.text, note.signatures, ofOrigin, checkEd25519);
  if (byLog.verified.length === 0) {
    throw new TlogError('note_not_signed', `The checkpoint is not signed by a given key of ${checkpoint.origin}.`);
  }
  const byWitnesses = surveySignatures(note.text, byLog.unknown, witnessKeys, checkCosignature);
  return {
    checkpoint,
    signedBy: byLog.verified.map(({ key }) => key),
    cosignatures: byWitnesses.verified.map(({ key, detail }) => ({ key, timestamp: detail })),
    unknown: byWitnesses.unknown,
  };
}
