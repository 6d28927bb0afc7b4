import { asHash, formatLogProof, tileTree, verifyInclusion } from '@fengcun/tlog';
import { nativeHasher } from '@fengcun/tlog/node';
import type { Executor } from '../database/connect.ts';
import { latestCheckpoint } from './published-log.ts';
import { tileReader } from './read-log.ts';

/**
 * The `tlog-proof` text of the entry at `index` under the newest checkpoint; undefined until one covers it. The proof is verified
 * against the signed root before it leaves, so that a damaged tile is found here and not in court (rejects with `TlogError`).
 */
export async function logProofOf(db: Executor, index: number): Promise<string | undefined> {
  const checkpoint = await latestCheckpoint(db);
  if (!checkpoint || checkpoint.size <= index) return undefined;
  const { size, root, note } = checkpoint;
  const tree = tileTree(size, tileReader(db), nativeHasher);
  const leaf = await tree.leafHash(index);
  const proof = await tree.inclusionProof(index);
  verifyInclusion({ leaf, index, size, root: asHash(root), proof }, nativeHasher);
  return formatLogProof({ index, hashes: proof, checkpoint: note });
}
