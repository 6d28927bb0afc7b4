import {
  type DecisionRecord,
  type Executor,
  findGrant,
  findRequest,
  findStandings,
  giveGrant,
  insertDecision,
  needsColumns,
  notify,
  type RequestRecord,
  revokeGrant,
  type Standing,
  updateRequest,
  voidDecision,
} from '@fengcun/catalog';
import type { ApproverRole, decideRequest, StaticOf } from '@fengcun/contracts';
import { actorOf, type Person } from '@fengcun/identity';
import { openDecisions } from '@fengcun/policy';
import { systemActor } from '../access.ts';
import { problem } from '../errors.ts';
import { type Assessment, assess } from './assess.ts';
import type { Deciding } from './deciding.ts';
import { questionOf } from './present.ts';
import { tellRequester } from './tell-requester.ts';
import { isOpen, rolesOver, standing } from './who-may.ts';
import { inTransaction } from './write.ts';

type Verdict = StaticOf<(typeof decideRequest)['body']>;

/**
 * Takes one decision. The last approval that is needed and the grant it leads to are one transaction, so that no process can die in between.
 * Everything is looked at again under the request's lock: the matrix as it is now, the requester as they are now, and whether those who approved
 * before still may. Throws `own_request`, `denied`, `wrong_state`, `already_decided`, `reason_required`, `item_held`, `item_disposed`,
 * `requester_unfit`, `not_found` or `not_recorded`.
 */
export async function decide(access: Deciding, person: Person, id: string, verdict: Verdict): Promise<void> {
  await inTransaction(access.catalog, async (trx) => {
    const request = await findRequest(trx, id, { lock: true });
    if (!request) throw problem('not_found');
    if (request.account_id === person.account.id) throw problem('own_request');
    if (!isOpen(request)) throw problem('wrong_state', { extensions: { state: request.state } });
    if (standing(request.decisions).some(({ account_id }) => account_id === person.account.id))
      throw problem('already_decided');
    const people = await findStandings(trx, [
      request.account_id,
      person.account.id,
      ...request.decisions.map(({ account_id }) => account_id),
    ]);
    const current = await review(access, trx, request, people);
    const role = roleOf(people.get(person.account.id), request, current.open, verdict.role);
    if (verdict.verdict === 'refused') await refuse(access, trx, person, request, { ...verdict, role });
    else await approve(access, trx, person, request, { verdict, role, current, people });
  });
}

/** What is needed now, and which of the approvals given before still count. */
interface Review {
  readonly assessment: Assessment;
  readonly needed: readonly ApproverRole[];
  readonly open: readonly ApproverRole[];
  readonly approvals: readonly DecisionRecord[];
}

async function review(
  access: Deciding,
  trx: Executor,
  request: RequestRecord,
  people: ReadonlyMap<string, Standing>,
): Promise<Review> {
  const requester = people.get(request.account_id);
  const actor = { kind: 'person', id: request.account_id, roles: requester?.roles ?? [] } as const;
  const assessment = await assess(access, trx, actor, questionOf(request));
  // A matrix that has become milder since does not undo that it was asked for.
  const needed = assessment.needed.length > 0 ? assessment.needed : request.needed;
  const approvals: DecisionRecord[] = [];
  for (const decision of standing(request.decisions)) {
    const reason = faultOf(decision, request, people.get(decision.account_id), needed, approvals);
    if (reason) await voidDecision(trx, decision, { actor: systemActor, reason }, access.clock);
    else approvals.push(decision);
  }
  return {
    assessment,
    needed,
    open: openDecisions(
      needed,
      approvals.map(({ role }) => role),
    ),
    approvals,
  };
}

function faultOf(
  decision: DecisionRecord,
  request: RequestRecord,
  approver: Standing | undefined,
  needed: readonly ApproverRole[],
  counted: readonly DecisionRecord[],
): DecisionRecord['void_reason'] {
  if (!approver || approver.disabled) return 'approver_disabled';
  if (!rolesOver(approver.roles, request, [decision.role]).includes(decision.role)) return 'approver_lost_role';
  const open = openDecisions(
    needed,
    counted.map(({ role }) => role),
  );
  return open.includes(decision.role) ? null : 'not_needed_any_more';
}

function roleOf(
  approver: Standing | undefined,
  request: RequestRecord,
  open: readonly ApproverRole[],
  wanted: ApproverRole | undefined,
): ApproverRole {
  const roles = approver && !approver.disabled ? rolesOver(approver.roles, request, open) : [];
  const role = wanted === undefined ? roles[0] : roles.find((each) => each === wanted);
  if (role === undefined) throw problem('denied', { extensions: { open } });
  return role;
}

