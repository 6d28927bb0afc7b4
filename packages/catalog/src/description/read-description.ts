import type { Description } from '@fengcun/contracts';
import type { Executor } from '../database/connect.ts';
import { CatalogError } from '../errors.ts';
import type { PageRequest } from '../page/page.ts';

/** What an item's description is before anybody said anything. */
export const undescribed: Description = Object.freeze({
  version: 0,
  title: null,
  place: null,
  tags: [],
  note: null,
  case: null,
  matter: null,
  at: null,
  by: null,
});

/** The description that holds now. Who may see it is not asked here. */
export async function findDescription(db: Executor, evidence: string): Promise<Description> {
  const row = await versions(db, evidence).limit(1).executeTakeFirst();
  return row ? toDescription(row) : undescribed;
}

/** Every version, newest first. Rejects `cursor_invalid`. */
export async function listDescriptions(
  db: Executor,
  evidence: string,
  page: PageRequest,
): Promise<{ readonly items: Description[]; readonly next: string | null }> {
  const before = versionOf(page.cursor);
  const rows = await versions(db, evidence)
    .where('d.version', '<', before)
    .limit(page.limit + 1)
    .execute();
  const items = rows.slice(0, page.limit).map(toDescription);
  const last = items.at(-1);
  return {
    items,
    next: rows.length > page.limit && last ? Buffer.from(String(last.version)).toString('base64url') : null,
  };
}

const versions = (db: Executor, evidence: string) =>
  db
    .selectFrom('evidence_description as d')
    .innerJoin('account as a', 'a.id', 'd.account_id')
    .leftJoin('case_file as c', 'c.id', 'd.case_id')
    .leftJoin('matter as m', 'm.id', 'd.matter_id')
    .selectAll('d')
    .select(['a.name as by', 'c.number as case_number', 'c.title as case_title', 'm.title as matter_title'])
    .where('d.evidence_id', '=', evidence)
    .orderBy('d.version', 'desc');

type Row = Awaited<ReturnType<ReturnType<typeof versions>['executeTakeFirstOrThrow']>>;

const toDescription = (row: Row): Description => ({
  version: row.version,
  title: row.title,
  place: row.place,
  tags: row.tags,
  note: row.note,
  case: row.case_id === null ? null : { id: row.case_id, number: row.case_number ?? '', title: row.case_title ?? '' },
  matter: row.matter_id === null ? null : { id: row.matter_id, title: row.matter_title ?? '' },
  at: row.described_at.toISOString(),
  by: { id: row.account_id, name: row.by },
});

function versionOf(cursor: string | undefined): number {
  if (cursor === undefined) return 2_147_483_647;
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  const version = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(version <= 2_147_483_647)) throw new CatalogError('cursor_invalid');
  return version;
}
