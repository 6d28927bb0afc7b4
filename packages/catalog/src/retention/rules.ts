import type { ActorDraft, MediaKind, RetentionClass, RetentionDefault } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import { sql } from 'kysely';
import type { Database, Executor } from '../database/connect.ts';
import { appendEvent } from '../ledger/append-event.ts';

interface ClassRow {
  readonly code: string;
  readonly name: string;
  readonly term: string | null;
  readonly revision: number;
  readonly retired_at: Date | null;
  readonly updated_at: Date;
}

const toClass = (row: ClassRow): RetentionClass => ({
  code: row.code,
  name: row.name,
  term: row.term ?? 'permanent',
  revision: row.revision,
  retired: row.retired_at !== null,
  updatedAt: row.updated_at.toISOString(),
});

/** All classes, shortest term first and `permanent` last, and the default of each kind. */
export async function readRetentionRules(
  db: Executor,
): Promise<{ readonly classes: RetentionClass[]; readonly defaults: RetentionDefault[] }> {
  const classes = await db
    .selectFrom('retention_class')
    .selectAll()
    .orderBy(sql`term::interval nulls last`)
    .orderBy('code')
    .execute();
  const defaults = await db
    .selectFrom('retention_default')
    .select(['kind', 'class_code as class'])
    .orderBy('kind')
    .execute();
  return { classes: classes.map(toClass), defaults };
}

export interface ClassDraft {
  readonly code: string;
  readonly name: string;
  /** `RetentionTerm` */
  readonly term: string;
  /** undefined: as it is */
  readonly retired: boolean | undefined;
  readonly actor: ActorDraft;
}

/**
 * Makes a class or changes it, on record. What is kept under it is looked at again by the reconciler: a longer term reaches it, a shorter
 * one does not. Answers `in_use` for retiring a class that a default or a matter still names.
 */
export async function saveClass(db: Database, draft: ClassDraft, clock: Clock): Promise<RetentionClass | 'in_use'> {
  const { code, name, actor } = draft;
  const term = draft.term === 'permanent' ? null : draft.term;
  const now = clock.now();
  return db.transaction().execute(async (trx) => {
    const before = await trx
      .selectFrom('retention_class')
      .selectAll()
      .where('code', '=', code)
      .forUpdate()
      .executeTakeFirst();
    const retiring = draft.retired === true && before?.retired_at === null;
    if (retiring && (await isOffered(trx, code))) return 'in_use';
    const retired_at = draft.retired === undefined ? (before?.retired_at ?? null) : draft.retired ? now : null;
    const revision = before === undefined ? 1 : before.revision + (before.term === term ? 0 : 1);
    const row = await trx
      .insertInto('retention_class')
      .values({ code, name, term, revision, retired_at, updated_at: now })
      .onConflict((conflict) =>
        conflict.column('code').doUpdateSet({ name, term, revision, retired_at, updated_at: now }),
      )
      .returningAll()
      .executeTakeFirstOrThrow();
    await appendEvent(
      trx,
      {
        type: 'retention_class.saved',
        actor,
        subject: { kind: 'retention_class', id: code },
        data: {
          term: row.term ?? 'permanent',
          previous: before === undefined ? null : (before.term ?? 'permanent'),
          retired: row.retired_at !== null,
        },
      },
      clock,
    );
    return toClass(row);
  });
}

async function isOffered(db: Executor, code: string): Promise<boolean> {
  const row = await db
    .selectNoFrom((eb) =>
      eb
        .or([
          eb.exists(eb.selectFrom('retention_default').select('kind').where('class_code', '=', code)),
          eb.exists(
            eb.selectFrom('matter').select('id').where('class_code', '=', code).where('retired_at', 'is', null),
          ),
        ])
        .as('offered'),
    )
    .executeTakeFirstOrThrow();
  return Boolean(row.offered);
}

/** Chooses what a kind is sealed under from now on, on record. False: there is no such class, or it is no longer offered. */
export async function saveDefault(
  db: Database,
  draft: { readonly kind: MediaKind; readonly classCode: string; readonly actor: ActorDraft },
  clock: Clock,
): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    if (!(await findOfferedClass(trx, draft.classCode))) return false;
    const before = await trx
      .selectFrom('retention_default')
      .select('class_code')
      .where('kind', '=', draft.kind)
      .forUpdate()
      .executeTakeFirstOrThrow();
    await trx
      .updateTable('retention_default')
      .set({ class_code: draft.classCode })
      .where('kind', '=', draft.kind)
      .execute();
    await appendEvent(
      trx,
      {
        type: 'retention_default.saved',
        actor: draft.actor,
        subject: { kind: 'retention_class', id: draft.classCode },
        data: { kind: draft.kind, previous: before.class_code },
      },
      clock,
    );
    return true;
  });
}

/** A class that may be chosen, or undefined. Holds it against being retired until the transaction ends. */
export async function findOfferedClass(trx: Executor, code: string): Promise<{ readonly code: string } | undefined> {
  return trx
    .selectFrom('retention_class')
    .select('code')
    .where('code', '=', code)
    .where('retired_at', 'is', null)
    .forShare()
    .executeTakeFirst();
}

/** When an original of this kind, received then, may be let go by the default class; null: never. */
export async function defaultRetention(db: Executor, kind: MediaKind, receivedAt: Date): Promise<Date | null> {
  const row = await db
    .selectFrom('retention_default as d')
    .innerJoin('retention_class as c', 'c.code', 'd.class_code')
    .select(sql<Date | null>`retention_end(${receivedAt}::timestamptz, c.term)`.as('until'))
    .where('d.kind', '=', kind)
    .executeTakeFirstOrThrow();
  return row.until;
}
