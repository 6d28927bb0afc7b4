import { commitmentPaths, type Opening, TlogError, type VerifierKey, verifyOpening } from '@fengcun/tlog';
import { VerifierError } from '../errors.ts';
import { trustedKeys } from '../keys/key-list.ts';
import { parseReceipt, type Receipt } from '../receipt/receipt.ts';
import { parseSealedEntry, type SealedEntry, type SealedEvidence } from '../receipt/sealed.ts';
import { type Detail, say } from '../report/details.ts';
import { leg } from '../report/legs.ts';
import { printable } from '../report/printable.ts';
import { LEGS, type Leg, type LegName, type Report, verdictOf } from '../report/report.ts';
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
  const wellFormed = leg('receipt', 'passed', say('receipt_format', { format: 'fengcun-receipt/v1' }));
  let sealedEntry: SealedEntry;
  try {
    sealedEntry = parseSealedEntry(receipt.entry);
  } catch (error) {
    const found = [wellFormed, leg('entry', 'failed', reasonOf(error)), ...logLegs(receipt, undefined, trusted)];
    const legs = complete(found, say('entry_unreadable'));
    return { verdict: verdictOf(legs), subject: null, legs };
  }
  const { entry, bytes, sealed } = sealedEntry;
  const openings = openingsLeg(sealedEntry, receipt.openings);
  const legs = complete(
    [
      wellFormed,
      leg('entry', 'passed', say('entry_sealed', { at: entry.at })),
      ...contentLegs(sealed, content),
      declaredLeg(sealed),
      ...logLegs(receipt, bytes, trusted),
      leg('timestamp', 'not_checked', say('no_timestamp')),
      openings,
      lockLeg(sealed),
    ],
    say('not_checked'),
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
      return leg('openings', 'failed', say('opening_differs', { path }));
    }
  }
  if (openings.length === 0) {
    const withheld =
      committed.length > 0 ? say('openings_withheld', { committed: committed.length }) : say('no_commitments');
    return leg('openings', 'not_checked', withheld);
  }
  const paths = openings.map(({ path }) => printable(path)).join(', ');
  return leg(
    'openings',
    'passed',
    say('openings_match', { matched: openings.length, committed: committed.length, paths }),
  );
}

/** A lock is a property of the store now; a receipt can only repeat what the store said then. */
function lockLeg({ vault }: SealedEvidence): Leg {
  const until = vault.retainUntil === null ? null : printable(vault.retainUntil);
  const driver = printable(vault.driver);
  const advisory = vault.protection === 'advisory';
  if (vault.mode === 'none')
    return leg('lock', 'not_checked', say(advisory ? 'lock_none_advisory' : 'lock_none', { driver }));
  if (until === null) return leg('lock', 'not_checked', say(advisory ? 'lock_open_advisory' : 'lock_open', { driver }));
  return leg('lock', 'not_checked', say(advisory ? 'lock_until_advisory' : 'lock_until', { driver, until }));
}

function unreadable(reason: Detail): Report {
  const legs = complete([leg('receipt', 'failed', reason)], say('receipt_unreadable'));
  return { verdict: verdictOf(legs), subject: null, legs };
}

/** Every report has every leg, in the one order: a check left out must not look like a check that was not needed. */
function complete(found: readonly Leg[], otherwise: Detail): Leg[] {
  const byName = new Map<LegName, Leg>(found.map((one) => [one.leg, one]));
  return LEGS.map((name) => byName.get(name) ?? leg(name, 'not_checked', otherwise));
}

function reasonOf(error: unknown): Detail {
  if (error instanceof VerifierError) return { code: error.code, facts: {}, text: error.text };
  if (error instanceof TlogError) return say('entry_malformed', { said: printable(error.message) });
  throw error;
}
