import { randomUUID } from 'node:crypto';
import { type CallReply, type Change, type EventType, finding, type LedgerEvent } from '@fengcun/contracts';
import { accessAnswers } from './access-answers.ts';
import { type Answers, refuse } from './answer.ts';
import { caseAnswers } from './case-answers.ts';
import { copyAnswers } from './copy-answers.ts';
import { deviceAnswers } from './device-answers.ts';
import { type Person, units, uuidOf } from './people.ts';
import { peopleAnswers } from './people-answers.ts';
import { redactionAnswers } from './redaction-answers.ts';
import { retentionAnswers } from './retention-answers.ts';
import { searchAnswers } from './search-answers.ts';
import { digestOf, iso, itemOf, now, summaryOf, type World } from './world.ts';

export function answersOf(world: World, sessions: Map<string, Person>, emit: (change: Change) => void): Answers {
  const verifications = new Map<string, CallReply<'getVerification'>>();
  const itemRow = (id: string) => world.evidence.find((item) => item.id === id) ?? refuse(404, 'not_found');
  const startPlay: Answers['startPlay'] = ({ params, me, body }) => {
    const play = randomUUID();
    const path = `/api/plays/${play}`;
    return {
      id: play,
      evidence: params.id,
      event: '48292',
      startedAt: iso(now),
      expiresAt: iso(now + 3_600_000),
      playlist: itemRow(params.id).kind === 'image' ? null : `${path}/index.m3u8`,
      still: itemRow(params.id).kind === 'image' ? { uri: `${path}/pictures/still`, width: 640, height: 360 } : null,
      poster: itemRow(params.id).kind === 'video' ? `${path}/pictures/poster` : null,
      thumbnails:
        itemRow(params.id).kind === 'video'
          ? {
              sprite: `${path}/pictures/thumbnails`,
              tiles: Array.from({ length: 12 }, (_, at) => ({
                startMs: at * 1000,
                x: (at % 10) * 160,
                y: Math.floor(at / 10) * 90,
                w: 160,
                h: 90,
              })),
            }
          : null,
      purpose: body.purpose ?? null,
      authorisation: null,
      viewer: `${me.name} ${me.officerNumber ?? ''}`.trim(),
    };
  };
  return {
    ...accessAnswers(world, emit),
    ...peopleAnswers(world, sessions),
    ...retentionAnswers(world, emit),
    ...copyAnswers(world),
    ...searchAnswers(world, filtered),
    ...caseAnswers(world.cases),
    ...deviceAnswers(world.devices),
    getSite: () => ({
      id: 'linjiang',
      name: '临江市公安局执法音像证据中心',
      version: '0.1.0',
      timeZone: 'Asia/Shanghai',
      uploads: '/files',
      maxUploadSize: 64 * 1024 ** 3,
      protection: 'advisory',
      logOrigin: 'fengcun.linjiang.example/log',
      signIn: { setUp: world.empty, oidc: world.oidc },
    }),
    getOverview: () => ({
      evidence: {
        sealed: 12_480 + world.evidence.length,
        quarantined: world.evidence.filter(({ state }) => state === 'quarantined').length,
        bytes: 9_812_345_678_901,
        sealedToday: 86,
      },
      uploads: { receiving: world.uploads.filter(({ state }) => state === 'receiving').length, sealing: 1 },
      alarms: { open: world.alarms.filter(({ acknowledged }) => !acknowledged).length },
      ledger: { size: 48_291, root: null, signedAt: iso(now - 1200), pending: 2 },
    }),
    listDocks: () => ({ items: world.docks }),
    createDock: ({ body }) => {
      const unit = Object.values(units).find(({ id }) => id === body.unit) ?? refuse(422, 'unit_unknown');
      const dock = {
        id: randomUUID(),
        name: body.name,
        unit,
        state: 'awaiting_enrolment',
        codeExpiresAt: iso(now + 86_400_000),
        createdAt: iso(now),
        enrolledAt: null,
        revokedAt: null,
        lastSeenAt: null,
      } as const;
      world.docks.push(dock);
      return { dock, code: 'K7QD-2MXV-9T4P-HC6R', codeExpiresAt: iso(now + 86_400_000) };
    },
    enrolDock: () => refuse(400, 'code_invalid'),
    changeDock: ({ params, body }) => {
      const dock = world.docks.find(({ id }) => id === params.id) ?? refuse(404, 'not_found');
      const unit = Object.values(units).find(({ id }) => id === body.unit) ?? dock.unit;
      return Object.assign(dock, { unit, name: body.name ?? dock.name });
    },
    renewDockCode: ({ params }) => {
      const dock = world.docks.find(({ id }) => id === params.id) ?? refuse(404, 'not_found');
      if (dock.state !== 'awaiting_enrolment') return refuse(409, 'already_enrolled');
      dock.codeExpiresAt = iso(now + 86_400_000);
      return { dock, code: 'R3QD-2MXV-9T4P-HC6S', codeExpiresAt: dock.codeExpiresAt };
    },
    revokeDock: ({ params }) => {
      const dock = world.docks.find(({ id }) => id === params.id) ?? refuse(404, 'not_found');
      dock.state = 'revoked';
      return dock;
    },
    openOffload: () => refuse(403, 'role_required'),
    getOffload: ({ params }) => world.offloads.find(({ id }) => id === params.id) ?? refuse(404, 'not_found'),
    listOffloads: () => ({ items: world.offloads.map(summaryOf), next: null }),
    explainGap: ({ params, body, me }) => {
      for (const offload of world.offloads) {
        const gap = offload.gaps.find(({ id }) => id === params.id);
        if (!gap) continue;
        gap.explained = { by: me.name, at: iso(now), reason: body.reason };
        return gap;
      }
      return refuse(404, 'not_found');
    },
    listUploads: () => ({ items: world.uploads, next: null }),
    listEvidence: ({ query }) => pageOf(filtered(world, query), query),
    getEvidence: ({ params }) => itemOf(world, itemRow(params.id)),
    getReceipt: ({ params }) => {
      const row = itemRow(params.id);
      if (world.unsigned.has(row.id)) return refuse(409, 'receipt_pending');
      return {
        format: 'fengcun-receipt/v1',
        entry: { v: 1, type: 'evidence.sealed' },
        openings: [],
        proof: `c2sp.org/tlog-proof@v1\nindex 48213\n\nfengcun.linjiang.example/log\n48291\n${'A'.repeat(43)}=\n\n— fengcun.linjiang.example/log AAAA\n`,
        keys: ['fengcun.linjiang.example/log+3a8c1f07+AZ3f'],
      };
    },
    getCustody: ({ params }) => ({ items: custodyOf(world, params.id), next: null }),
    startVerification: ({ params }) => {
      const { size } = itemRow(params.id);
      const id = randomUUID();
      verifications.set(id, {
        id,
        evidence: params.id,
        state: 'running',
        startedAt: iso(now),
        finishedAt: null,
        bytesRead: 0,
        size,
        verdict: null,
        legs: [],
      });
      return verifications.get(id) ?? refuse(404, 'not_found');
    },
    getVerification: ({ params }) => {
      const running = verifications.get(params.id) ?? refuse(404, 'not_found');
      const bytesRead = Math.min(running.size, running.bytesRead + Math.ceil(running.size * 0.6));
      const next = bytesRead < running.size ? { ...running, bytesRead } : { ...running, ...finished, bytesRead };
      verifications.set(params.id, next);
      return next;
    },
    retryDerivative: ({ params }) => {
      const row = itemRow(params.id);
      row.proxy = 'pending';
      emit({ kind: 'derivative', id: row.id, unit: row.unit.id, derivative: params.kind, state: 'pending' });
      return { kind: params.kind, state: 'pending', reason: null, detail: null, attempts: 1, updatedAt: iso(now) };
    },
    startPlay,
    ...redactionAnswers(world, startPlay),
    endPlay: () => undefined,
    listAlarms: ({ query }) => ({
      items: world.alarms.filter(({ acknowledged }) => query.get('open') !== 'true' || !acknowledged),
      next: null,
    }),
    acknowledgeAlarm: ({ params, body, me }) => {
      const alarm = world.alarms.find(({ id }) => id === params.id) ?? refuse(404, 'not_found');
      alarm.acknowledged = { by: me.name, at: iso(now), note: body.note };
      return alarm;
    },
  };
}

