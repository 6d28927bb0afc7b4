import { createHash } from 'node:crypto';
import { type ActorDraft, personal, type RedactionMark, type RedactionState } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import type { Database, Executor } from '../database/connect.ts';
import { newId } from '../id/id.ts';
import { cancelIssuedCopy } from '../issued-copy/request.ts';
import { appendEvent } from '../ledger/append-event.ts';
import { canonicalText } from '../ledger/canonical-text.ts';
import { notify } from '../notification/notify.ts';
import { enqueue } from '../outbox/enqueue.ts';
import { notifyRedaction, watchedOfRender } from './record.ts';

/** Who does something to a redacted version, and by which rule. */
export interface RedactionBy {
  readonly account: string;
  readonly actor: ActorDraft;
  readonly rule: string;
  /** the grant by which they may see the recording, where one lets them */
  readonly authorisation: string | null;
}

/**
 * - `changed`: somebody saved, rendered or reviewed meanwhile: read it again
 * - `settled`: approved or withdrawn, and so never changed
 */
export type RedactionOutcome =
  | 'done'
  | 'not_found'
  | 'changed'
  | 'settled'
  | 'not_rendering'
  | 'not_rendered'
  | 'own'
  | 'not_watched'
  | 'disposed';

/** Begins a redacted version with its first plan, on record. Answers its id; rejects with the unique violation of a client id used twice. */
export async function beginRedaction(
  db: Database,
  draft: {
    readonly evidence: string;
    readonly unit: string;
    readonly name: string;
    readonly marks: readonly RedactionMark[];
    readonly clientId: string | null;
  },
  by: RedactionBy,
  clock: Clock,
): Promise<string> {
  return db.transaction().execute(async (tx) => {
    const id = newId();
    const now = clock.now();
    await tx
      .insertInto('redaction')
      .values({
        id,
        evidence_id: draft.evidence,
        name: draft.name,
        state: 'draft',
        version: 1,
        render_id: null,
        created_by: by.account,
        client_id: draft.clientId,
        created_at: now,
        updated_at: now,
      })
      .execute();
    const plan = { redaction: id, evidence: draft.evidence, name: draft.name, version: 1, marks: draft.marks };
    await writePlan(tx, plan, by, clock);
    await notifyRedaction(tx, { id, evidence: draft.evidence, unit: draft.unit, state: 'draft', percent: 0 });
    return id;
  });
}

/** Saves the next version of a plan, on record. What was rendered of the one before counts no more. */
export async function saveRedactionPlan(
  db: Database,
  save: { readonly redaction: string; readonly basedOn: number; readonly marks: readonly RedactionMark[] },
  by: RedactionBy,
  clock: Clock,
): Promise<RedactionOutcome> {
  return db.transaction().execute(async (tx) => {
    const held = await lockRedaction(tx, save.redaction);
    if (!held) return 'not_found';
    if (isSettled(held.state)) return 'settled';
    if (held.version !== save.basedOn) return 'changed';
    const version = held.version + 1;
    await setAsideRender(tx, held.render_id, clock.now());
    await tx
      .updateTable('redaction')
      .set({
        version,
        state: 'draft',
        render_id: null,
        reviewed_by: null,
        reviewed_at: null,
        review_reason: null,
        updated_at: clock.now(),
      })
      .where('id', '=', held.id)
      .execute();
    const { evidence, name } = held;
    await writePlan(tx, { redaction: held.id, evidence, name, version, marks: save.marks }, by, clock);
    await notifyRedaction(tx, { id: held.id, evidence, unit: held.unit, state: 'draft', percent: 0 });
    return 'done';
  });
}

async function writePlan(
  tx: Executor,
  plan: {
    readonly redaction: string;
    readonly evidence: string;
    readonly name: string;
    readonly version: number;
    readonly marks: readonly RedactionMark[];
  },
  by: RedactionBy,
  clock: Clock,
): Promise<void> {
  const { redaction, evidence, version, marks } = plan;
  const sha256 = createHash('sha256').update(canonicalText({ evidence, redaction, version, marks })).digest();
  const event = await appendEvent(
    tx,
    {
      type: 'redaction.saved',
      actor: by.actor,
      subject: { kind: 'evidence', id: evidence },
      ...authorised(by),
      data: {
        redaction,
        version,
        name: personal(plan.name),
        plan: sha256.toString('hex'),
        marks: countedMarks(marks),
        rule: by.rule,
      },
    },
    clock,
  );
  await tx
    .insertInto('redaction_plan')
    .values({
      redaction_id: redaction,
      version,
      marks: JSON.stringify(marks),
      sha256,
      made_by: by.account,
      made_at: clock.now(),
      event_id: event,
    })
    .execute();
}

