import type { EvidenceRecord } from '@fengcun/catalog';
import { type Leg, leg } from './legs.ts';
import type { ContentRead } from './read-content.ts';
import { rowDiffersIn, type SealedFacts } from './sealed-facts.ts';

/** Size and digests of what is stored now against what the log says was sealed, and against what the sender declared. */
export function contentLegs(record: EvidenceRecord, facts: SealedFacts, read: ContentRead): Leg[] {
  const names = ['size', 'sha256', 'sm3', 'part_tree'] as const;
  const progress = `${read.bytes} of ${facts.size} bytes were read`;
  if (read.kind === 'unread') {
    return [...names, 'declared' as const].map((name) => leg(name, 'not_checked', `${progress}. ${read.detail}`));
  }
  if (read.kind === 'damaged') {
    const unread = `${progress}, so nothing was compared.`;
    return [
      leg('size', 'failed', `${progress}. ${read.detail}`),
      ...(['sha256', 'sm3', 'part_tree', 'declared'] as const).map((name) => leg(name, 'not_checked', unread)),
    ];
  }
  const { digests, bytes } = read;
  const differs = rowDiffersIn(record, facts);
  const compare = (name: (typeof names)[number], found: string | number, sealed: string | number): Leg => {
    if (found !== sealed) return leg(name, 'failed', `Sealed: ${sealed}. Found now: ${found}, over ${bytes} bytes.`);
    if (differs.has(name))
      return leg(name, 'failed', `The stored bytes are those of the log, but the catalogue says something else.`);
    return leg(name, 'passed', `${found}, over all ${bytes} bytes.`);
  };
  return [
    compare('size', bytes, facts.size),
    compare('sha256', digests.sha256, facts.sha256),
    compare('sm3', digests.sm3, facts.sm3),
    digests.tree.leafSize === facts.tree.leafSize
      ? compare('part_tree', digests.tree.root, facts.tree.root)
      : leg(
          'part_tree',
          'not_checked',
          `The tree was sealed over leaves of ${facts.tree.leafSize} bytes, which this version does not compute.`,
        ),
    declaredLeg(facts, digests.sha256),
  ];
}

function declaredLeg({ declared }: SealedFacts, sha256: string): Leg {
  if (!declared) return leg('declared', 'not_checked', 'The sender declared no digest.');
  return declared.sha256 === sha256
    ? leg('declared', 'passed', 'What is stored is what the sender declared before sending.')
    : leg('declared', 'failed', `The sender declared ${declared.sha256}; what is stored has ${sha256}.`);
}
