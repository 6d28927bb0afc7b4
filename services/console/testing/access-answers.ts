import { randomUUID } from 'node:crypto';
import type { AccessRequest, CallReply, Change, MatrixRow } from '@fengcun/contracts';
import { type Answers, refuse } from './answer.ts';
import { iso, now } from './clock.ts';
import { type Person, people } from './people.ts';
import type { World } from './world.ts';

type AccessAnswers = Pick<
  Answers,
  | 'assessRequest'
  | 'createRequest'
  | 'createUrgentRequest'
  | 'changeRequest'
  | 'submitRequest'
  | 'withdrawRequest'
  | 'decideRequest'
  | 'listRequests'
  | 'getRequest'
  | 'getRequesterHistory'
  | 'listGrants'
  | 'getGrant'
  | 'revokeGrant'
  | 'getMatrix'
  | 'putMatrix'
  | 'listMatrixVersions'
  | 'getMatrixVersion'
  | 'listNotifications'
  | 'readNotifications'
>;

/** Requests from draft to grant, the matrix in versions, and notifications. */
export function accessAnswers(world: World, emit: (change: Change) => void): AccessAnswers {
  const request = (id: string) => world.requests.find((one) => one.id === id) ?? refuse(404, 'not_found');
  const isIn = (query: URLSearchParams, me: string) => (one: World['grants'][number]) => {
    const given = request(one.request).decisions.some(({ by }) => by.id === me);
    const view = query.get('view') ?? 'mine';
    const wanted = view === 'units' || (view === 'given' ? given : one.to.id === me);
    return wanted && (query.get('state') === null || one.state === query.get('state'));
  };
  const grant = (id: string) => world.grants.find((one) => one.id === id) ?? refuse(404, 'not_found');
  const change = (id: string, changed: Partial<AccessRequest>) => Object.assign(request(id), changed);
  const closed = { change: false, submit: false, withdraw: false, decideAs: [], revoke: false, readAttachments: true };
  const versions: CallReply<'getMatrix'>[] = [firstMatrix];
  const current = () => versions.at(-1) ?? firstMatrix;
  const newRequest = (me: Person, rest: Partial<AccessRequest>): AccessRequest => {
    const model = request(world.requests.find(({ state }) => state === 'draft')?.id ?? '');
    const made: AccessRequest = {
      ...structuredClone(model),
      id: randomUUID(),
      number: 43 + world.requests.length,
      requester: { id: me.id, name: me.name, unit: me.unit, officer: me.officerNumber },
      blockers: [],
      ...rest,
    };
    world.requests.unshift(made);
    return made;
  };
  const itemsOf = (ids: readonly string[]): AccessRequest['items'] =>
    ids.map((id) => {
      const found = world.evidence.find((item) => item.id === id) ?? refuse(404, 'not_found');
      const { name, kind, unit, officer, capturedAt, durationMs } = found;
      return { id, name, kind, unit, officer, capturedAt, durationMs, held: false, disposed: false, outcomes: [] };
    });
  const leftOfCase = { outside: 1, disposed: 0, denied: 0, beyond: 0 };
  /** Of any case the first three recordings may be asked for. */
  const asked = (body: { readonly items?: string[]; readonly case?: string | null }): readonly string[] =>
    body.items ?? world.evidence.slice(0, 3).map(({ id }) => id);
  const summary = ({ items, applicant, ...rest }: AccessRequest): CallReply<'listRequests'>['items'][number] => ({
    ...rest,
    applicant: applicant && { kind: applicant.kind, organisation: applicant.organisation },
    items: items.length,
  });
  return {
    assessRequest: ({ body }) => ({
      left: body.case ? leftOfCase : null,
      items: asked(body).map((id) => ({
        id,
        outcomes: body.operations.map((operation) => ({
          operation,
          outcome: 'needApproval' as const,
          rule: operation === 'disclose' ? 'disclose_outside' : 'other_play',
        })),
      })),
      needed: body.operations.includes('disclose') ? ['legal', 'bureau_head'] : ['bureau_head'],
      approvers: people
        .filter(({ login }) => login === 'juzhang' || login === 'fazhi')
        .map(({ id, name, unit, login }) => ({ id, name, unit, role: login === 'fazhi' ? 'legal' : 'bureau_head' })),
    }),
    createRequest: ({ body, me }) =>
      newRequest(me, {
        purpose: body.purpose,
        basis: body.basis,
        caseNumber: body.caseNumber ?? null,
        operations: body.operations,
        window: body.window,
        items: itemsOf(asked(body)),
        case: body.case ? { id: body.case, left: leftOfCase } : null,
      }),
    createUrgentRequest: ({ body, me }) =>
      newRequest(me, {
        kind: 'urgent',
        state: 'submitted',
        purpose: body.purpose,
        basis: body.reason,
        operations: ['play'],
        items: itemsOf(body.items),
        submittedAt: iso(now),
        waitingFor: ['bureau_head'],
        may: closed,
      }),
    changeRequest: ({ params, body }) =>
      change(params.id, { purpose: body.purpose, basis: body.basis, items: itemsOf(asked(body)), blockers: [] }),
    submitRequest: ({ params }) =>
      change(params.id, {
        state: 'submitted',
        submittedAt: iso(now),
        waitingFor: ['bureau_head'],
        needed: ['bureau_head'],
        may: { ...closed, withdraw: true },
      }),
    withdrawRequest: ({ params }) => change(params.id, { state: 'withdrawn', waitingFor: [], may: closed }),
    decideRequest: ({ params, body, me }) => {
      const { decisions, waitingFor } = request(params.id);
      const role = body.role ?? waitingFor[0] ?? refuse(409, 'wrong_state');
      const left = body.verdict === 'refused' ? [] : waitingFor.filter((open) => open !== role);
      return change(params.id, {
        decisions: [
          ...decisions,
          {
            id: randomUUID(),
            by: { id: me.id, name: me.name },
            role,
            verdict: body.verdict,
            reason: body.reason ?? null,
            at: iso(now),
            voided: null,
          },
        ],
        waitingFor: left,
        state: body.verdict === 'refused' ? 'refused' : left.length === 0 ? 'approved' : 'submitted',
        may: closed,
      });
    },
    listRequests: ({ query, me }) => {
      const view = query.get('view') ?? 'mine';
      const state = query.get('state');
      const mine = ({ requester }: AccessRequest) => requester.id === me.id;
      const items = world.requests.filter(
        (one) =>
          (view === 'mine' ? mine(one) : view === 'to_decide' ? one.may.decideAs.length > 0 && !mine(one) : false) &&
          (state === null || one.state === state) &&
          (query.get('number') === null || String(one.number) === query.get('number')),
      );
      return { items: items.map(summary), next: null };
    },
    getRequest: ({ params }) => request(params.id),
    getRequesterHistory: ({ params }) => {
      const { requester } = request(params.id);
      return {
        requester: { id: requester.id, name: requester.name },
        counts: { submitted: 9, approved: 6, refused: 2, urgent: 1, violations: 0 },
        last: world.requests.filter(({ id }) => id !== params.id).map(summary),
      };
    },
    listGrants: ({ query, me }) => ({
      items: world.grants.filter(isIn(query, me.id)).map((one) => {
        const { number, purpose, may } = request(one.request);
        const open = one.state === 'live' || one.state === 'waiting';
        return { ...one, number, purpose, may: { revoke: open && may.revoke, readRequest: true } };
      }),
      next: null,
    }),
    getGrant: ({ params }) => grant(params.id),
    revokeGrant: ({ params, body, me }) =>
      Object.assign(grant(params.id), {
        state: 'revoked',
        revoked: { at: iso(now), by: { id: me.id, name: me.name }, reason: body.reason },
      }),
    getMatrix: current,
    putMatrix: ({ body, me }) => {
      const { version } = current();
      if (body.basedOn !== version) return refuse(409, 'matrix_changed');
      versions.push({
        ...current(),
        version: version + 1,
        rows: body.rows,
        inherited: [],
        changedAt: iso(now),
        changedBy: { id: me.id, name: me.name },
        reason: body.reason,
      });
      return current();
    },
    listMatrixVersions: () => ({ items: versions.toReversed(), next: null }),
    getMatrixVersion: ({ params }) =>
      versions.find(({ version }) => version === Number(params.version)) ?? refuse(404, 'not_found'),
    listNotifications: () => ({
      items: world.notifications,
      next: null,
      unread: world.notifications.filter(({ readAt }) => readAt === null).length,
    }),
    readNotifications: ({ body, me }) => {
      for (const told of world.notifications) {
        if (body.ids && !body.ids.includes(told.id)) continue;
        told.readAt ??= iso(now);
        emit({ kind: 'notification', id: told.id, account: me.id });
      }
      return { unread: world.notifications.filter(({ readAt }) => readAt === null).length };
    },
  };
}