function countedMarks(marks: readonly RedactionMark[]) {
  const counts = new Map<string, { kind: string; reason: string; count: number }>();
  for (const { kind, reason } of marks) {
    const known = counts.get(`${kind} ${reason}`);
    counts.set(`${kind} ${reason}`, { kind, reason, count: (known?.count ?? 0) + 1 });
  }
  return [...counts.values()];
}

/**
 * Asks for the newest plan to be rendered, on record. One rendering is under way at a time: asking again for the same version answers `done`
 * and changes nothing, also when it is ready.
 */
export async function requestRender(
  db: Database,
  ask: { readonly redaction: string; readonly version: number },
  by: RedactionBy,
  clock: Clock,
): Promise<RedactionOutcome> {
  return db.transaction().execute(async (tx) => {
    const held = await lockRedaction(tx, ask.redaction);
    if (!held) return 'not_found';
    if (isSettled(held.state)) return 'settled';
    if (held.version !== ask.version) return 'changed';
    if (held.state === 'rendering' || held.state === 'ready') return 'done';
    // Held until the end: nothing new is made of what is being disposed of.
    const kept = await tx
      .selectFrom('evidence_retention')
      .select('disposal')
      .where('evidence_id', '=', held.evidence)
      .forShare()
      .executeTakeFirst();
    if (kept && kept.disposal !== 'none') return 'disposed';
    const now = clock.now();
    const render = newId();
    await setAsideRender(tx, held.render_id, now);
    const plan = await tx
      .selectFrom('redaction_plan')
      .select('sha256')
      .where('redaction_id', '=', held.id)
      .where('version', '=', held.version)
      .executeTakeFirstOrThrow();
    const event = await appendEvent(
      tx,
      {
        type: 'redaction.render_requested',
        actor: by.actor,
        subject: { kind: 'evidence', id: held.evidence },
        ...authorised(by),
        data: {
          redaction: held.id,
          render,
          version: held.version,
          plan: plan.sha256.toString('hex'),
          rule: by.rule,
        },
      },
      clock,
    );
    await tx
      .insertInto('redaction_render')
      .values({
        id: render,
        redaction_id: held.id,
        version: held.version,
        evidence_id: held.evidence,
        requested_by: by.account,
        created_at: now,
        updated_at: now,
        event_id: event,
      })
      .execute();
    await moveTo(tx, held.id, 'rendering', now, { render_id: render });
    await enqueue(tx, 'redact', render, { render });
    await notifyRedaction(tx, {
      id: held.id,
      evidence: held.evidence,
      unit: held.unit,
      state: 'rendering',
      percent: 0,
    });
    return 'done';
  });
}

/** Gives the rendering under way up, on record; what was made of it is the worker's to remove. */
export async function cancelRender(
  db: Database,
  redaction: string,
  by: RedactionBy,
  clock: Clock,
): Promise<RedactionOutcome> {
  return db.transaction().execute(async (tx) => {
    const held = await lockRedaction(tx, redaction);
    if (!held) return 'not_found';
    if (held.state !== 'rendering' || held.render_id === null) return 'not_rendering';
    const now = clock.now();
    await setAsideRender(tx, held.render_id, now);
    await moveTo(tx, held.id, 'draft', now, { render_id: null });
    await appendEvent(
      tx,
      {
        type: 'redaction.render_cancelled',
        actor: by.actor,
        subject: { kind: 'evidence', id: held.evidence },
        data: { redaction: held.id, render: held.render_id },
      },
      clock,
    );
    await notifyRedaction(tx, { id: held.id, evidence: held.evidence, unit: held.unit, state: 'draft', percent: 0 });
    return 'done';
  });
}

/** Approves or rejects what was rendered, on record: never by one of its makers, and to approve, only what was handed out to the reviewer whole. */
export async function reviewRedaction(
  db: Database,
  review: {
    readonly redaction: string;
    readonly render: string;
    readonly verdict: 'approved' | 'rejected';
    readonly reason: string | null;
  },
  by: RedactionBy,
  clock: Clock,
): Promise<RedactionOutcome> {
  return db.transaction().execute(async (tx) => {
    const held = await lockRedaction(tx, review.redaction);
    if (!held) return 'not_found';
    if (held.render_id !== review.render) return 'changed';
    if (held.state !== 'ready') return 'not_rendered';
    const render = await tx
      .selectFrom('redaction_render')
      .select(['sha256', 'requested_by'])
      .where('id', '=', review.render)
      .executeTakeFirstOrThrow();
    const makers = await tx
      .selectFrom('redaction_plan')
      .select('made_by')
      .where('redaction_id', '=', held.id)
      .execute();
    if (render.requested_by === by.account || makers.some(({ made_by }) => made_by === by.account)) return 'own';
    if (review.verdict === 'approved') {
      const { pieces, served } = await watchedOfRender(tx, review.render, by.account);
      if (pieces === 0 || served < pieces) return 'not_watched';
    }
    const now = clock.now();
    await moveTo(tx, held.id, review.verdict, now, {
      reviewed_by: by.account,
      reviewed_at: now,
      review_reason: review.reason,
    });
    await appendEvent(
      tx,
      {
        type: 'redaction.reviewed',
        actor: by.actor,
        subject: { kind: 'evidence', id: held.evidence },
        ...authorised(by),
        data: {
          redaction: held.id,
          render: review.render,
          verdict: review.verdict,
          sha256: render.sha256?.toString('hex') ?? '',
          reason: review.reason === null ? null : personal(review.reason),
          rule: by.rule,
        },
      },
      clock,
    );
    const kind = review.verdict === 'approved' ? 'redaction_approved' : 'redaction_rejected';
    const data = { ...nameOf(by), ...(review.reason === null ? {} : { reason: review.reason }) };
    const subject = { kind: 'evidence', id: held.evidence } as const;
    await notify(tx, { account: held.created_by }, { kind, subject, data }, clock);
    await notifyRedaction(tx, {
      id: held.id,
      evidence: held.evidence,
      unit: held.unit,
      state: review.verdict,
      percent: 100,
    });
    return 'done';
  });
}

