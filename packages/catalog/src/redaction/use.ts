import type { Executor } from '../database/connect.ts';

/** A rendering as it is watched: its index, its object, its key. */
export interface PlayableRender {
  readonly evidence: string;
  readonly index: unknown;
  readonly key: Buffer;
  readonly object: { readonly key: string; readonly versionId: string; readonly size: number };
}

/** The rendering's pieces while it counts, or undefined. */
export async function findPlayableRender(db: Executor, render: string): Promise<PlayableRender | undefined> {
  const row = await db
    .selectFrom('redaction_render')
    .select(['evidence_id', 'play_index', 'play_key', 'play_vault_key', 'play_vault_version', 'play_size'])
    .where('id', '=', render)
    .where('state', '=', 'ready')
    .executeTakeFirst();
  if (!row?.play_key || row.play_vault_key === null || row.play_vault_version === null || row.play_size === null)
    return undefined;
  return {
    evidence: row.evidence_id,
    index: row.play_index,
    key: row.play_key,
    object: { key: row.play_vault_key, versionId: row.play_vault_version, size: row.play_size },
  };
}

/** What a copy to be published is made of. */
export interface ApprovedRender {
  readonly redaction: string;
  readonly render: string;
  /** hex */
  readonly sha256: string;
  readonly mediaType: string;
  readonly mark: 'picture' | 'metadata' | 'none';
}

/** The item's redacted version that was approved last, or the one named, if it is approved now. */
export async function findApprovedRender(
  db: Executor,
  evidence: string,
  redaction?: string,
): Promise<ApprovedRender | undefined> {
  const row = await db
    .selectFrom('redaction as d')
    .innerJoin('redaction_render as r', 'r.id', 'd.render_id')
    .select(['d.id', 'r.id as render', 'r.sha256', 'r.media_type', 'r.mark'])
    .where('d.evidence_id', '=', evidence)
    .where('d.state', '=', 'approved')
    .where('r.state', '=', 'ready')
    .$if(redaction !== undefined, (query) => query.where('d.id', '=', redaction ?? ''))
    .orderBy('d.reviewed_at', 'desc')
    .orderBy('d.id', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (!row?.sha256 || row.media_type === null || row.mark === null) return undefined;
  return {
    redaction: row.id,
    render: row.render,
    sha256: row.sha256.toString('hex'),
    mediaType: row.media_type,
    mark: row.mark,
  };
}

/** The file itself, for the worker: only while the redacted version is approved. */
export interface RenderToCopy {
  readonly key: Buffer;
  /** hex */
  readonly sha256: string;
  readonly mark: 'picture' | 'metadata' | 'none';
  readonly object: { readonly key: string; readonly versionId: string; readonly size: number };
}

export async function findRenderToCopy(db: Executor, render: string): Promise<RenderToCopy | undefined> {
  const row = await db
    .selectFrom('redaction_render as r')
    .innerJoin('redaction as d', 'd.render_id', 'r.id')
    .select(['r.key', 'r.sha256', 'r.mark', 'r.vault_key', 'r.vault_version', 'r.size'])
    .where('r.id', '=', render)
    .where('r.state', '=', 'ready')
    .where('d.state', '=', 'approved')
    .executeTakeFirst();
  if (!row?.key || !row.sha256 || row.mark === null) return undefined;
  if (row.vault_key === null || row.vault_version === null || row.size === null) return undefined;
  return {
    key: row.key,
    sha256: row.sha256.toString('hex'),
    mark: row.mark,
    object: { key: row.vault_key, versionId: row.vault_version, size: row.size },
  };
}
