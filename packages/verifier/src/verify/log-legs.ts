import {
  checkCosignature,
  checkEd25519,
  formatKeyId,
  type NoteSignature,
  portableHasher,
  type SignatureCheck,
  type SignatureSurvey,
  sameKey,
  surveySignatures,
  TlogError,
  type VerifierKey,
  verifyInclusion,
} from '@fengcun/tlog';
import type { Receipt } from '../receipt/receipt.ts';
import { type Detail, say } from '../report/details.ts';
import { leg } from '../report/legs.ts';
import { printable } from '../report/printable.ts';
import type { Leg, Outcome } from '../report/report.ts';

/** A survey of signatures, or the reason why one of them rejects the note. */
type Survey<Detail> = SignatureSurvey<Detail> | { readonly rejected: string };

/**
 * The log's half of a receipt, in the report's order: inclusion, checkpoint signature, trusted key, witnesses. Inclusion passes only under
 * a checkpoint whose signature passed: a proof against an unsigned root is arithmetic, not evidence.
 *
 * Signatures are checked with the trusted keys and with the receipt's own. The latter can only make things worse: they show a damaged
 * signature as damaged, but nothing they sign counts as trusted.
 */
export function logLegs(receipt: Receipt, entry: Uint8Array | undefined, trusted: readonly VerifierKey[]): Leg[] {
  const known = [
    ...trusted,
    ...receipt.keys.filter((own) => !trusted.some((key) => key.name === own.name && key.id === own.id)),
  ];
  const distinct = known.filter((key, i) => known.findIndex((other) => sameKey(key, other)) === i);
  const logKeys = distinct.filter(({ type, name }) => type === 'ed25519' && name === receipt.checkpoint.origin);
  const witnessKeys = distinct.filter(({ type }) => type === 'cosignature/v1');

  const byLog = survey(receipt, receipt.signatures, logKeys, checkEd25519);
  const others =
    'rejected' in byLog ? receipt.signatures.filter(({ name }) => name !== receipt.checkpoint.origin) : byLog.unknown;
  const byWitnesses = survey(receipt, others, witnessKeys, checkCosignature);

  const signature = signatureLeg(receipt, byLog);
  return [
    inclusionLeg(receipt, entry, signature.outcome),
    signature,
    logKeyLeg(receipt, byLog, trusted),
    witnessesLeg(byWitnesses, trusted),
  ];
}

function survey<Detail>(
  { checkpointText }: Receipt,
  signatures: readonly NoteSignature[],
  keys: readonly VerifierKey[],
  check: SignatureCheck<Detail>,
): Survey<Detail> {
  try {
    return surveySignatures(checkpointText, signatures, keys, check);
  } catch (error) {
    if (error instanceof TlogError) return { rejected: error.message };
    throw error;
  }
}

function inclusionLeg({ proof, checkpoint }: Receipt, entry: Uint8Array | undefined, signature: Outcome): Leg {
  if (!entry) return leg('inclusion', 'not_checked', say('entry_unreadable'));
  const { size, root } = checkpoint;
  try {
    verifyInclusion({ leaf: portableHasher.leaf(entry), index: proof.index, size, root, proof: proof.hashes });
  } catch (error) {
    if (!(error instanceof TlogError)) throw error;
    return leg('inclusion', 'failed', say('not_included', { index: proof.index, size }));
  }
  if (signature !== 'passed') {
    return leg('inclusion', 'not_checked', say('included_unsigned'));
  }
  return leg('inclusion', 'passed', say('included', { index: proof.index, size }));
}

function signatureLeg({ checkpoint }: Receipt, byLog: Survey<null>): Leg {
  const origin = printable(checkpoint.origin);
  if ('rejected' in byLog) {
    return leg('checkpoint_signature', 'failed', say('signature_invalid', { origin }));
  }
  if (byLog.verified.length === 0) {
    return leg('checkpoint_signature', 'not_checked', say('no_key_at_hand', { origin }));
  }
  const by = keyNames(byLog.verified.map(({ key }) => key));
  return leg('checkpoint_signature', 'passed', say('checkpoint_signed', { by }));
}

function logKeyLeg({ checkpoint }: Receipt, byLog: Survey<null>, trusted: readonly VerifierKey[]): Leg {
  const origin = printable(checkpoint.origin);
  if (!trusted.some(({ type }) => type === 'ed25519')) {
    return leg('log_key', 'not_checked', say('no_trusted_key'));
  }
  if ('rejected' in byLog) return leg('log_key', 'not_checked', say('nothing_to_trust'));
  const vouching = byLog.verified.map(({ key }) => key).filter((key) => trusted.some((known) => sameKey(known, key)));
  if (vouching.length > 0) return leg('log_key', 'passed', say('key_trusted', { keys: keyNames(vouching) }));
  return leg('log_key', 'failed', say('key_not_trusted', { origin }));
}

function witnessesLeg(survey: Survey<number>, trusted: readonly VerifierKey[]): Leg {
  if ('rejected' in survey) {
    return leg('witnesses', 'failed', say('cosignature_invalid'));
  }
  const expected = trusted.filter(({ type }) => type === 'cosignature/v1');
  const counted = survey.verified.filter(({ key }) => expected.some((known) => sameKey(known, key)));
  const told = counted.map(({ key, detail }) => `${printable(key.name)} (${posixTime(detail)})`).join(', ');
  if (survey.unknown.length > 0) {
    // Ignored for trust, as the specification demands, but not for completeness: it may be a known signature with a damaged name.
    const keys = survey.unknown.map(({ name, keyId }) => `${printable(name)}+${formatKeyId(keyId)}`).join(', ');
    return leg('witnesses', 'not_checked', say('cosignatures_unknown', { keys }), true);
  }
  if (counted.length > 0) {
    const facts = { counted: counted.length, expected: expected.length, by: told };
    return leg('witnesses', 'passed', say('cosigned', facts));
  }
  return leg('witnesses', 'not_checked', notCosigned(survey, expected), expected.length > 0);
}

function notCosigned(survey: SignatureSurvey<number>, expected: readonly VerifierKey[]): Detail {
  if (expected.length > 0) return say('none_cosigned', { expected: expected.length });
  if (survey.verified.length > 0) {
    return say('cosigned_untrusted', { keys: keyNames(survey.verified.map(({ key }) => key)) });
  }
  return say('not_cosigned');
}

function keyNames(keys: readonly VerifierKey[]): string {
  return keys.map(({ name, id }) => `${printable(name)}+${formatKeyId(id)}`).join(', ');
}

function posixTime(seconds: number): string {
  const moment = new Date(seconds * 1000);
  return Number.isNaN(moment.getTime()) ? `${seconds} s` : moment.toISOString();
}
