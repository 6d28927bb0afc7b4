import {
  appendEvent,
  type Executor,
  findGrant,
  findRequest,
  notify,
  type RequestRecord,
  raiseAlarm,
  revokeGrant,
  updateRequest,
} from '@fengcun/catalog';
import { finding } from '@fengcun/contracts';
import { serviceName, systemActor } from '../access.ts';
import type { Deciding } from './deciding.ts';
import { tellRequester } from './tell-requester.ts';
import { isOpen } from './who-may.ts';

/**
 * What happens to a request by itself when it has waited too long: an ordinary one escalates to the bureau head of the unit above; an urgent one
 * that nobody confirmed is over, its grant too, and that is reported as a violation.
 */
export async function passDue(access: Deciding, id: string): Promise<void> {
  const { clock } = access;
  const now = clock.now();
  await access.catalog.transaction().execute(async (trx) => {
    const request = await findRequest(trx, id, { lock: true });
    if (request?.state !== 'submitted' || request.due_at === null || request.due_at > now) return;
    if (request.kind === 'urgent') return violate(access, trx, request);
    // The unit above; for the bureau itself, which has none, its own head.
    const unit = request.unit_path?.at(-2) ?? request.unit_id;
    await updateRequest(trx, id, { state: 'escalated', escalated_at: now, escalated_to: unit, due_at: null });
    await appendEvent(
      trx,
      {
        type: 'request.escalated',
        actor: systemActor,
        subject: { kind: 'request', id },
        data: { unit, open: request.open },
      },
      clock,
    );
    if (unit === null) return;
    const data = { number: request.number, name: request.account_name };
    const note = { kind: 'request_escalated', subject: { kind: 'request', id }, data } as const;
    await notify(trx, { roles: ['bureau_head'], unit, except: request.account_id }, note, clock);
  });
}

async function violate({ clock }: Deciding, trx: Executor, request: RequestRecord): Promise<void> {
  const now = clock.now();
  const approver = request.urgent_approver ?? '';
  await updateRequest(trx, request.id, { state: 'expired', decided_at: now, violated_at: now, due_at: null, open: [] });
  await appendEvent(
    trx,
    {
      type: 'request.violated',
      actor: systemActor,
      subject: { kind: 'request', id: request.id },
      data: { approver, confirmBy: request.window_until.toISOString() },
    },
    clock,
  );
  const grant = await findGrant(trx, { request: request.id }, now);
  if (grant) {
    const reason = 'Nobody confirmed it in time';
    await revokeGrant(trx, { grant: grant.id, actor: systemActor, by: null, cause: 'violation', reason }, clock);
  }
  await raiseAlarm(
    trx,
    {
      kind: 'urgent_unconfirmed',
      unit: request.unit_id,
      subject: { kind: 'request', id: request.id },
      findings: [
        finding('urgent_unconfirmed', {
          number: String(request.number),
          opener: request.account_name,
          approver: request.approver_name ?? '—',
        }),
      ],
      by: serviceName,
    },
    clock,
  );
  const data = { number: request.number, name: request.account_name };
  const note = { kind: 'urgent_violated', subject: { kind: 'request', id: request.id }, data } as const;
  await notify(trx, { account: request.account_id }, note, clock);
  await notify(trx, { account: approver }, note, clock);
  if (request.unit_id) await notify(trx, { roles: ['auditor'], unit: request.unit_id }, note, clock);
}

/** The end of a request that nobody decided in its time. */
export async function expire({ catalog, clock }: Deciding, id: string): Promise<void> {
  const now = clock.now();
  await catalog.transaction().execute(async (trx) => {
    const request = await findRequest(trx, id, { lock: true });
    if (!request || !isOpen(request) || request.expires_at === null || request.expires_at > now) return;
    await updateRequest(trx, id, { state: 'expired', decided_at: now, due_at: null, open: [] });
    await appendEvent(
      trx,
      {
        type: 'request.expired',
        actor: systemActor,
        subject: { kind: 'request', id },
        data: { open: request.open },
      },
      clock,
    );
    await tellRequester(trx, request, 'request_expired', clock);
  });
}
