import { type Finding, storeFindings, type WebhookMessage } from '@fengcun/contracts';
import { sql } from 'kysely';
import type { Executor } from '../database/connect.ts';
import { newId } from '../id/id.ts';

/**
 * Asks for a message to be sent to every enabled endpoint that wants its kind, or to the one named, in the transaction of what it tells of.
 * Answers the deliveries' ids.
 */
export async function enqueueWebhooks(
  db: Executor,
  message: Omit<WebhookMessage, 'id'>,
  only?: string,
): Promise<readonly string[]> {
  const { rows: hooks } = await sql<{ id: string }>`
    select id from webhook where disabled_at is null
      and ${only === undefined ? sql`(kinds = '{}' or ${message.kind} = any(kinds))` : sql`id = ${only}`} order by id`.execute(
    db,
  );
  if (hooks.length === 0) return [];
  const at = new Date(message.at);
  const rows = hooks.map((hook) => {
    const id = newId();
    return {
      id,
      webhook_id: hook.id,
      kind: message.kind,
      body: JSON.stringify({ id, ...message }),
      state: 'pending' as const,
      next_at: at,
      created_at: at,
      finished_at: null,
    };
  });
  await db.insertInto('webhook_delivery').values(rows).execute();
  return rows.map(({ id }) => id);
}

/** A message that is to be sent now, and by nobody else until the claim runs out. */
export interface ClaimedDelivery {
  readonly id: string;
  readonly url: string;
  readonly secret: Buffer;
  readonly body: string;
  /** counts from 1 */
  readonly attempt: number;
}

/** Takes messages that are due, oldest first. One whose sender died is due again when its claim runs out: it may arrive twice. */
export async function claimDeliveries(
  db: Executor,
  claim: { readonly now: Date; readonly until: Date; readonly limit: number },
): Promise<readonly ClaimedDelivery[]> {
  const { now, until, limit } = claim;
  const { rows } = await sql<ClaimedDelivery>`
    with due as (
      select d.id from webhook_delivery d join webhook w on w.id = d.webhook_id
      where d.state = 'pending' and d.next_at <= ${now} and w.disabled_at is null
      order by d.next_at limit ${limit} for update of d skip locked)
    update webhook_delivery d set next_at = ${until}, attempts = d.attempts + 1
    from due, webhook w where d.id = due.id and w.id = d.webhook_id
    returning d.id, w.url, w.secret, d.body, d.attempts as attempt`.execute(db);
  return rows;
}

export interface AttemptOutcome {
  readonly delivery: string;
  readonly attempt: number;
  readonly at: Date;
  /** of the reply */
  readonly status: number | null;
  /** why there was none */
  readonly findings: readonly Finding[] | null;
  readonly durationMs: number;
  /** when to try again; null: never, it was received or is given up */
  readonly retryAt: Date | null;
}

/** Records what came of an attempt. One that somebody else has taken over meanwhile is recorded too, and decides nothing. */
export async function recordAttempt(trx: Executor, outcome: AttemptOutcome): Promise<void> {
  const { delivery, attempt, at, status, findings, durationMs, retryAt } = outcome;
  const error = findings && storeFindings(findings);
  const received = status !== null && status >= 200 && status < 300;
  const state = received ? 'delivered' : retryAt === null ? 'failed' : 'pending';
  await trx
    .insertInto('webhook_attempt')
    .values({ delivery_id: delivery, attempt, at, status, error, duration_ms: durationMs })
    .execute();
  await trx
    .updateTable('webhook_delivery')
    .set({ state, next_at: state === 'pending' ? retryAt : null, finished_at: state === 'pending' ? null : at })
    .where('id', '=', delivery)
    .where('state', '=', 'pending')
    .where('attempts', '=', attempt)
    .execute();
}
