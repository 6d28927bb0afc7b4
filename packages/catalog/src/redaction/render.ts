import { randomBytes } from 'node:crypto';
import { type Finding, type RedactionMark, type RenderFailure, storeFindings } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import { sql } from 'kysely';
import type { Database, Executor } from '../database/connect.ts';
import { appendEvent } from '../ledger/append-event.ts';
import { notify } from '../notification/notify.ts';
import { type Staleness, untouched } from '../staleness/staleness.ts';
import { notifyRedaction } from './record.ts';
import { lockRedaction } from './write.ts';

/** The right to make one rendering. `attempt` fences: whoever claimed last is the one whose writes count. */
export interface RenderClaim {
  readonly render: string;
  readonly redaction: string;
  readonly evidence: string;
  readonly unit: string;
  readonly attempt: number;
  readonly version: number;
  readonly marks: readonly RedactionMark[];
  /** hex, of the plan */
  readonly plan: string;
  /** number of the event that asked for it */
  readonly event: number;
  /** where the file goes, and what it is encrypted with: this attempt's own */
  readonly vaultKey: string;
  readonly key: Buffer;
  /** where the pieces to be watched go, and their AES-128 key */
  readonly playVaultKey: string;
  readonly playKey: Buffer;
}

export interface RenderLease {
  readonly clock: Clock;
  readonly ms: number;
}

/** Takes a rendering that is to be made and that nobody is at. Null: it is over, or another worker has it. */
export async function claimRender(db: Executor, render: string, lease: RenderLease): Promise<RenderClaim | null> {
  const now = lease.clock.now();
  const [key, playKey] = [randomBytes(32), randomBytes(16)];
  const row = await db
    .updateTable('redaction_render as r')
    .set({
      attempts: sql`attempts + 1`,
      key,
      vault_key: sql`'redactions/' || id || '.' || (attempts + 1)`,
      play_key: playKey,
      play_vault_key: sql`'redactions/' || id || '.' || (attempts + 1) || '.proxy'`,
      claimed_until: new Date(now.getTime() + lease.ms),
      state: 'making',
      updated_at: now,
    })
    .where('r.id', '=', render)
    .where('r.state', 'in', ['pending', 'making'])
    .where((eb) => eb.or([eb('r.claimed_until', 'is', null), eb('r.claimed_until', '<', now)]))
    .returning(['r.id', 'r.redaction_id', 'r.evidence_id', 'r.attempts', 'r.version', 'r.event_id', 'r.vault_key'])
    .returning('r.play_vault_key')
    .executeTakeFirst();
  if (!row) return null;
  const { marks, sha256, unit_id } = await db
    .selectFrom('redaction_plan as p')
    .innerJoin('redaction as d', 'd.id', 'p.redaction_id')
    .innerJoin('evidence as e', 'e.id', 'd.evidence_id')
    .select(['p.marks', 'p.sha256', 'e.unit_id'])
    .where('p.redaction_id', '=', row.redaction_id)
    .where('p.version', '=', row.version)
    .executeTakeFirstOrThrow();
  return {
    render: row.id,
    redaction: row.redaction_id,
    evidence: row.evidence_id,
    unit: unit_id,
    attempt: row.attempts,
    version: row.version,
    // Written by `saveRedactionPlan` from marks that the contract had checked, and never changed since.
    marks: marks as RedactionMark[],
    plan: sha256.toString('hex'),
    event: row.event_id,
    vaultKey: row.vault_key ?? '',
    key,
    playVaultKey: row.play_vault_key ?? '',
    playKey,
  };
}

const fenced = (db: Executor, claim: RenderClaim) =>
  db
    .updateTable('redaction_render')
    .where('id', '=', claim.render)
    .where('state', '=', 'making')
    .where('attempts', '=', claim.attempt);

/** Keeps the claim and says how far it is, 0..100. False: it was cancelled or taken over; stop. */
export async function renewRender(
  db: Executor,
  claim: RenderClaim,
  percent: number,
  lease: RenderLease,
): Promise<boolean> {
  const now = lease.clock.now();
  const before = sql<number>`(select percent from redaction_render p where p.id = redaction_render.id)`;
  const row = await fenced(db, claim)
    .set({ claimed_until: new Date(now.getTime() + lease.ms), updated_at: now, percent })
    .returning(before.as('before'))
    .executeTakeFirst();
  if (!row) return false;
  if (row.before !== percent) {
    const { redaction: id, evidence, unit } = claim;
    await notifyRedaction(db, { id, evidence, unit, state: 'rendering', percent });
  }
  return true;
}

/** Gives a claim back unsettled, so that the next attempt need not wait for it to run out. */
export async function releaseRender(db: Executor, claim: RenderClaim, clock: Clock): Promise<void> {
  await fenced(db, claim).set({ claimed_until: null, state: 'pending', updated_at: clock.now() }).execute();
}

interface StoredObject {
  readonly key: string;
  readonly versionId: string;
  readonly size: number;
}

export interface MadeRender {
  readonly file: StoredObject & { readonly sha256: string; readonly sm3: string };
  readonly mediaType: string;
  readonly mark: 'picture' | 'metadata' | 'none';
  readonly durationMs: number;
  readonly source: { readonly version: string; readonly sha256: string };
  /** to be watched */
  readonly play: { readonly index: unknown; readonly object: StoredObject };
}

