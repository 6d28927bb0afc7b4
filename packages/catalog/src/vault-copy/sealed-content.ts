import { sql } from 'kysely';
import type { Executor } from '../database/connect.ts';

/** What was sealed, by the log's word. Digests are lower-case hex. */
export interface SealedContent {
  readonly evidence: string;
  readonly unit: string;
  readonly name: string;
  readonly size: number;
  readonly sha256: string;
  readonly sm3: string;
  /** the part tree: bytes of a leaf, root */
  readonly tree: { readonly leafSize: number; readonly root: string };
  /** key under which it was sealed */
  readonly key: string;
  readonly disposal: 'none' | 'under_way' | 'done';
}

/**
 * What was sealed under this id, or undefined when nothing was. The catalogue's row has to say the same as the seal's event, which stands in
 * the log; `contradicted` when it does not, because then nobody may take either for the truth.
 */
export async function sealedContent(
  db: Executor,
  evidence: string,
): Promise<SealedContent | 'contradicted' | undefined> {
  const row = await db
    .selectFrom('evidence as e')
    .innerJoin('ledger_event as l', 'l.id', 'e.event_id')
    .leftJoin('evidence_retention as r', 'r.evidence_id', 'e.id')
    .select(['e.id', 'e.unit_id', 'e.name', 'e.size', 'e.sha256', 'e.sm3', 'e.vault_key', 'l.entry', 'r.disposal'])
    .select(['e.tree_leaf_size', 'e.tree_root'])
    .select(sql<string>`l.subject_id`.as('subject'))
    .where('e.id', '=', evidence)
    .executeTakeFirst();
  if (!row) return undefined;
  const tree = { leafSize: row.tree_leaf_size, root: row.tree_root.toString('hex') };
  const sealed = { size: row.size, sha256: row.sha256.toString('hex'), sm3: row.sm3.toString('hex'), tree };
  const { data } = JSON.parse(row.entry.toString('utf8')) as { data?: Partial<typeof sealed> & { evidence?: string } };
  const agreed =
    row.subject === evidence &&
    data?.evidence === evidence &&
    data.size === sealed.size &&
    data.sha256 === sealed.sha256 &&
    data.sm3 === sealed.sm3 &&
    data.tree?.leafSize === tree.leafSize &&
    data.tree.root === tree.root;
  if (!agreed) return 'contradicted';
  return {
    evidence,
    unit: row.unit_id,
    name: row.name,
    key: row.vault_key,
    disposal: row.disposal ?? 'none',
    ...sealed,
  };
}
