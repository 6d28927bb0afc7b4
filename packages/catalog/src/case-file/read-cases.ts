import type { CaseFile, CaseSummary } from '@fengcun/contracts';
import { type RawBuilder, sql } from 'kysely';
import type { Executor } from '../database/connect.ts';
import { type PageRequest, pageOf, timeKeyOf } from '../page/page.ts';
import { maySay, says } from '../search/part-of-line.ts';
import type { UnitScope } from '../unit/scope.ts';

export interface CaseFilter {
  /** part of number, title or subject */
  readonly q?: string;
  readonly state?: CaseSummary['state'];
  readonly kind?: CaseSummary['kind'];
  readonly matter?: string;
  /** account that handles it */
  readonly officer?: string;
}

/** A case file with its unit's path, for whoever decides who may do what with it. */
export interface CaseRecord extends Omit<CaseFile, 'actions'> {
  readonly unitPath: readonly string[];
}

interface Named {
  readonly id: string;
  readonly name: string;
}

interface OfficerRow extends Named {
  readonly officerNumber: string | null;
  readonly from: string | null;
  readonly until: string | null;
  readonly addedBy: Named | null;
  readonly addedAt: string | null;
  readonly counts: boolean;
}

interface Row {
  readonly id: string;
  readonly number: string;
  readonly unit_id: string;
  readonly unit_name: string;
  readonly unit_path: string[];
  readonly kind: CaseSummary['kind'];
  readonly title: string;
  readonly subject: string | null;
  readonly state: CaseSummary['state'];
  readonly officers: readonly OfficerRow[];
  readonly matter: { readonly id: string; readonly title: string } | null;
  readonly opened_by: Named;
  readonly opened_at: Date;
  readonly closed_at: Date | null;
  readonly revision: number;
  readonly changed_by: Named | null;
  readonly changed_at: Date | null;
  readonly items: number;
}

const named = (account: RawBuilder<unknown>) =>
  sql`(select jsonb_build_object('id', a.id, 'name', a.name) from account a where a.id = ${account})`;

/** `counts` is what `is_case_officer` asks of the officer's own row. */
const select = (where: RawBuilder<unknown>, cases: RawBuilder<unknown> = sql`case_file`) => sql<Row>`
  select c.id, c.number, c.unit_id, u.name as unit_name, u.path as unit_path, c.kind, c.title, c.subject, c.state, c.opened_at,
    c.closed_at, c.revision, c.items, c.changed_at,
    ${named(sql`c.opened_by`)} as opened_by, ${named(sql`c.changed_by`)} as changed_by,
    (select jsonb_build_object('id', m.id, 'title', m.title) from matter m where m.id = c.matter_id) as matter,
    coalesce((select jsonb_agg(jsonb_build_object('id', a.id, 'name', a.name, 'officerNumber', a.officer_number,
        'from', o.valid_from, 'until', o.valid_until, 'addedAt', o.added_at, 'addedBy', ${named(sql`o.added_by`)},
        'counts', coalesce(o.added_by <> a.id, false) and coalesce(o.valid_from <= now(), true) and coalesce(o.valid_until > now(), true)
      ) order by a.name, a.id)
      from case_officer o join account a on a.id = o.account_id where o.case_id = c.id), '[]') as officers
  from ${cases} c join unit u on u.id = c.unit_id where ${where}`;

/** The case file, or undefined. Who may see it is not asked here. */
export async function findCase(db: Executor, id: string): Promise<CaseRecord | undefined> {
  const { rows } = await select(sql`c.id = ${id}`).execute(db);
  const [row] = rows;
  return (
    row && {
      ...toSummary(row),
      officers: row.officers.map((officer) => ({
        ...officer,
        from: instantOf(officer.from),
        until: instantOf(officer.until),
        addedAt: instantOf(officer.addedAt),
      })),
      matter: row.matter,
      openedBy: row.opened_by,
      closedAt: row.closed_at?.toISOString() ?? null,
      revision: row.revision,
      changed: row.changed_by && row.changed_at && { by: row.changed_by, at: row.changed_at.toISOString() },
      unitPath: row.unit_path,
    }
  );
}

/** PostgreSQL writes times into JSON its own way. */
const instantOf = (text: string | null) => (text === null ? null : new Date(text).toISOString());

const toSummary = (row: Row): CaseSummary => ({
  id: row.id,
  number: row.number,
  unit: { id: row.unit_id, name: row.unit_name },
  kind: row.kind,
  title: row.title,
  subject: row.subject,
  state: row.state,
  officers: row.officers.map(({ id, name, officerNumber }) => ({ id, name, officerNumber })),
  items: row.items,
  openedAt: row.opened_at.toISOString(),
});

/** Recordings that are described as belonging to the case now, the oldest first, at most a thousand: more is no request for anybody. */
export async function findCaseItems(db: Executor, id: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('evidence_search')
    .select('evidence_id')
    .where('case_id', '=', id)
    .orderBy('captured_at')
    .orderBy('evidence_id')
    .limit(1000)
    .execute();
  return rows.map(({ evidence_id }) => evidence_id);
}

/** Case files of the scope's units, newest first. Rejects `cursor_invalid`. */
export async function listCases(
  db: Executor,
  { units, everything }: UnitScope,
  { q, state, kind, matter, officer }: CaseFilter,
  page: PageRequest,
): Promise<{ readonly items: readonly CaseSummary[]; readonly next: string | null }> {
  if (units.length === 0) return { items: [], next: null };
  const after = timeKeyOf(page.cursor);
  const conditions = [
    everything ? sql`true` : sql`c.unit_id = any(${[...units]}::uuid[])`,
    ...(state === undefined ? [] : [sql`c.state = ${state}`]),
    ...(kind === undefined ? [] : [sql`c.kind = ${kind}`]),
    ...(matter === undefined ? [] : [sql`c.matter_id = ${matter}`]),
    ...(officer === undefined
      ? []
      : [sql`exists (select from case_officer o where o.case_id = c.id and o.account_id = ${officer})`]),
    ...(after === undefined ? [] : [sql`(c.opened_at, c.id) < (${after.at}::timestamptz, ${after.id}::uuid)`]),
  ];
  const narrowed = sql.join(conditions, sql` and `);
  const { rows } = await sql<Row>`${q === undefined ? select(narrowed) : select(says(line, q), candidates(q, narrowed))}
    order by c.opened_at desc, c.id desc limit ${page.limit + 1}`.execute(db);
  const { items, next } = pageOf(rows, page.limit, (row) => ({ at: row.opened_at, id: row.id }));
  return { items: items.map(toSummary), next };
}

/** What a case is found by (migration: `case_file_text`, `case_file_short`). */
const line = sql`search_fold(c.number || ' ' || c.title || ' ' || coalesce(c.subject, ''))`;

/**
 * Cases that may say the words, newest first, so that those that really do are looked for only until the page is full (`offset 0` keeps the
 * planner from looking at all of them).
 */
const candidates = (q: string, narrowed: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`(select c.* from case_file c where ${narrowed} and ${maySay(line, q)} order by c.opened_at desc, c.id desc offset 0)`;
