import { type Database, findTombstone, type PlacedEvent, readPlacedEvent } from '@fengcun/catalog';
import { eventData, type Finding, finding } from '@fengcun/contracts';
import type { VerifierKey } from '@fengcun/tlog';
import { Value } from 'typebox/value';
import { ledgerLegs } from './ledger-legs.ts';
import { type Leg, leg } from './legs.ts';
import type { SealedFacts } from './sealed-facts.ts';

/** What cannot be asked any more of an item whose content was disposed of. */
const gone = ['size', 'sha256', 'sm3', 'part_tree', 'declared', 'lock'] as const;

/**
 * The legs of an item without content. That it is gone proves nothing by itself: whether it was let go of by a request and a decision of two
 * people is what the log has to say, and its word has to stand under a signed root like the seal's own.
 */
export async function disposedLegs(
  catalog: Database,
  disposedAt: Date,
  facts: SealedFacts,
  logKeys: readonly VerifierKey[],
): Promise<Leg[]> {
  const why = finding('content_disposed', { at: disposedAt.toISOString() });
  return [...gone.map((name) => leg(name, 'not_checked', why)), await disposalLeg(catalog, facts, logKeys)];
}

async function disposalLeg(catalog: Database, facts: SealedFacts, logKeys: readonly VerifierKey[]): Promise<Leg> {
  const name = 'disposal';
  const stone = await findTombstone(catalog, facts.evidence);
  const event = stone === null ? undefined : await readPlacedEvent(catalog, stone.eventId);
  if (!event) return leg(name, 'failed', finding('disposal_missing'));
  const wrong = contradiction(event, facts);
  if (wrong !== null) return leg(name, 'failed', wrong);
  const [inclusion] = await ledgerLegs(catalog, event, logKeys);
  if (inclusion?.outcome !== 'passed') {
    return leg(name, inclusion?.outcome ?? 'not_checked', ...(inclusion?.findings ?? [finding('log_not_asked')]));
  }
  return leg(name, 'passed', finding('disposal_decided', { index: event.index ?? 0 }));
}

/** What in the entry is not as a disposal of this item has to be, or null. */
function contradiction({ entry }: PlacedEvent, facts: SealedFacts): Finding | null {
  const schema = eventData['evidence.disposed'];
  if (entry.type !== 'evidence.disposed' || !Value.Check(schema, entry.data)) {
    return finding('disposal_other_type', { type: entry.type });
  }
  const { data } = entry;
  if (entry.subject.id !== facts.evidence) return finding('disposal_other_item');
  if (data.sha256 !== facts.sha256 || data.sm3 !== facts.sm3 || data.size !== facts.size) {
    return finding('disposal_other_digests');
  }
  if (data.requestedBy === data.decidedBy) return finding('disposal_one_person');
  return null;
}