const rows: MatrixRow[] = [
  {
    rule: 'disclose_outside',
    actions: ['disclose'],
    who: ['officer', 'supervisor', 'legal', 'bureau_head', 'archivist'],
    reach: 'anywhere',
    outcome: { needApproval: ['legal', 'bureau_head'] },
  },
  {
    rule: 'own_case_play',
    actions: ['play'],
    who: ['officer', 'supervisor'],
    reach: 'own_unit',
    when: { ownCase: true },
    outcome: 'allow',
  },
  {
    rule: 'supervision_play',
    actions: ['play'],
    who: ['supervisor'],
    reach: 'own_unit',
    when: { purposes: ['supervision', 'file_review'] },
    outcome: 'allow',
  },
];

const firstMatrix: CallReply<'getMatrix'> = {
  version: 0,
  changedAt: null,
  changedBy: null,
  reason: null,
  fixed: [
    {
      rule: 'administrators_never_open_footage',
      actions: ['play', 'disclose', 'publish'],
      who: ['auditor', 'system_admin', 'security_admin'],
      reach: 'anywhere',
      outcome: 'deny',
    },
  ],
  rows,
  inherited: [],
  guarantees: ['administrators_never_open_footage', 'nobody_decides_their_own', 'outside_needs_two_people'],
};
