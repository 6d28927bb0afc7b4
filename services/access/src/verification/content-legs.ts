import type { EvidenceRecord } from '@fengcun/catalog';
import { type Finding, finding } from '@fengcun/contracts';
import { type Leg, leg } from './legs.ts';
import type { ContentRead } from './read-content.ts';
import { rowDiffersIn, type SealedFacts } from './sealed-facts.ts';

/** Size and digests of what is stored now against what the log says was sealed, and against what the sender declared. */
export function contentLegs(record: EvidenceRecord, facts: SealedFacts, read: ContentRead): Leg[] {
  const names = ['size', 'sha256', 'sm3', 'part_tree'] as const;
  const progress = finding('read_of', { read: read.bytes, size: facts.size });
  if (read.kind === 'unread') {
    return [...names, 'declared' as const].map((name) => leg(name, 'not_checked', progress, read.why));
  }
  if (read.kind === 'damaged') {
    return [
      leg('size', 'failed', progress, read.why),
      ...(['sha256', 'sm3', 'part_tree', 'declared'] as const).map((name) =>
        leg(name, 'not_checked', progress, finding('nothing_compared')),
      ),
    ];
  }
  const { digests, bytes } = read;
  const differs = rowDiffersIn(record, facts);
  const same = (name: (typeof names)[number], equal: boolean, told: { same: Finding; differs: Finding }): Leg => {
    if (!equal) return leg(name, 'failed', told.differs);
    return differs.has(name) ? leg(name, 'failed', finding('row_differs')) : leg(name, 'passed', told.same);
  };
  const compare = (name: Exclude<(typeof names)[number], 'size'>, found: string, sealed: string): Leg =>
    same(name, found === sealed, {
      same: finding('digest_same', { found, read: bytes }),
      differs: finding('digest_differs', { sealed, found, read: bytes }),
    });
  return [
    same('size', bytes === facts.size, {
      same: finding('size_same', { size: bytes }),
      differs: finding('size_differs', { sealed: facts.size, found: bytes }),
    }),
    compare('sha256', digests.sha256, facts.sha256),
    compare('sm3', digests.sm3, facts.sm3),
    digests.tree.leafSize === facts.tree.leafSize
      ? compare('part_tree', digests.tree.root, facts.tree.root)
      : leg('part_tree', 'not_checked', finding('tree_other_leaf', { leafSize: facts.tree.leafSize })),
    declaredLeg(facts, digests.sha256),
  ];
}

function declaredLeg({ declared }: SealedFacts, sha256: string): Leg {
  if (!declared) return leg('declared', 'not_checked', finding('not_declared'));
  return declared.sha256 === sha256
    ? leg('declared', 'passed', finding('declared_same'))
    : leg('declared', 'failed', finding('declared_differs', { declared: declared.sha256, found: sha256 }));
}
