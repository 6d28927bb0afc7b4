import type { AccessRequest, EvidenceSummary, Grant, Notification } from '@fengcun/contracts';
import { iso, now } from './clock.ts';
import { type Person, people, uuidOf } from './people.ts';

const hour = 3_600_000;
const personOf = (login: string): Person => {
  const found = people.find((person) => person.login === login);
  if (!found) throw new Error(`The fake site knows nobody called ${login}.`);
  return found;
};

interface RequestText {
  readonly number: number;
  readonly by: string;
  readonly items: readonly EvidenceSummary[];
  readonly rest: Partial<AccessRequest>;
}

function requestOf({ number, by, items, rest }: RequestText): AccessRequest {
  const requester = personOf(by);
  return {
    id: uuidOf(`request ${number}`),
    number,
    kind: 'ordinary',
    state: 'submitted',
    requester: {
      id: requester.id,
      name: requester.name,
      unit: requester.unit,
      officer: requester.officerNumber,
    },
    applicant: null,
    purpose: 'case_handling',
    caseNumber: '临公（城东）受案字〔2026〕1187 号',
    case: null,
    items: items.map((item) => ({
      id: item.id,
      name: item.name,
      kind: item.kind,
      unit: item.unit,
      officer: item.officer,
      capturedAt: item.capturedAt,
      durationMs: item.durationMs,
      held: item.keyMark,
      disposed: false,
      outcomes: [
        { operation: 'play', outcome: 'needApproval', rule: 'other_play' },
        { operation: 'disclose', outcome: 'needApproval', rule: 'disclose_outside' },
      ],
    })),
    operations: ['play', 'disclose'],
    createdAt: iso(now - 5 * hour),
    submittedAt: iso(now - 5 * hour),
    decidedAt: null,
    dueAt: iso(now + 67 * hour),
    waitingFor: ['legal', 'bureau_head'],
    attachments: [],
    basis: '办理“11·20 城东路纠纷”案，需核实现场处置经过，并向检察院移送处置片段。\n已与办案区录像核对时间。',
    window: { from: iso(now), until: iso(now + 7 * 24 * hour) },
    uses: 10,
    needed: ['legal', 'bureau_head'],
    decisions: [],
    rules: ['other_play', 'disclose_outside'],
    blockers: [],
    urgent: null,
    grant: null,
    earlier: [],
    may: { change: false, submit: false, withdraw: false, decideAs: [], revoke: false, readAttachments: true },
    ...rest,
  };
}

/** Requests, grants and what people were told of them. */
export function accessWorld(evidence: readonly EvidenceSummary[]): {
  requests: AccessRequest[];
  grants: Grant[];
  notifications: Notification[];
} {
  const chosen = (from: number, to: number) => evidence.slice(from, to);
  const holder = personOf('chenjing');
  const grant: Grant = {
    id: uuidOf('grant 1'),
    request: uuidOf('request 38'),
    to: { id: holder.id, name: holder.name },
    operations: ['play', 'download_proxy'],
    items: chosen(8, 10).map(({ id, name }, at) => ({ evidence: id, name, usesLeft: at === 0 ? 7 : null })),
    from: iso(now - 24 * hour),
    until: new Date(Date.now() + 40 * hour).toISOString(),
    state: 'live',
    urgent: false,
    revoked: null,
  };
  const [first] = chosen(1, 2);
  const requests = [
    requestOf({
      number: 42,
      by: 'chenjing',
      items: chosen(5, 6),
      rest: {
        state: 'draft',
        submittedAt: null,
        dueAt: null,
        waitingFor: [],
        needed: [],
        blockers: ['window_over'],
        may: { change: true, submit: true, withdraw: true, decideAs: [], revoke: false, readAttachments: true },
      },
    }),
    requestOf({
      number: 41,
      by: 'lijie',
      items: chosen(1, 4),
      rest: {
        earlier: [
          {
            id: uuidOf('request 12'),
            number: 12,
            state: 'refused',
            purpose: 'other',
            submittedAt: iso(now - 400 * hour),
            sharedItems: 1,
            live: false,
          },
        ],
        attachments: [
          { kind: 'letter', evidence: uuidOf('scan letter'), name: '调取证据通知书.pdf', state: 'sealed' },
          { kind: 'identity', evidence: uuidOf('scan identity'), name: '工作证.jpg', state: 'sealed' },
          { kind: 'other', evidence: uuidOf('scan other'), name: '情况说明.docx', state: 'sealed' },
        ],
        may: {
          change: false,
          submit: false,
          withdraw: false,
          decideAs: ['legal', 'bureau_head'],
          revoke: false,
          readAttachments: true,
        },
      },
    }),
    requestOf({
      number: 40,
      by: 'chenjing',
      items: first ? [first] : [],
      rest: {
        kind: 'urgent',
        operations: ['play'],
        waitingFor: ['bureau_head'],
        needed: ['bureau_head'],
        urgent: {
          approver: { id: personOf('juzhang').id, name: '周志强' },
          confirmBy: iso(now + 19 * hour),
          violatedAt: null,
        },
        dueAt: iso(now + 19 * hour),
      },
    }),
    requestOf({
      number: 38,
      by: 'chenjing',
      items: chosen(8, 10),
      rest: {
        state: 'approved',
        operations: ['play', 'download_proxy'],
        decidedAt: iso(now - 24 * hour),
        dueAt: null,
        waitingFor: [],
        grant,
        decisions: [
          {
            id: uuidOf('decision 1'),
            by: { id: personOf('fazhi').id, name: '方志远' },
            role: 'legal',
            verdict: 'approved',
            reason: '依据充分。',
            at: iso(now - 24 * hour),
            voided: null,
          },
        ],
        may: { change: false, submit: false, withdraw: false, decideAs: [], revoke: true, readAttachments: true },
      },
    }),
  ];
  return {
    requests,
    grants: [grant],
    notifications: [
      {
        id: uuidOf('notification 1'),
        kind: 'request_to_decide',
        subject: { kind: 'request', id: uuidOf('request 41') },
        data: { number: 41, name: '李捷', due: iso(now + 67 * hour) },
        createdAt: iso(now - 5 * hour),
        readAt: null,
      },
      {
        id: uuidOf('notification 2'),
        kind: 'request_approved',
        subject: { kind: 'request', id: uuidOf('request 38') },
        data: { number: 38, name: '方志远', reason: '依据充分。' },
        createdAt: iso(now - 24 * hour),
        readAt: iso(now - 23 * hour),
      },
    ],
  };
}
