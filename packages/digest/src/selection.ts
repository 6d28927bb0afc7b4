import { getHashes } from 'node:crypto';
import { DigestError } from './errors.ts';
import { LEAF_PREFIX, TREE_LEAF_SIZE } from './part-tree.ts';
import { chooseSm3Library, type Sm3Library } from './sm3.js';

/** Which digests of one content are wanted; what is not selected costs nothing. */
export interface DigestSelection {
  /** SHA-256 of the whole content (FIPS 180-4) */
  readonly sha256: boolean;
  /** SM3 of the whole content (GB/T 32905-2016); several times slower than SHA-256 */
  readonly sm3: boolean;
  /** bytes of one part for per-part SHA-256, or null for none */
  readonly partSize: number | null;
  /** leaves and root of the part tree, see `TREE_LEAF_SIZE` */
  readonly tree: boolean;
}

/** The part tree of one content. */
export interface PartTree {
  /** lower-case hex */
  readonly root: string;
  /** bytes */
  readonly leafSize: typeof TREE_LEAF_SIZE;
  /** the leaf hashes, 32 bytes each, in order: what has to be kept so that ranges can be proved later */
  readonly leaves: Uint8Array;
}

type WhenSelected<Choice, Result> = Choice extends false | null ? null : Result;

/** The digests of one content; what was not selected is null. All text is lower-case hex. */
export interface ContentDigests<S extends DigestSelection = DigestSelection> {
  /** bytes digested */
  readonly size: number;
  readonly sha256: WhenSelected<S['sha256'], string>;
  readonly sm3: WhenSelected<S['sm3'], string>;
  /** SHA-256 of each part in order, the last one over what remained; empty for empty content */
  readonly parts: WhenSelected<S['partSize'], readonly string[]>;
  readonly tree: WhenSelected<S['tree'], PartTree>;
}

/** One hash over the stream; lanes are independent, so each may run on another thread. */
export type LaneSpec =
  | { readonly kind: 'sha256' }
  | { readonly kind: 'sm3'; readonly library: Sm3Library }
  | { readonly kind: 'parts'; readonly partSize: number }
  | { readonly kind: 'tree'; readonly leafSize: number; readonly leafPrefix: Uint8Array };

/** Splits a selection into lanes. Rejects what cannot be computed before any byte is taken. */
export function lanesOf(selection: DigestSelection): readonly LaneSpec[] {
  const lanes: LaneSpec[] = [];
  if (selection.sm3) {
    const library = sm3Library();
    if (library === 'openssl' && !getHashes().includes('sm3')) {
      throw new DigestError(
        'unsupported',
        'SM3 is offered neither by libgcrypt nor by the OpenSSL under this Node; install libgcrypt 1.10 or use a build that has it.',
      );
    }
    lanes.push({ kind: 'sm3', library });
  }
  if (selection.sha256) lanes.push({ kind: 'sha256' });
  if (selection.partSize !== null) {
    if (!Number.isSafeInteger(selection.partSize) || selection.partSize < 1) {
      throw new DigestError('misuse', `A part size is a whole number of bytes above 0, not ${selection.partSize}.`);
    }
    lanes.push({ kind: 'parts', partSize: selection.partSize });
  }
  if (selection.tree) lanes.push({ kind: 'tree', leafSize: TREE_LEAF_SIZE, leafPrefix: LEAF_PREFIX });
  if (lanes.length === 0) throw new DigestError('misuse', 'No digest was selected; select at least one.');
  return lanes;
}

let chosen: Sm3Library | null = null;

/** The library that computes SM3 in this process. */
export function sm3Library(): Sm3Library {
  chosen ??= chooseSm3Library();
  return chosen;
}

/** CPU time of an SM3 pass in units of one SHA-256 pass: measured 4 with libgcrypt, 5 to 7 with OpenSSL on CPUs with SHA extensions. */
export const SM3_COST = 5;

/** CPU time of a lane per byte, in units of one SHA-256 pass. */
export function laneCost(lane: LaneSpec): number {
  return lane.kind === 'sm3' ? SM3_COST : 1;
}