async function refuse(
  { clock }: Deciding,
  trx: Executor,
  person: Person,
  request: RequestRecord,
  { reason, role }: Verdict & { readonly role: ApproverRole },
): Promise<void> {
  if (!reason) throw problem('reason_required');
  const actor = actorOf(person);
  await insertDecision(
    trx,
    {
      request: request.id,
      account: person.account.id,
      actor,
      role,
      verdict: 'refused',
      reason,
      holdAcknowledged: false,
      open: [],
    },
    clock,
  );
  await updateRequest(trx, request.id, { state: 'refused', decided_at: clock.now(), due_at: null, open: [] });
  if (request.kind === 'urgent') {
    const grant = await findGrant(trx, { request: request.id }, clock.now());
    if (grant)
      await revokeGrant(trx, { grant: grant.id, actor, by: person.account.id, cause: 'denied', reason }, clock);
  }
  await tellRequester(trx, request, request.kind === 'urgent' ? 'urgent_denied' : 'request_refused', clock, {
    name: person.account.name,
    reason,
  });
}

async function approve(
  access: Deciding,
  trx: Executor,
  person: Person,
  request: RequestRecord,
  more: {
    readonly verdict: Verdict;
    readonly role: ApproverRole;
    readonly current: Review;
    readonly people: ReadonlyMap<string, Standing>;
  },
): Promise<void> {
  const { clock } = access;
  const { verdict, role, current, people } = more;
  const { assessment, needed } = current;
  const requester = people.get(request.account_id);
  if (!requester || requester.disabled || assessment.deniedBy !== null)
    throw problem('requester_unfit', { extensions: { rule: assessment.deniedBy } });
  if (request.window_until <= clock.now()) throw problem('wrong_state', { extensions: { state: request.state } });
  const facts = request.items.map((item) => assessment.facts.get(item));
  // Who reaches all items sees all of them: one that is not there is none that anybody could approve.
  if (facts.some((each) => each === undefined || each.disposed)) throw problem('item_disposed');
  const held = facts.filter((each) => each?.held).map((each) => each?.id);
  if (held.length > 0 && verdict.holdAcknowledged !== true) throw problem('item_held', { extensions: { held } });
  const open = openDecisions(current.open, [role]);
  const actor = actorOf(person);
  await insertDecision(
    trx,
    {
      request: request.id,
      account: person.account.id,
      actor,
      role,
      verdict: 'approved',
      reason: verdict.reason ?? null,
      holdAcknowledged: verdict.holdAcknowledged ?? false,
      open,
    },
    clock,
  );
  const { rules, matrixVersion } = assessment;
  const needs = { needed, open, rules: rules.length > 0 ? rules : request.rules, matrixVersion };
  const done = open.length === 0;
  await updateRequest(trx, request.id, {
    ...needsColumns(needs),
    ...(done ? { state: 'approved', decided_at: clock.now(), due_at: null } : {}),
  });
  if (!done) return tellWhoIsLeft(trx, request, open, person, clock);
  if (request.kind === 'ordinary') {
    await giveGrant(
      trx,
      {
        request: request.id,
        to: requester,
        operations: request.operations,
        items: request.items,
        from: request.window_from,
        until: request.window_until,
        uses: request.uses,
        urgent: false,
        rules: needs.rules,
        matrixVersion,
        approvals: [
          ...current.approvals.map((each) => ({ role: each.role, by: each.account_id })),
          { role, by: person.account.id },
        ],
        actor,
      },
      clock,
    );
  }
  const kind = request.kind === 'urgent' ? 'urgent_confirmed' : 'request_approved';
  await tellRequester(trx, request, kind, clock, { name: person.account.name });
}

/** After an approval that was not the last: a role may be open again whose holder had approved and has left since. */
async function tellWhoIsLeft(
  trx: Executor,
  request: RequestRecord,
  open: readonly ApproverRole[],
  person: Person,
  clock: Deciding['clock'],
): Promise<void> {
  const reopened = open.filter((role) => !request.open.includes(role));
  if (reopened.length === 0 || request.unit_id === null) return;
  const data = { number: request.number, name: request.account_name };
  const note = { kind: 'request_waits_again', subject: { kind: 'request', id: request.id }, data } as const;
  await notify(trx, { roles: reopened, unit: request.unit_id, except: person.account.id }, note, clock);
}
