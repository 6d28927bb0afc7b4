import type { ActorDraft, DerivativeKind, QueueName } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import { notifyChange } from '../change/notify.ts';
import type { Database, Executor } from '../database/connect.ts';
import { probeFailed } from '../derivative/derivatives.ts';
import { appendEvent } from '../ledger/append-event.ts';
import { enqueue } from '../outbox/enqueue.ts';
import type { DerivativeState } from './find-evidence.ts';

/** Which queue makes what: pictures and waveform come out of the proxy's run. */
const queueOf: Readonly<Record<DerivativeKind, QueueName>> = {
  probe: 'probe',
  proxy: 'proxy',
  poster: 'proxy',
  thumbnails: 'proxy',
  waveform: 'proxy',
};

/** Sends a failed derivative round again, on record. Answers it as it now stands, or undefined when it was not a failed one. */
export async function retryDerivative(
  db: Database,
  retry: {
    readonly evidence: string;
    readonly unit: string;
    readonly kind: DerivativeKind;
    readonly actor: ActorDraft;
  },
  clock: Clock,
): Promise<DerivativeState | undefined> {
  const { evidence, unit, kind, actor } = retry;
  return db.transaction().execute(async (tx) => {
    const failed = await tx
      .selectFrom('derivative')
      .select('reason')
      .where('evidence_id', '=', evidence)
      .where('kind', '=', kind)
      .where('state', '=', 'failed')
      .executeTakeFirst();
    if (!failed) return undefined;
    const row = await restart(tx, evidence, kind, clock);
    if (!row) return undefined;
    // What failed for want of a probe is made once there is one.
    const behindProbe = kind !== 'probe' && failed.reason === probeFailed;
    if (behindProbe) await restart(tx, evidence, 'probe', clock);
    await enqueue(tx, behindProbe ? 'probe' : queueOf[kind], evidence, { evidence });
    await appendEvent(
      tx,
      { type: 'derivative.retried', actor, subject: { kind: 'evidence', id: evidence }, data: { kind } },
      clock,
    );
    await notifyChange(tx, { kind: 'derivative', id: evidence, unit, derivative: kind, state: 'pending' });
    return row;
  });
}

function restart(
  tx: Executor,
  evidence: string,
  kind: DerivativeKind,
  clock: Clock,
): Promise<DerivativeState | undefined> {
  return tx
    .updateTable('derivative')
    .set({ state: 'pending', updated_at: clock.now() })
    .where('evidence_id', '=', evidence)
    .where('kind', '=', kind)
    .where('state', '=', 'failed')
    .returning(['kind', 'state', 'reason', 'detail', 'attempts', 'updated_at', 'duration_ms'])
    .executeTakeFirst();
}