/** Withdraws a redacted version, on record, and with it every copy made of it that is not over. */
export async function withdrawRedaction(
  db: Database,
  withdraw: { readonly redaction: string; readonly reason: string },
  by: RedactionBy,
  clock: Clock,
): Promise<RedactionOutcome> {
  return db.transaction().execute(async (tx) => {
    const held = await lockRedaction(tx, withdraw.redaction);
    if (!held) return 'not_found';
    if (held.state === 'withdrawn') return 'settled';
    const now = clock.now();
    // What was approved stays in the vault, so that it can be shown what was published; nothing else has to.
    if (held.state !== 'approved') await setAsideRender(tx, held.render_id, now);
    await moveTo(tx, held.id, 'withdrawn', now, {
      withdrawn_by: by.account,
      withdrawn_at: now,
      withdraw_reason: withdraw.reason,
    });
    await appendEvent(
      tx,
      {
        type: 'redaction.withdrawn',
        actor: by.actor,
        subject: { kind: 'evidence', id: held.evidence },
        ...authorised(by),
        data: { redaction: held.id, render: held.render_id, reason: personal(withdraw.reason), rule: by.rule },
      },
      clock,
    );
    const copies =
      held.render_id === null
        ? []
        : await tx
            .selectFrom('issued_copy')
            .select('id')
            .where('render_id', '=', held.render_id)
            .where('state', 'in', ['pending', 'making', 'ready'])
            .execute();
    for (const { id } of copies) await cancelIssuedCopy(tx, { copy: id, actor: by.actor, cause: 'withdrawn' }, clock);
    await notifyRedaction(tx, {
      id: held.id,
      evidence: held.evidence,
      unit: held.unit,
      state: 'withdrawn',
      percent: 0,
    });
    return 'done';
  });
}

/** The row, locked until the end of the transaction. */
export async function lockRedaction(tx: Executor, id: string) {
  const row = await tx
    .selectFrom('redaction as d')
    .innerJoin('evidence as e', 'e.id', 'd.evidence_id')
    .select(['d.id', 'd.evidence_id as evidence', 'd.name', 'd.state', 'd.version', 'd.render_id', 'd.created_by'])
    .select('e.unit_id as unit')
    .where('d.id', '=', id)
    .forUpdate('d')
    .executeTakeFirst();
  return row;
}

const isSettled = (state: RedactionState): boolean => state === 'approved' || state === 'withdrawn';

const authorised = ({ authorisation }: RedactionBy) => (authorisation === null ? {} : { authorisation });

const nameOf = ({ actor }: RedactionBy) =>
  typeof actor.name === 'object' && actor.name !== null && 'personal' in actor.name
    ? { name: actor.name.personal }
    : {};

async function moveTo(
  tx: Executor,
  id: string,
  state: RedactionState,
  now: Date,
  more: Partial<{
    render_id: string | null;
    reviewed_by: string;
    reviewed_at: Date;
    review_reason: string | null;
    withdrawn_by: string;
    withdrawn_at: Date;
    withdraw_reason: string;
  }>,
): Promise<void> {
  await tx
    .updateTable('redaction')
    .set({ state, updated_at: now, ...more })
    .where('id', '=', id)
    .execute();
}

/** A rendering that counts no more: one under way stops, one that is ready is removed. */
async function setAsideRender(tx: Executor, render: string | null, now: Date): Promise<void> {
  if (render === null) return;
  const of = tx.updateTable('redaction_render').where('id', '=', render);
  await of.set({ state: 'cancelled', updated_at: now }).where('state', 'in', ['pending', 'making']).execute();
  await of.set({ state: 'superseded', updated_at: now }).where('state', '=', 'ready').execute();
}
