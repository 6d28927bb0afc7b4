import {
  type Redaction,
  type RedactionMark,
  type RedactionPlan,
  type RedactionRender,
  type RedactionSummary,
  toldOfNullable,
} from '@fengcun/contracts';
import { sql } from 'kysely';
import { notifyChange } from '../change/notify.ts';
import type { Executor } from '../database/connect.ts';
import { type PageRequest, pageOf, timeKeyOf } from '../page/page.ts';

/** A redacted version as it stands, as the API shows it, with its unit. */
export interface RedactionRecord {
  readonly summary: RedactionSummary;
  readonly unit: string;
  readonly createdBy: string;
  /** everybody who wrote a version of its plan */
  readonly makers: readonly string[];
}

const renderColumns = [
  'r.id as render_id',
  'r.version as render_version',
  'r.state as render_state',
  'r.percent',
  'r.reason',
  'r.detail',
  'r.requested_by',
  'q.name as requested_name',
  'r.created_at as render_at',
  'r.finished_at',
  'r.event_id',
  'r.size',
  'r.sha256',
  'r.sm3',
  'r.media_type',
  'r.mark',
  'r.duration_ms',
  'r.source_version',
] as const;

const selected = (db: Executor) =>
  db
    .selectFrom('redaction as d')
    .innerJoin('evidence as e', 'e.id', 'd.evidence_id')
    .innerJoin('account as c', 'c.id', 'd.created_by')
    .leftJoin('redaction_render as r', 'r.id', 'd.render_id')
    .leftJoin('account as q', 'q.id', 'r.requested_by')
    .leftJoin('account as v', 'v.id', 'd.reviewed_by')
    .leftJoin('account as w', 'w.id', 'd.withdrawn_by')
    .select(['d.id', 'd.evidence_id', 'd.name', 'd.state', 'd.version', 'd.created_by', 'd.created_at', 'd.updated_at'])
    .select([
      'd.reviewed_by',
      'd.reviewed_at',
      'd.review_reason',
      'd.withdrawn_by',
      'd.withdrawn_at',
      'd.withdraw_reason',
    ])
    .select(['e.unit_id', 'c.name as created_name', 'v.name as reviewed_name', 'w.name as withdrawn_name'])
    .select(renderColumns)
    .select(
      sql<number>`(select jsonb_array_length(p.marks) from redaction_plan p
        where p.redaction_id = d.id and p.version = d.version)`.as('marks'),
    )
    .select(
      sql<string[]>`(select array_agg(distinct p.made_by) from redaction_plan p where p.redaction_id = d.id)`.as(
        'makers',
      ),
    );

type Row = Awaited<ReturnType<ReturnType<typeof selected>['executeTakeFirstOrThrow']>>;

/** The redacted version, or undefined. Who may see it is not asked here. */
export async function findRedaction(db: Executor, id: string): Promise<RedactionRecord | undefined> {
  const row = await selected(db).where('d.id', '=', id).executeTakeFirst();
  return row && toRecord(row);
}

/** The one that an account began under this client id, if it did. */
export async function findRedactionOfClient(
  db: Executor,
  asked: { readonly account: string; readonly clientId: string },
): Promise<RedactionRecord | undefined> {
  const row = await selected(db)
    .where('d.created_by', '=', asked.account)
    .where('d.client_id', '=', asked.clientId)
    .executeTakeFirst();
  return row && toRecord(row);
}

/** An item's redacted versions, newest first. Rejects `cursor_invalid`. */
export async function listRedactions(
  db: Executor,
  evidence: string,
  page: PageRequest,
): Promise<{ readonly items: readonly RedactionRecord[]; readonly next: string | null }> {
  const after = timeKeyOf(page.cursor);
  const rows = await selected(db)
    .where('d.evidence_id', '=', evidence)
    .$if(after !== undefined, (query) =>
      query.where(sql<boolean>`(d.created_at, d.id) < (${after?.at}::timestamptz, ${after?.id}::uuid)`),
    )
    .orderBy('d.created_at', 'desc')
    .orderBy('d.id', 'desc')
    .limit(page.limit + 1)
    .execute();
  const { items, next } = pageOf(rows, page.limit, (row) => ({ at: row.created_at, id: row.id }));
  return { items: items.map(toRecord), next };
}

/** How many of an item's redacted versions are neither approved nor withdrawn. */
export async function countOpenRedactions(db: Executor, evidence: string): Promise<number> {
  const { n } = await db
    .selectFrom('redaction')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .where('evidence_id', '=', evidence)
    .where('state', 'not in', ['approved', 'withdrawn'])
    .executeTakeFirstOrThrow();
  return Number(n);
}

