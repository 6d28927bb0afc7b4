import type { ActorDraft, Purpose } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import { sql } from 'kysely';
import { notifyChange } from '../change/notify.ts';
import type { Database, Executor } from '../database/connect.ts';
import { CatalogError } from '../errors.ts';
import { consumeGrant } from '../grant/live-grants.ts';
import { newId } from '../id/id.ts';
import { appendEvent } from '../ledger/append-event.ts';
import type { TimeRange } from './ranges.ts';

export interface NewPlay {
  readonly evidence: string;
  readonly account: string;
  readonly session: string;
  readonly actor: ActorDraft;
  /** the row of the matrix that allowed it */
  readonly rule: string;
  /** the grant that allowed it, where one did */
  readonly authorisation?: string;
  /** what the viewer said it is for */
  readonly purpose?: Purpose;
  /** what is shown instead of the recording */
  readonly redaction?: { readonly redaction: string; readonly render: string };
  readonly expiresAt: Date;
}

export interface StartedPlay {
  readonly id: string;
  /** number of the committed event */
  readonly event: number;
  readonly startedAt: Date;
}

/**
 * Begins a session of play: the row, its event and the use of the grant it stands on, committed together when this resolves. Nothing of the
 * recording may leave before; if this rejects, there is no play. Rejects `grant_over` when the grant was revoked or used up meanwhile.
 */
export async function startPlay(db: Database, draft: NewPlay, clock: Clock): Promise<StartedPlay> {
  return db.transaction().execute(async (tx) => {
    const id = newId();
    const startedAt = clock.now();
    if (draft.authorisation !== undefined) {
      const use = { grant: draft.authorisation, evidence: draft.evidence, now: startedAt };
      if (!(await consumeGrant(tx, use))) throw new CatalogError('grant_over');
    }
    const event = await appendEvent(
      tx,
      {
        type: 'play.started',
        actor: draft.actor,
        subject: { kind: 'evidence', id: draft.evidence },
        ...(draft.authorisation === undefined ? {} : { authorisation: draft.authorisation }),
        data: {
          play: id,
          rule: draft.rule,
          ...(draft.purpose === undefined ? {} : { purpose: draft.purpose }),
          ...(draft.redaction === undefined ? {} : { redaction: draft.redaction }),
        },
      },
      clock,
    );
    await tx
      .insertInto('play')
      .values({
        id,
        evidence_id: draft.evidence,
        account_id: draft.account,
        session_id: draft.session,
        event_id: event,
        rule: draft.rule,
        grant_id: draft.authorisation ?? null,
        purpose: draft.purpose ?? null,
        render_id: draft.redaction?.render ?? null,
        started_at: startedAt,
        expires_at: draft.expiresAt,
        ended_at: null,
      })
      .execute();
    return { id, event, startedAt };
  });
}

export interface PlayRecord {
  readonly id: string;
  readonly evidence: string;
  readonly account: string;
  readonly session: string;
  /** unit ids from the root to the item's unit */
  readonly unitPath: readonly string[];
  /** the grant it stands on */
  readonly grant: string | null;
  readonly purpose: Purpose | null;
  /** the rendering that is shown instead of the recording */
  readonly render: string | null;
  readonly endedAt: Date | null;
}

/** A session of play, whatever its state. */
export async function findPlay(db: Executor, id: string): Promise<PlayRecord | undefined> {
  const row = await db
    .selectFrom('play as p')
    .innerJoin('evidence as e', 'e.id', 'p.evidence_id')
    .innerJoin('unit as u', 'u.id', 'e.unit_id')
    .select(['p.id', 'p.evidence_id', 'p.account_id', 'p.session_id', 'p.ended_at', 'u.path'])
    .select(['p.grant_id', 'p.purpose', 'p.render_id'])
    .where('p.id', '=', id)
    .executeTakeFirst();
  return (
    row && {
      id: row.id,
      evidence: row.evidence_id,
      account: row.account_id,
      session: row.session_id,
      unitPath: row.path,
      grant: row.grant_id,
      purpose: row.purpose,
      render: row.render_id,
      endedAt: row.ended_at,
    }
  );
}

/**
 * Keeps a live play going until `until` and, before a segment's bytes leave, notes that they do. One statement: a play that ends at this
 * moment gives nothing any more. Answers whether it is live.
 */
