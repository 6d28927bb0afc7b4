/** Which subtree hashes a proof is made of. Plans name ranges; whoever has the hashes folds them (see `tile/tile-tree.ts`). */
import { isCount } from '../encoding/decimal.ts';
import { TlogError } from '../errors.ts';
import { type LeafRange, requireSize, splitPoint } from './nodes.ts';

/** PATH(m, D[n]) of RFC 6962 section 2.1.1, as ranges: the leaf's sibling first, the root's child last. */
export function inclusionRanges(index: number, size: number): LeafRange[] {
  requireSize(size);
  if (!isCount(index) || index >= size) {
    throw new TlogError(
      'argument_invalid',
      `There is no entry ${index} in a tree of ${size}; ask for an index below the size.`,
    );
  }
  const ranges: LeafRange[] = [];
  let begin = 0;
  let end = size;
  while (end - begin > 1) {
    const middle = begin + splitPoint(end - begin);
    if (index < middle) {
      ranges.push({ begin: middle, end });
      end = middle;
    } else {
      ranges.push({ begin, end: middle });
      begin = middle;
    }
  }
  return ranges.reverse();
}

/** PROOF(m, D[n]) of RFC 6962 section 2.1.2, as ranges. Empty where nothing needs proving: from size 0, or between equal sizes. */
export function consistencyRanges(oldSize: number, newSize: number): LeafRange[] {
  requireSize(oldSize);
  requireSize(newSize);
  if (oldSize > newSize) {
    throw new TlogError('argument_invalid', `A log never shrinks: no proof leads from size ${oldSize} to ${newSize}.`);
  }
  if (oldSize === 0) return [];
  const ranges: LeafRange[] = [];
  let begin = 0;
  let end = newSize;
  while (end !== oldSize) {
    const middle = begin + splitPoint(end - begin);
    if (oldSize <= middle) {
      ranges.push({ begin: middle, end });
      end = middle;
    } else {
      ranges.push({ begin, end: middle });
      begin = middle;
    }
  }
  // With b still true (begin == 0) the verifier already holds this very hash: it is the old root.
  if (begin !== 0) ranges.push({ begin, end });
  return ranges.reverse();
}
