import { commitmentPaths, type Opening, TlogError, type VerifierKey, verifyOpening } from '@fengcun/tlog';
import { VerifierError } from '../errors.ts';
import { trustedKeys } from '../keys/key-list.ts';
import { parseReceipt, type Receipt } from '../receipt/receipt.ts';
import { parseSealedEntry, type SealedEntry, type SealedEvidence } from '../receipt/sealed.ts';
import { leg } from '../report/legs.ts';
import { printable } from '../report/printable.ts';
import { LEGS, type Leg, type LegName, type Report, type Text, verdictOf } from '../report/report.ts';
import { type Content, contentLegs, declaredLeg } from './content-legs.ts';
import { logLegs } from './log-legs.ts';

export interface ReceiptVerification {
  /** the receipt's text or its UTF-8 bytes */
  readonly receipt: string | Uint8Array;
  /** vkeys that the caller trusts, of logs and witnesses; may be empty, and then the verdict is at best `incomplete` */
  readonly keys: readonly string[];
  /** what was computed over the file; without it the verdict is at best `incomplete` */
  readonly content?: Content;
}

/**
 * Checks a receipt and, where given, a file against it: pure, offline, the same in browsers. Whatever stands in the receipt ends as a leg
 * of the report; throws only for keys that are not vkeys (`VerifierError` `keys_malformed`).
 */
export function verifyReceipt({ receipt: source, keys, content }: ReceiptVerification): Report {
  const trusted = trustedKeys(keys);
  let receipt: Receipt;
  try {
    receipt = parseReceipt(source);
  } catch (error) {
    return unreadable(reasonOf(error));
  }
  return report(receipt, trusted, content);
}

function report(receipt: Receipt, trusted: readonly VerifierKey[], content: Content | undefined): Report {
  const { origin, size } = receipt.checkpoint;
  const wellFormed = leg('receipt', 'passed', { zh: 'fengcun-receipt/v1', en: 'fengcun-receipt/v1' });
  let sealedEntry: SealedEntry;
  try {
    sealedEntry = parseSealedEntry(receipt.entry);
  } catch (error) {
    const found = [wellFormed, leg('entry', 'failed', reasonOf(error)), ...logLegs(receipt, undefined, trusted)];
    const legs = complete(found, { zh: '条目无法读取。', en: 'The entry cannot be read.' });
    return { verdict: verdictOf(legs), subject: null, legs };
  }
  const { entry, bytes, sealed } = sealedEntry;
  const openings = openingsLeg(sealedEntry, receipt.openings);
  const legs = complete(
    [
      wellFormed,
      leg('entry', 'passed', { zh: `evidence.sealed，${entry.at}`, en: `evidence.sealed, ${entry.at}` }),
      ...contentLegs(sealed, content),
      declaredLeg(sealed),
      ...logLegs(receipt, bytes, trusted),
      leg('timestamp', 'not_checked', { zh: '回执中没有可信时间戳。', en: 'The receipt holds no trusted timestamp.' }),
      openings,
      lockLeg(sealed),
    ],
    { zh: '未核验。', en: 'Not checked.' },
  );
  // A name whose opening failed is somebody's claim: it must not head the report.
  const name =
    openings.outcome === 'passed' ? receipt.openings.find(({ path }) => path === '/data/name')?.value : undefined;
  return {
    verdict: verdictOf(legs),
    subject: {
      evidence: sealed.evidence,
      name: name === undefined ? null : printable(name),
      size: sealed.size,
      sealedAt: sealed.sealedAt,
      log: { origin: printable(origin), index: receipt.proof.index, size },
    },
    legs,
  };
}

/** Values shown beside the receipt against the commitments in the entry. Withheld ones are no fault: that is what commitments are for. */
function openingsLeg({ entry }: SealedEntry, openings: readonly Opening[]): Leg {
  const committed = commitmentPaths(entry);
  for (const opening of openings) {
    try {
      verifyOpening(entry, opening);
    } catch (error) {
      if (!(error instanceof TlogError)) throw error;
      const path = printable(opening.path);
      return leg('openings', 'failed', {
        zh: `${path} 所示的值与条目中的承诺不符`,
        en: `the value shown for ${path} is not the one committed to`,
      });
    }
  }
  if (openings.length === 0) {
    return leg('openings', 'not_checked', {
      zh: committed.length > 0 ? `${committed.length} 项个人信息未随回执出示。` : '条目中没有个人信息承诺。',
      en:
        committed.length > 0
          ? `${committed.length} personal values are withheld.`
          : 'The entry commits to no personal value.',
    });
  }
  const paths = openings.map(({ path }) => printable(path)).join(', ');
  return leg('openings', 'passed', {
    zh: `${openings.length}/${committed.length} 项相符：${paths}`,
    en: `${openings.length} of ${committed.length} match: ${paths}`,
  });
}

/** A lock is a property of the store now; a receipt can only repeat what the store said then. */
function lockLeg({ vault }: SealedEvidence): Leg {
  const until = vault.retainUntil === null ? null : printable(vault.retainUntil);
  const driver = printable(vault.driver);
  const zh = vault.mode === 'none' ? '封存时未锁定' : `封存时已锁定${until ? `至 ${until}` : ''}`;
  const en = vault.mode === 'none' ? 'not locked at sealing' : `locked at sealing${until ? ` until ${until}` : ''}`;
  const advisory = vault.protection === 'advisory';
  return leg('lock', 'not_checked', {
    zh: `按回执所述：${driver} 存储，${zh}${advisory ? '（提示性保护，不能阻止系统管理员）' : ''}；是否仍锁定只有服务器能查。`,
    en: `As stated: ${driver} vault, ${en}${advisory ? ' (advisory: it does not stop a system administrator)' : ''}; only the server can tell whether it still is.`,
  });
}

function unreadable(reason: Text): Report {
  const legs = complete([leg('receipt', 'failed', reason)], {
    zh: '回执无法读取。',
    en: 'The receipt cannot be read.',
  });
  return { verdict: verdictOf(legs), subject: null, legs };
}

/** Every report has every leg, in the one order: a check left out must not look like a check that was not needed. */
function complete(found: readonly Leg[], otherwise: Text): Leg[] {
  const byName = new Map<LegName, Leg>(found.map((one) => [one.leg, one]));
  return LEGS.map((name) => byName.get(name) ?? leg(name, 'not_checked', otherwise));
}

function reasonOf(error: unknown): Text {
  if (error instanceof VerifierError) return error.text;
  if (error instanceof TlogError) return { zh: `条目不合格式（${error.message}）`, en: error.message };
  throw error;
}
