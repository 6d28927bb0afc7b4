import { createHash } from 'node:crypto';
import { type ActorDraft, actions, type MatrixRow, type MatrixVersion, personal } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import { sql } from 'kysely';
import type { Database, Executor } from '../database/connect.ts';
import { CatalogError } from '../errors.ts';
import { appendEvent } from '../ledger/append-event.ts';
import { canonicalText } from '../ledger/canonical-text.ts';
import type { PageRequest } from '../page/page.ts';

export interface StoredMatrix extends MatrixVersion {
  readonly rows: readonly MatrixRow[];
  /** what its rows could speak of when it was set */
  readonly actions: readonly string[];
}

/** One version of the matrix, or the newest; undefined where nobody ever set one: then the default matrix holds, as version 0. */
export async function findMatrix(db: Executor, version?: number): Promise<StoredMatrix | undefined> {
  const row = await versions(db)
    .select(['m.rows', 'm.actions'])
    .$if(version !== undefined, (query) => query.where('m.version', '=', version ?? 0))
    .orderBy('m.version', 'desc')
    .limit(1)
    .executeTakeFirst();
  // Written by `setMatrix` from rows that the contract had checked, and never changed since.
  return row && { ...toVersion(row), rows: row.rows as MatrixRow[], actions: row.actions };
}

/** The number of the version in force; 0: the default matrix. */
export async function latestMatrixVersion(db: Executor): Promise<number> {
  const { rows } = await sql<{
    version: number;
  }>`select coalesce(max(version), 0) as version from access_matrix`.execute(db);
  return rows[0]?.version ?? 0;
}

/** Every version that was set, newest first. Rejects `cursor_invalid`. */
export async function listMatrixVersions(
  db: Executor,
  page: PageRequest,
): Promise<{ readonly items: MatrixVersion[]; readonly next: string | null }> {
  const before = versionOf(page.cursor);
  const rows = await versions(db)
    .$if(before !== undefined, (query) => query.where('m.version', '<', before ?? 0))
    .orderBy('m.version', 'desc')
    .limit(page.limit + 1)
    .execute();
  const items = rows.slice(0, page.limit);
  const last = items.at(-1);
  return { items: items.map(toVersion), next: rows.length > page.limit && last ? String(last.version) : null };
}

export interface MatrixChange {
  readonly basedOn: number;
  readonly rows: readonly MatrixRow[];
  /** the rows that hold now, for the event to say what changed */
  readonly previous: readonly MatrixRow[];
  readonly reason: string;
  readonly account: string;
  readonly actor: ActorDraft;
}

/**
 * Puts a new version in force, with its event. Answers its number, or undefined when `basedOn` is not the newest any more. Whoever decides
 * asks for the newest version each time, so that the change holds for the next decision everywhere.
 */
export async function setMatrix(db: Database, change: MatrixChange, clock: Clock): Promise<number | undefined> {
  return db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(hashtext('fengcun.access_matrix'))`.execute(trx);
    if ((await latestMatrixVersion(trx)) !== change.basedOn) return undefined;
    const version = change.basedOn + 1;
    const text = canonicalText(change.rows);
    const sha256 = createHash('sha256').update(text).digest();
    await trx
      .insertInto('access_matrix')
      .values({
        version,
        rows: text,
        sha256,
        actions: [...actions],
        changed_by: change.account,
        changed_at: clock.now(),
        reason: change.reason,
      })
      .execute();
    await appendEvent(
      trx,
      {
        type: 'policy.changed',
        actor: change.actor,
        subject: { kind: 'policy', id: String(version) },
        data: {
          version,
          sha256: sha256.toString('hex'),
          rows: change.rows.length,
          reason: personal(change.reason),
          ...differences(change.previous, change.rows),
        },
      },
      clock,
    );
    return version;
  });
}

function differences(before: readonly MatrixRow[], after: readonly MatrixRow[]) {
  const texts = (rows: readonly MatrixRow[]) => new Map(rows.map((row) => [row.rule, canonicalText(row)]));
  const [was, is] = [texts(before), texts(after)];
  return {
    added: [...is.keys()].filter((rule) => !was.has(rule)),
    removed: [...was.keys()].filter((rule) => !is.has(rule)),
    changed: [...is].filter(([rule, text]) => was.has(rule) && was.get(rule) !== text).map(([rule]) => rule),
    reordered:
      [...is.keys()].filter((rule) => was.has(rule)).join() !== [...was.keys()].filter((rule) => is.has(rule)).join(),
  };
}

const versions = (db: Executor) =>
  db
    .selectFrom('access_matrix as m')
    .innerJoin('account as a', 'a.id', 'm.changed_by')
    .select(['m.version', 'm.changed_at', 'm.changed_by', 'a.name', 'm.reason']);

const toVersion = (row: {
  version: number;
  changed_at: Date;
  changed_by: string;
  name: string;
  reason: string;
}): MatrixVersion => ({
  version: row.version,
  changedAt: row.changed_at.toISOString(),
  changedBy: { id: row.changed_by, name: row.name },
  reason: row.reason,
});

function versionOf(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(cursor)) throw new CatalogError('cursor_invalid');
  return Number(cursor);
}