/** Settles a rendering that is made, with its event, and tells who may review. False: it was given up or taken over, and nothing was written. */
export async function settleRender(
  db: Database,
  claim: RenderClaim,
  made: MadeRender,
  by: string,
  clock: Clock,
): Promise<boolean> {
  const now = clock.now();
  const { file, play } = made;
  return db.transaction().execute(async (tx) => {
    // In the order in which people's changes lock: the redacted version first.
    const held = await lockRedaction(tx, claim.redaction);
    const { numUpdatedRows } = await fenced(tx, claim)
      .set({
        state: 'ready',
        percent: 100,
        vault_version: file.versionId,
        size: file.size,
        sha256: Buffer.from(file.sha256, 'hex'),
        sm3: Buffer.from(file.sm3, 'hex'),
        media_type: made.mediaType,
        mark: made.mark,
        duration_ms: made.durationMs,
        source_version: made.source.version,
        play_index: JSON.stringify(play.index),
        play_vault_version: play.object.versionId,
        play_size: play.object.size,
        finished_at: now,
        claimed_until: null,
        updated_at: now,
      })
      .executeTakeFirst();
    if (numUpdatedRows !== 1n || held?.render_id !== claim.render) return false;
    await tx.updateTable('redaction').set({ state: 'ready', updated_at: now }).where('id', '=', held.id).execute();
    await appendEvent(
      tx,
      {
        type: 'redaction.rendered',
        actor: { kind: 'system', id: by, name: null },
        subject: { kind: 'evidence', id: claim.evidence },
        data: {
          redaction: claim.redaction,
          render: claim.render,
          version: claim.version,
          plan: claim.plan,
          source: made.source,
          result: {
            size: file.size,
            sha256: file.sha256,
            sm3: file.sm3,
            durationMs: made.durationMs,
            mark: made.mark,
          },
        },
      },
      clock,
    );
    const { redaction: id, evidence, unit } = claim;
    await notifyRedaction(tx, { id, evidence, unit, state: 'ready', percent: 100 });
    const maker = await tx.selectFrom('account').select('name').where('id', '=', held.created_by).executeTakeFirst();
    await notify(
      tx,
      { roles: ['legal', 'supervisor'], unit, except: held.created_by },
      {
        kind: 'redaction_to_review',
        subject: { kind: 'evidence', id: evidence },
        data: maker ? { name: maker.name } : {},
      },
      clock,
    );
    return true;
  });
}

/** Settles a rendering that cannot be made, with its event. False: it was given up or taken over, and nothing was written. */
export async function failRender(
  tx: Executor,
  claim: RenderClaim,
  failure: { readonly reason: RenderFailure; readonly findings: readonly Finding[] },
  by: string,
  clock: Clock,
): Promise<boolean> {
  const now = clock.now();
  const held = await lockRedaction(tx, claim.redaction);
  const row = await fenced(tx, claim)
    .set({
      state: 'failed',
      reason: failure.reason,
      detail: storeFindings(failure.findings),
      finished_at: now,
      claimed_until: null,
      updated_at: now,
    })
    .returning('percent')
    .executeTakeFirst();
  if (!row || held?.render_id !== claim.render) return false;
  await tx.updateTable('redaction').set({ state: 'failed', updated_at: now }).where('id', '=', held.id).execute();
  await appendEvent(
    tx,
    {
      type: 'redaction.render_failed',
      actor: { kind: 'system', id: by, name: null },
      subject: { kind: 'evidence', id: claim.evidence },
      data: { redaction: claim.redaction, render: claim.render, reason: failure.reason },
    },
    clock,
  );
  const { redaction: id, evidence, unit } = claim;
  await notifyRedaction(tx, { id, evidence, unit, state: 'failed', percent: row.percent });
  return true;
}

/** Renderings to be made without a sign of life, longest forgotten first; the number of attempts sets the pace. */
export async function findForgottenRenders(db: Executor, staleness: Staleness): Promise<readonly string[]> {
  const { now, limit } = staleness;
  const rows = await db
    .selectFrom('redaction_render')
    .select('id')
    .where('state', 'in', ['pending', 'making'])
    .where((eb) => eb.or([eb('claimed_until', 'is', null), eb('claimed_until', '<', now)]))
    .where(untouched(staleness))
    .orderBy('updated_at')
    .limit(limit)
    .execute();
  return rows.map((row) => row.id);
}

/** What the vault may still have of a rendering that counts no more. */
export interface UnclearedRender {
  readonly id: string;
  readonly objects: readonly StoredObject[];
}

/** Renderings that count no more and of which the vault may still have something. A maker whose claim lives is given time to stop. */
export async function findUnclearedRenders(
  db: Executor,
  now: Date,
  limit: number,
): Promise<readonly UnclearedRender[]> {
  const rows = await db
    .selectFrom('redaction_render')
    .select(['id', 'vault_key', 'vault_version', 'size', 'play_vault_key', 'play_vault_version', 'play_size'])
    .where('state', 'in', ['failed', 'cancelled', 'superseded'])
    .where('cleared_at', 'is', null)
    .where((eb) => eb.or([eb('claimed_until', 'is', null), eb('claimed_until', '<', now)]))
    .orderBy('updated_at')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    objects: [
      ...objectOf(row.vault_key, row.vault_version, row.size),
      ...objectOf(row.play_vault_key, row.play_vault_version, row.play_size),
    ],
  }));
}

const objectOf = (key: string | null, versionId: string | null, size: number | null): readonly StoredObject[] =>
  key === null || versionId === null || size === null ? [] : [{ key, versionId, size }];

/** Destroys the keys of a rendering, to be called when the vault has removed its objects. */
export async function noteRenderCleared(db: Executor, render: string, clock: Clock): Promise<void> {
  await db
    .updateTable('redaction_render')
    .set({ cleared_at: clock.now(), key: null, play_key: null })
    .where('id', '=', render)
    .where('state', 'in', ['failed', 'cancelled', 'superseded'])
    .execute();
}
