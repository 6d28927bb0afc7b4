import type { ActorDraft, SignInPolicy } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import type { Executor } from '../database/connect.ts';
import { appendEvent } from '../ledger/append-event.ts';

/** Who has to have a second factor. */
export async function readSignInPolicy(db: Executor): Promise<SignInPolicy> {
  const row = await db.selectFrom('sign_in_policy').select(['second_factor', 'changed_at']).executeTakeFirstOrThrow();
  return { secondFactor: row.second_factor, changedAt: row.changed_at?.toISOString() ?? null };
}

/** Changes it, with the event; the same again changes nothing. In the caller's transaction. */
export async function changeSignInPolicy(
  db: Executor,
  change: { readonly secondFactor: SignInPolicy['secondFactor']; readonly actor: ActorDraft; readonly site: string },
  clock: Clock,
): Promise<SignInPolicy> {
  const { secondFactor } = change;
  const { second_factor: was } = await db
    .selectFrom('sign_in_policy')
    .select('second_factor')
    .forUpdate()
    .executeTakeFirstOrThrow();
  if (was !== secondFactor) {
    await db.updateTable('sign_in_policy').set({ second_factor: secondFactor, changed_at: clock.now() }).execute();
    await appendEvent(
      db,
      {
        type: 'sign_in_policy.changed',
        actor: change.actor,
        subject: { kind: 'site', id: change.site },
        data: { secondFactor, was },
      },
      clock,
    );
  }
  return readSignInPolicy(db);
}
