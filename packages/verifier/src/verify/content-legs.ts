import type { SealedEvidence } from '../receipt/sealed.ts';
import { say } from '../report/details.ts';
import { leg } from '../report/legs.ts';
import type { Leg } from '../report/report.ts';

/** What was computed over the file at hand; null where it could not be. */
export interface Content {
  /** bytes really read */
  readonly size: number;
  readonly sha256: string | null;
  readonly sm3: string | null;
  readonly tree: { readonly leafSize: number; readonly root: string } | null;
}

const NO_FILE = say('no_content');

/** The file at hand against what was sealed. */
export function contentLegs(sealed: SealedEvidence, content: Content | undefined): Leg[] {
  return [
    sizeLeg(sealed, content),
    digestLeg('sha256', sealed, content),
    digestLeg('sm3', sealed, content),
    treeLeg(sealed, content),
  ];
}

function sizeLeg(sealed: SealedEvidence, content: Content | undefined): Leg {
  if (!content) return leg('size', 'not_checked', NO_FILE);
  const difference = content.size - sealed.size;
  if (difference === 0) return leg('size', 'passed', say('size_same', { size: content.size }));
  const sizes = { sealed: sealed.size, found: content.size };
  const differs =
    difference < 0
      ? say('size_short', { ...sizes, missing: -difference })
      : say('size_long', { ...sizes, extra: difference });
  return leg('size', 'failed', differs);
}

function digestLeg(name: 'sha256' | 'sm3', sealed: SealedEvidence, content: Content | undefined): Leg {
  if (!content) return leg(name, 'not_checked', NO_FILE);
  const found = content[name];
  if (found === null) {
    return leg(name, 'not_checked', say('algorithm_missing'));
  }
  if (found === sealed[name]) return leg(name, 'passed', say('digest_same', { found }));
  return leg(name, 'failed', say('digest_differs', { sealed: sealed[name], found }));
}

function treeLeg({ tree }: SealedEvidence, content: Content | undefined): Leg {
  if (!content) return leg('part_tree', 'not_checked', NO_FILE);
  if (content.tree?.leafSize !== tree.leafSize) {
    return leg('part_tree', 'not_checked', say('tree_not_computed', { leafSize: tree.leafSize }));
  }
  if (content.tree.root === tree.root) return leg('part_tree', 'passed', say('digest_same', { found: tree.root }));
  return leg('part_tree', 'failed', say('tree_differs', { sealed: tree.root, found: content.tree.root }));
}

/** What dock, server and vault each said at sealing, as the signed entry records it: a missing declaration is not an equal one. */
export function declaredLeg({ declared, received, readBack, sha256, size }: SealedEvidence): Leg {
  if (declared && declared.sha256 !== sha256) {
    return leg('declared', 'failed', say('declared_differs'));
  }
  if (received.sha256 !== null && received.sha256 !== sha256) {
    return leg('declared', 'failed', say('received_differs'));
  }
  if (readBack.bytes !== size) {
    return leg('declared', 'failed', say('read_back_short', { read: readBack.bytes, size }));
  }
  const read = readBack.bytes;
  if (received.sha256 === null) {
    const facts = { read, parts: received.parts };
    return declared
      ? leg('declared', 'passed', say('declared_same_by_parts', facts))
      : leg('declared', 'not_checked', say('not_declared_by_parts', facts));
  }
  return declared
    ? leg('declared', 'passed', say('declared_same', { read }))
    : leg('declared', 'not_checked', say('not_declared', { read }));
}
