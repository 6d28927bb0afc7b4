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
import { leg } from '../report/legs.ts';
import { printable } from '../report/printable.ts';
import type { Leg, Outcome, Text } from '../report/report.ts';

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
  if (!entry) return leg('inclusion', 'not_checked', { zh: '条目无法读取。', en: 'The entry cannot be read.' });
  const { size, root } = checkpoint;
  try {
    verifyInclusion({ leaf: portableHasher.leaf(entry), index: proof.index, size, root, proof: proof.hashes });
  } catch (error) {
    if (!(error instanceof TlogError)) throw error;
    return leg('inclusion', 'failed', {
      zh: `条目不能由此证明归入检查点（序号 ${proof.index}，共 ${size} 条）`,
      en: `the proof does not lead from this entry, at ${proof.index} of ${size}, to the checkpoint`,
    });
  }
  if (signature !== 'passed') {
    return leg('inclusion', 'not_checked', {
      zh: '计算相符，但检查点没有有效签名，因此不证明任何事。',
      en: 'The arithmetic agrees, but the checkpoint bears no valid signature, so it proves nothing.',
    });
  }
  return leg('inclusion', 'passed', {
    zh: `序号 ${proof.index}（自 0 起），检查点共 ${size} 条`,
    en: `entry ${proof.index} in a checkpoint of ${size}`,
  });
}

function signatureLeg({ checkpoint }: Receipt, byLog: Survey<null>): Leg {
  const origin = printable(checkpoint.origin);
  if ('rejected' in byLog) {
    return leg('checkpoint_signature', 'failed', {
      zh: `${origin} 的签名无效：检查点或签名被改动、损坏或伪造`,
      en: `the signature of ${origin} does not verify: checkpoint or signature was altered, damaged or forged`,
    });
  }
  if (byLog.verified.length === 0) {
    return leg('checkpoint_signature', 'not_checked', {
      zh: `没有 ${origin} 的公钥能对应检查点上的签名。`,
      en: `No key of ${origin} is at hand for any signature on the checkpoint.`,
    });
  }
  const names = keyNames(byLog.verified.map(({ key }) => key));
  return leg('checkpoint_signature', 'passed', { zh: `由 ${names} 签署`, en: `signed by ${names}` });
}

function logKeyLeg({ checkpoint }: Receipt, byLog: Survey<null>, trusted: readonly VerifierKey[]): Leg {
  const origin = printable(checkpoint.origin);
  if (!trusted.some(({ type }) => type === 'ed25519')) {
    return leg('log_key', 'not_checked', {
      zh: '没有给出您信任的日志公钥；回执自带的公钥不能证明自己。',
      en: 'No log key that you trust was given; the keys inside a receipt cannot vouch for themselves.',
    });
  }
  if ('rejected' in byLog)
    return leg('log_key', 'not_checked', {
      zh: '签名无效，无从判断。',
      en: 'The signature is invalid, so there is nothing to trust.',
    });
  const vouching = byLog.verified.map(({ key }) => key).filter((key) => trusted.some((known) => sameKey(known, key)));
  if (vouching.length > 0)
    return leg('log_key', 'passed', {
      zh: `${keyNames(vouching)} 在您信任之列`,
      en: `${keyNames(vouching)} is among those you trust`,
    });
  return leg('log_key', 'failed', {
    zh: `检查点出自 ${origin}，不是由您信任的任何公钥签署：公钥文件不对，或回执出自别的日志`,
    en: `the checkpoint is of ${origin} and not signed by any key you trust: the keys file is the wrong one, or the receipt comes from another log`,
  });
}

function witnessesLeg(survey: Survey<number>, trusted: readonly VerifierKey[]): Leg {
  if ('rejected' in survey) {
    return leg('witnesses', 'failed', {
      zh: '有见证方联署无效：被改动、损坏或伪造',
      en: 'a cosignature does not verify: it was altered, damaged or forged',
    });
  }
  const expected = trusted.filter(({ type }) => type === 'cosignature/v1');
  const counted = survey.verified.filter(({ key }) => expected.some((known) => sameKey(known, key)));
  const told = counted.map(({ key, detail }) => `${printable(key.name)} (${posixTime(detail)})`).join(', ');
  if (survey.unknown.length > 0) {
    // Ignored for trust, as the specification demands, but not for completeness: it may be a known signature with a damaged name.
    const names = survey.unknown.map(({ name, keyId }) => `${printable(name)}+${formatKeyId(keyId)}`).join(', ');
    return leg(
      'witnesses',
      'not_checked',
      {
        zh: `检查点上另有公钥不明的签名，未能核验：${names}`,
        en: `the checkpoint bears signatures whose keys are unknown here: ${names}`,
      },
      true,
    );
  }
  if (counted.length > 0) {
    return leg('witnesses', 'passed', {
      zh: `${counted.length}/${expected.length} 个见证方联署：${told}`,
      en: `cosigned by ${counted.length} of ${expected.length}: ${told}`,
    });
  }
  return leg('witnesses', 'not_checked', notCosigned(survey, expected), expected.length > 0);
}

function notCosigned(survey: SignatureSurvey<number>, expected: readonly VerifierKey[]): Text {
  if (expected.length > 0) {
    return {
      zh: `您信任的 ${expected.length} 个见证方都没有联署。`,
      en: `None of the ${expected.length} witnesses you trust cosigned.`,
    };
  }
  if (survey.verified.length > 0) {
    const names = keyNames(survey.verified.map(({ key }) => key));
    return {
      zh: `有 ${names} 的联署，但您没有给出信任的见证方公钥。`,
      en: `Cosigned by ${names}, but no witness key that you trust was given.`,
    };
  }
  return { zh: '检查点没有见证方联署。', en: 'The checkpoint bears no cosignature.' };
}

function keyNames(keys: readonly VerifierKey[]): string {
  return keys.map(({ name, id }) => `${printable(name)}+${formatKeyId(id)}`).join(', ');
}

function posixTime(seconds: number): string {
  const moment = new Date(seconds * 1000);
  return Number.isNaN(moment.getTime()) ? `${seconds} s` : moment.toISOString();
}
