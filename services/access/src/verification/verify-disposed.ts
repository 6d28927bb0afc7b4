import { type Database, findTombstone, type PlacedEvent, readPlacedEvent } from '@fengcun/catalog';
import { eventData } from '@fengcun/contracts';
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
  const detail = `Its content was disposed of on ${disposedAt.toISOString()}; there is nothing to read.`;
  return [...gone.map((name) => leg(name, 'not_checked', detail)), await disposalLeg(catalog, facts, logKeys)];
}

async function disposalLeg(catalog: Database, facts: SealedFacts, logKeys: readonly VerifierKey[]): Promise<Leg> {
  const name = 'disposal';
  const stone = await findTombstone(catalog, facts.evidence);
  const event = stone === null ? undefined : await readPlacedEvent(catalog, stone.eventId);
  if (!event) return leg(name, 'failed', 'The log has no entry about this disposal.');
  const wrong = contradiction(event, facts);
  if (wrong !== null) return leg(name, 'failed', wrong);
  const [inclusion] = await ledgerLegs(catalog, event, logKeys);
  if (inclusion?.outcome !== 'passed') {
    return leg(name, inclusion?.outcome ?? 'not_checked', inclusion?.detail ?? 'The log could not be asked.');
  }
  return leg(
    name,
    'passed',
    `Requested and decided by two people; entry ${event.index} of the log, with the sealed digests.`,
  );
}

/** What in the entry is not as a disposal of this item has to be, or null. */
function contradiction({ entry }: PlacedEvent, facts: SealedFacts): string | null {
  const schema = eventData['evidence.disposed'];
  if (entry.type !== 'evidence.disposed' || !Value.Check(schema, entry.data)) {
    return `The entry named as the disposal is not one but ${entry.type}.`;
  }
  const { data } = entry;
  if (entry.subject.id !== facts.evidence) return 'The entry is about the disposal of another item.';
  if (data.sha256 !== facts.sha256 || data.sm3 !== facts.sm3 || data.size !== facts.size) {
    return 'The entry names other digests than were sealed.';
  }
  if (data.requestedBy === data.decidedBy) return 'By the entry, one and the same person has requested and decided it.';
  return null;
}