export async function continuePlay(
  db: Executor,
  play: { readonly id: string; readonly now: Date; readonly until: Date; readonly segment?: number },
): Promise<boolean> {
  const { id, now, until, segment } = play;
  const row = await db
    .updateTable('play')
    .set({ expires_at: sql`greatest(expires_at, ${until}::timestamptz)` })
    .$if(segment !== undefined, (query) =>
      query.set({ served: sql`served + int4multirange(int4range(${segment}::int, ${segment}::int, '[]'))` }),
    )
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .where('expires_at', '>', now)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** The AES-128 key of a recording's segments, 16 bytes. */
export async function findProxyKey(db: Executor, evidence: string): Promise<Buffer | undefined> {
  const row = await db.selectFrom('proxy_key').select('key').where('evidence_id', '=', evidence).executeTakeFirst();
  return row?.key;
}

export interface EndingPlay {
  readonly id: string;
  readonly evidence: string;
  readonly render: string | null;
  /** numbers of the segments handed out, half-open */
  readonly served: readonly TimeRange[];
}

/**
 * Ends a play once, with its event, in one transaction. `describe` makes the event's ranges from the
 * segments handed out. Answers false when it had ended before.
 */
export async function endPlay(
  db: Database,
  end: {
    readonly play: string;
    readonly actor: ActorDraft;
    readonly cause: 'viewer' | 'expired' | 'revoked';
    readonly describe: (ending: EndingPlay) => Promise<{ watched: readonly TimeRange[]; served: readonly TimeRange[] }>;
  },
  clock: Clock,
): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const row = await tx
      .updateTable('play')
      .set({ ended_at: clock.now() })
      .where('id', '=', end.play)
      .where('ended_at', 'is', null)
      .returning(['id', 'evidence_id', 'session_id', 'render_id'])
      .executeTakeFirst();
    if (!row) return false;
    const { rows: served } = await sql<TimeRange>`
      select lower(r) as "from", upper(r) as "to" from play, unnest(served) r where play.id = ${row.id} order by 1`.execute(
      tx,
    );
    const ranges = await end.describe({ id: row.id, evidence: row.evidence_id, render: row.render_id, served });
    await appendEvent(
      tx,
      {
        type: 'play.ended',
        actor: end.actor,
        subject: { kind: 'evidence', id: row.evidence_id },
        data: { play: row.id, cause: end.cause, watched: ranges.watched, served: ranges.served },
      },
      clock,
    );
    await notifyChange(tx, { kind: 'play', id: row.id, session: row.session_id, cause: end.cause });
    return true;
  });
}

export interface AbandonedPlay {
  readonly id: string;
  readonly account: { readonly id: string; readonly name: string };
  /** `revoked`: its grant was taken away */
  readonly cause: 'expired' | 'revoked';
}

/** Plays of this session that have not ended. */
export async function listLivePlays(db: Executor, session: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('play')
    .select('id')
    .where('session_id', '=', session)
    .where('ended_at', 'is', null)
    .execute();
  return rows.map((row) => row.id);
}

/** Plays nobody fetches any more, plays of sessions that are closed or past their end, and plays whose grant is over. */
export async function listAbandonedPlays(db: Executor, now: Date, limit: number): Promise<readonly AbandonedPlay[]> {
  const rows = await db
    .selectFrom('play as p')
    .innerJoin('session as s', 's.id', 'p.session_id')
    .innerJoin('account as a', 'a.id', 'p.account_id')
    .leftJoin('access_grant as g', 'g.id', 'p.grant_id')
    .select(['p.id', 'a.id as account', 'a.name', 'g.revoked_at'])
    .where('p.ended_at', 'is', null)
    .where((eb) =>
      eb.or([
        eb('p.expires_at', '<=', now),
        eb('s.closed_at', 'is not', null),
        eb('s.expires_at', '<=', now),
        eb('g.revoked_at', 'is not', null),
        eb('g.valid_until', '<=', now),
      ]),
    )
    .orderBy('p.expires_at')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    account: { id: row.account, name: row.name },
    cause: row.revoked_at === null ? 'expired' : 'revoked',
  }));
}

/** When the next grant that a play under way stands on runs out; null: none of them does. */
export async function nextEndOfGrant(db: Executor, now: Date): Promise<Date | null> {
  const row = await db
    .selectFrom('play as p')
    .innerJoin('access_grant as g', 'g.id', 'p.grant_id')
    .select((eb) => eb.fn.min('g.valid_until').as('until'))
    .where('p.ended_at', 'is', null)
    .where('g.valid_until', '>', now)
    .executeTakeFirst();
  return row?.until ?? null;
}

/** The grant on which this person's last play of the item stood, if on one: by it they may still see what they have seen. */
export async function findLastPlayGrant(
  db: Executor,
  of: { readonly account: string; readonly evidence: string },
): Promise<string | null> {
  const row = await db
    .selectFrom('play')
    .select('grant_id')
    .where('account_id', '=', of.account)
    .where('evidence_id', '=', of.evidence)
    .where('grant_id', 'is not', null)
    .orderBy('started_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.grant_id ?? null;
}

/** Plays under way that stand on this grant. */
export async function listPlaysOfGrant(db: Executor, grant: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('play')
    .select('id')
    .where('grant_id', '=', grant)
    .where('ended_at', 'is', null)
    .execute();
  return rows.map((row) => row.id);
}

/** When a grant's time is over, and whether it was taken back before; undefined when there is no such grant. */
export async function findGrantEnd(
  db: Executor,
  grant: string,
): Promise<{ readonly until: Date; readonly revoked: boolean } | undefined> {
  const row = await db
    .selectFrom('access_grant')
    .select(['revoked_at', 'valid_until'])
    .where('id', '=', grant)
    .executeTakeFirst();
  return row && { until: row.valid_until, revoked: row.revoked_at !== null };
}