/** How many renderings an account has waiting or under way. */
export async function countUnfinishedRenders(db: Executor, account: string): Promise<number> {
  const { n } = await db
    .selectFrom('redaction_render')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .where('requested_by', '=', account)
    .where('state', 'in', ['pending', 'making'])
    .executeTakeFirstOrThrow();
  return Number(n);
}

/** One version of a plan, or undefined. */
export async function findRedactionPlan(
  db: Executor,
  redaction: string,
  version: number,
): Promise<RedactionPlan | undefined> {
  const row = await db
    .selectFrom('redaction_plan as p')
    .innerJoin('account as a', 'a.id', 'p.made_by')
    .select(['p.version', 'p.marks', 'p.sha256', 'p.made_by', 'a.name', 'p.made_at'])
    .where('p.redaction_id', '=', redaction)
    .where('p.version', '=', version)
    .executeTakeFirst();
  return (
    row && {
      version: row.version,
      // Written by `saveRedactionPlan` from marks that the contract had checked, and never changed since.
      marks: row.marks as RedactionMark[],
      sha256: row.sha256.toString('hex'),
      by: { id: row.made_by, name: row.name },
      at: row.made_at.toISOString(),
    }
  );
}

/** How many pieces a rendering has, and how many of them were handed out to an account, over all its plays. */
export async function watchedOfRender(
  db: Executor,
  render: string,
  account: string,
): Promise<{ readonly pieces: number; readonly served: number }> {
  const { rows } = await sql<{ pieces: number | null; served: number | null }>`
    select jsonb_array_length(r.play_index -> 'segments') as pieces,
      (select sum(upper(piece) - lower(piece))::int from (
        select unnest(range_agg(part)) as piece from play p, unnest(p.served) part
        where p.render_id = r.id and p.account_id = ${account}) merged) as served
    from redaction_render r where r.id = ${render} and r.state = 'ready'`.execute(db);
  return { pieces: rows[0]?.pieces ?? 0, served: rows[0]?.served ?? 0 };
}

/** Tells open pages that a redacted version moved on. */
export async function notifyRedaction(
  db: Executor,
  change: {
    readonly id: string;
    readonly evidence: string;
    readonly unit: string;
    readonly state: Redaction['state'];
    readonly percent: number;
  },
): Promise<void> {
  await notifyChange(db, { kind: 'redaction', ...change });
}

function toRecord(row: Row): RedactionRecord {
  return { summary: toSummary(row), unit: row.unit_id, createdBy: row.created_by, makers: row.makers };
}

function toSummary(row: Row): RedactionSummary {
  const reviewed = row.state === 'approved' || row.state === 'rejected' || row.state === 'withdrawn';
  return {
    id: row.id,
    evidence: row.evidence_id,
    name: row.name,
    state: row.state,
    version: row.version,
    marks: row.marks,
    createdBy: { id: row.created_by, name: row.created_name },
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    render: toRender(row),
    review:
      reviewed && row.reviewed_by !== null && row.reviewed_at !== null
        ? {
            verdict: row.state === 'rejected' ? 'rejected' : 'approved',
            by: { id: row.reviewed_by, name: row.reviewed_name ?? '' },
            at: row.reviewed_at.toISOString(),
            reason: row.review_reason,
          }
        : null,
    withdrawn:
      row.withdrawn_at === null
        ? null
        : {
            by: row.withdrawn_by === null ? null : { id: row.withdrawn_by, name: row.withdrawn_name ?? '' },
            at: row.withdrawn_at.toISOString(),
            reason: row.withdraw_reason,
          },
  };
}

function toRender(row: Row): RedactionRender | null {
  if (row.render_id === null || row.render_version === null || row.render_state === null) return null;
  const { size, sha256, sm3, media_type, mark, duration_ms, source_version } = row;
  const made =
    size !== null &&
    sha256 &&
    sm3 &&
    media_type !== null &&
    mark !== null &&
    duration_ms !== null &&
    source_version !== null;
  return {
    id: row.render_id,
    version: row.render_version,
    state: row.render_state,
    percent: row.percent ?? 0,
    reason: row.reason,
    ...toldOfNullable(row.detail),
    requestedBy: { id: row.requested_by ?? '', name: row.requested_name ?? '' },
    createdAt: (row.render_at ?? row.created_at).toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
    event: String(row.event_id ?? 0),
    result: made
      ? {
          size,
          sha256: sha256.toString('hex'),
          sm3: sm3.toString('hex'),
          mediaType: media_type,
          mark,
          durationMs: duration_ms,
          source: source_version,
        }
      : null,
  };
}