function filtered(world: World, query: URLSearchParams): World['evidence'] {
  const asked = (key: string) => query.get(key);
  const is = (key: string, value: string | null | undefined) => asked(key) === null || asked(key) === value;
  return world.evidence.filter(
    (item) =>
      is('kind', item.kind) &&
      is('state', item.state) &&
      is('unit', item.unit.id) &&
      is('device', item.device?.id) &&
      is('keyMark', String(item.keyMark)) &&
      `${item.title ?? ''} ${item.name}`.includes(asked('q') ?? '') &&
      (asked('tag') === null || item.tags.includes(asked('tag') ?? '')) &&
      (item.officer ?? '').includes(asked('officer') ?? '') &&
      (asked('from') === null || item.capturedAt >= (asked('from') ?? '')) &&
      (asked('to') === null || item.capturedAt < (asked('to') ?? '')),
  );
}

function pageOf(items: World['evidence'], query: URLSearchParams): CallReply<'listEvidence'> {
  const cursor = query.get('cursor');
  const limit = Number(query.get('limit') ?? 50);
  const start = cursor === null ? 0 : items.findIndex(({ id }) => id === cursor) + 1;
  if (cursor !== null && start === 0) return refuse(400, 'cursor_invalid');
  const page = items.slice(start, start + limit);
  return { items: page, next: start + limit < items.length ? (page.at(-1)?.id ?? null) : null };
}

