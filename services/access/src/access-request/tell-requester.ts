import { type Executor, notify, type RequestRecord } from '@fengcun/catalog';
import type { NotificationKind } from '@fengcun/contracts';
import type { Deciding } from './deciding.ts';

/** Tells the requester what became of their request, in the transaction in which it did. */
export async function tellRequester(
  trx: Executor,
  request: RequestRecord,
  kind: NotificationKind,
  clock: Deciding['clock'],
  data: { readonly name?: string; readonly reason?: string } = {},
): Promise<void> {
  const note = {
    kind,
    subject: { kind: 'request', id: request.id },
    data: { number: request.number, ...data },
  } as const;
  await notify(trx, { account: request.account_id }, note, clock);
}
