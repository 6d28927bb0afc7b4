import { closeSessionsOf, type Executor, removeTotp } from '@fengcun/catalog';
import type { ActorDraft } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';

/** Removes somebody's second factor and ends their sessions and tokens. False where there was none. */
export async function removeSecondFactorOf(
  db: Executor,
  removal: { readonly account: string; readonly actor: ActorDraft; readonly reason: string },
  clock: Clock,
): Promise<boolean> {
  const { account, actor } = removal;
  if (!(await removeTotp(db, removal, clock))) return false;
  await closeSessionsOf(db, { account, actor, cause: 'revoked' }, clock);
  return true;
}