const finished = {
  state: 'done',
  finishedAt: iso(now + 4000),
  verdict: 'incomplete',
  legs: [
    { leg: 'size', outcome: 'passed', detail: 'Size as sealed.' },
    { leg: 'sha256', outcome: 'passed', detail: 'SHA-256 of the stored bytes is the sealed one.' },
    { leg: 'sm3', outcome: 'passed', detail: 'SM3 of the stored bytes is the sealed one.' },
    { leg: 'part_tree', outcome: 'passed', detail: 'Root over 4 MiB leaves is the sealed one.' },
    { leg: 'declared', outcome: 'passed', detail: 'Equal to what the dock declared.' },
    {
      leg: 'lock',
      outcome: 'passed',
      detail: 'Locked until 2027-05-22T16:00:00.000Z. This software alone enforces it, which does not stop root.',
      findings: [finding('locked_until', { until: '2027-05-22T16:00:00.000Z' }), finding('lock_advisory')],
    },
    {
      leg: 'inclusion',
      outcome: 'passed',
      detail: "Entry 48,213 of 48,291, proved with the log's tiles.",
      findings: [finding('included', { index: 48_213, size: 48_291 })],
    },
    { leg: 'checkpoint_signature', outcome: 'passed', detail: 'Signed by the log.' },
    { leg: 'witnesses', outcome: 'not_checked', detail: 'No witness is configured.' },
    { leg: 'timestamp', outcome: 'not_checked', detail: 'No authority is configured.' },
  ],
} as const satisfies Partial<CallReply<'getVerification'>>;

function custodyOf(world: World, id: string): CallReply<'getCustody'>['items'] {
  const row = world.evidence.find((item) => item.id === id) ?? refuse(404, 'not_found');
  const start = Date.parse(row.sealedAt);
  const entry = (
    type: EventType,
    seconds: number,
    index: number | null,
    who: [LedgerEvent['actor']['kind'], string],
    data: object = {},
  ) => ({
    index,
    event: {
      v: 1 as const,
      type,
      at: iso(start + seconds * 1000),
      actor: { kind: who[0], id: uuidOf(who[1]), name: { commitment: digestOf(who[1]).slice(0, 43) } },
      subject: { kind: 'evidence' as const, id },
      data,
    },
    openings: { '/actor/name': who[1] },
  });
  return [
    entry('upload.started', -90, 48_190, ['dock', '城东所 1 号采集站']),
    entry(row.state === 'sealed' ? 'evidence.sealed' : 'evidence.quarantined', 0, 48_213, ['system', 'worker']),
    entry('evidence.viewed', 400, 48_230, ['account', '陈静']),
    entry('play.started', 410, 48_231, ['account', '陈静']),
    entry('play.ended', 640, 48_233, ['account', '陈静'], {
      watched: [
        { from: 0, to: 95_000 },
        { from: 180_000, to: 242_000 },
      ],
    }),
    entry('evidence.verified', 5000, 48_280, ['account', '周敏'], { verdict: 'holds' }),
    entry('evidence.viewed', 9000, null, ['account', '陈静']),
  ];
}
