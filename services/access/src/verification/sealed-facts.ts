import type { EvidenceRecord, PlacedEvent } from '@fengcun/catalog';
import { type EventDataOf, eventData, type Finding, finding } from '@fengcun/contracts';
import { Value } from 'typebox/value';

/** What the log says was sealed. The catalogue's row is a copy of it, and is checked against it. */
export type SealedFacts = EventDataOf<'evidence.sealed'>;

/** The facts of the item's own seal or quarantine, or why the event is not one. */
export function sealedFacts(event: PlacedEvent | undefined, evidence: string): SealedFacts | Finding {
  if (!event) return finding('seal_missing');
  const { type, data } = event.entry;
  const schema = type === 'evidence.sealed' || type === 'evidence.quarantined' ? eventData[type] : undefined;
  if (!schema || !Value.Check(schema, data)) return finding('seal_other_type', { type });
  const facts = data as unknown as SealedFacts;
  return facts.evidence === evidence ? facts : finding('seal_other_item');
}

/** Which of the row's facts differ from the log's. */
export function rowDiffersIn(
  record: EvidenceRecord,
  facts: SealedFacts,
): ReadonlySet<'size' | 'sha256' | 'sm3' | 'part_tree'> {
  const differs = new Set<'size' | 'sha256' | 'sm3' | 'part_tree'>();
  if (record.size !== facts.size) differs.add('size');
  if (record.sha256.toString('hex') !== facts.sha256) differs.add('sha256');
  if (record.sm3.toString('hex') !== facts.sm3) differs.add('sm3');
  if (record.tree_root.toString('hex') !== facts.tree.root || record.tree_leaf_size !== facts.tree.leafSize) {
    differs.add('part_tree');
  }
  return differs;
}
