import type { ActorDraft, Matter, MatterBody, MatterLevel } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import { sql } from 'kysely';
import type { Database, Executor } from '../database/connect.ts';
import { newId } from '../id/id.ts';
import { appendEvent } from '../ledger/append-event.ts';
import { findOfferedClass } from './rules.ts';

const most = 2000;

export interface MatterFilter {
  /** only what holds for this unit: its own catalogue and those above it */
  readonly unit?: string;
  readonly level?: MatterLevel;
  readonly retired?: boolean;
}

/** The matters that hold somewhere in the units, by stage and title; catalogues of units above hold for those below. */
export async function listMatters(db: Executor, units: readonly string[], filter: MatterFilter): Promise<Matter[]> {
  const about = filter.unit === undefined ? [...units] : units.filter((unit) => unit === filter.unit);
  if (about.length === 0) return [];
  const rows = await matters(db)
    .where(sql<boolean>`m.unit_id in (select unnest(path) from unit where id = any(${about}::uuid[]))`)
    .$if(filter.level !== undefined, (query) => query.where('m.level', '=', filter.level ?? 'full'))
    .$if(filter.retired !== true, (query) => query.where('m.retired_at', 'is', null))
    .orderBy('m.stage')
    .orderBy('m.title')
    .orderBy('m.id')
    .limit(most)
    .execute();
  return rows.map(toMatter);
}

/** The matter with its unit's path, or undefined. Who may see it is not asked here. */
export async function findMatter(
  db: Executor,
  id: string,
): Promise<{ readonly matter: Matter; readonly unitPath: readonly string[] } | undefined> {
  const row = await matters(db).where('m.id', '=', id).executeTakeFirst();
  return row && { matter: toMatter(row), unitPath: row.unit_path };
}

const matters = (db: Executor) =>
  db
    .selectFrom('matter as m')
    .innerJoin('unit as u', 'u.id', 'm.unit_id')
    .selectAll('m')
    .select(['u.name as unit_name', 'u.path as unit_path']);

type Row = Awaited<ReturnType<ReturnType<typeof matters>['executeTakeFirstOrThrow']>>;

const toMatter = (row: Row): Matter => ({
  id: row.id,
  unit: { id: row.unit_id, name: row.unit_name },
  stage: row.stage,
  title: row.title,
  occasion: row.occasion,
  method: row.method,
  begins: row.begins,
  ends: row.ends,
  deadline: row.deadline,
  recorder: row.recorder,
  category: row.category,
  level: row.level,
  class: row.class_code,
  revision: row.revision,
  retired: row.retired_at !== null,
  updatedAt: row.updated_at.toISOString(),
});

export type MatterRefusal = 'unknown_class' | 'exists' | 'not_found';

/** Adds a row to a unit's catalogue, on record. */
export async function insertMatter(
  db: Database,
  draft: { readonly unit: string; readonly fields: MatterBody; readonly actor: ActorDraft },
  clock: Clock,
): Promise<Matter | MatterRefusal> {
  const { fields, unit, actor } = draft;
  const id = newId();
  return unlessTaken(
    db.transaction().execute(async (trx) => {
      if (!(await findOfferedClass(trx, fields.class))) return 'unknown_class';
      await trx
        .insertInto('matter')
        .values({ id, unit_id: unit, ...columns(fields), updated_at: clock.now() })
        .execute();
      return recorded(trx, 'matter.created', id, actor, clock);
    }),
  );
}

/** Changes a row that is still offered, on record. What was recorded under it is looked at again by the reconciler; never shortened. */
export async function updateMatter(
  db: Database,
  draft: { readonly id: string; readonly fields: MatterBody; readonly actor: ActorDraft },
  clock: Clock,
): Promise<Matter | MatterRefusal> {
  const { id, fields, actor } = draft;
  return unlessTaken(
    db.transaction().execute(async (trx) => {
      if (!(await findOfferedClass(trx, fields.class))) return 'unknown_class';
      const { numUpdatedRows } = await trx
        .updateTable('matter')
        .set({ ...columns(fields), revision: sql`revision + 1`, updated_at: clock.now() })
        .where('id', '=', id)
        .where('retired_at', 'is', null)
        .executeTakeFirst();
      if (numUpdatedRows !== 1n) return 'not_found';
      return recorded(trx, 'matter.changed', id, actor, clock);
    }),
  );
}

/** Offers a matter no longer, on record. Doing it again changes nothing. */
export async function retireMatter(
  db: Database,
  draft: { readonly id: string; readonly actor: ActorDraft },
  clock: Clock,
): Promise<Matter | 'not_found'> {
  const { id, actor } = draft;
  return db.transaction().execute(async (trx) => {
    const retired = await trx
      .updateTable('matter')
      .set({ retired_at: clock.now(), updated_at: clock.now() })
      .where('id', '=', id)
      .where('retired_at', 'is', null)
      .returning('unit_id')
      .executeTakeFirst();
    if (retired) {
      const data = { unit: retired.unit_id };
      await appendEvent(trx, { type: 'matter.retired', actor, subject: { kind: 'matter', id }, data }, clock);
    }
    const found = await findMatter(trx, id);
    return found?.matter ?? 'not_found';
  });
}

const columns = ({ class: class_code, ...fields }: MatterBody) => ({ ...fields, class_code });

async function recorded(
  trx: Executor,
  type: 'matter.created' | 'matter.changed',
  id: string,
  actor: ActorDraft,
  clock: Clock,
): Promise<Matter> {
  const row = await matters(trx).where('m.id', '=', id).executeTakeFirstOrThrow();
  const matter = toMatter(row);
  const { unit, revision, stage, title, level } = matter;
  const data = { unit: unit.id, revision, stage, title, level, class: matter.class };
  await appendEvent(trx, { type, actor, subject: { kind: 'matter', id }, data }, clock);
  return matter;
}

/** Two rows of one catalogue that say the same are refused by the table's own index (23505, unique_violation). */
async function unlessTaken<T>(work: Promise<T>): Promise<T | 'exists'> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Error && 'constraint' in error && error.constraint === 'matter_row') return 'exists';
    throw error;
  }
}
