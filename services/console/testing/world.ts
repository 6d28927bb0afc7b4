import { createHash } from 'node:crypto';
import {
  type AccessRequest,
  type Account,
  type Alarm,
  type CaseFile,
  type DeviceDetail,
  type Dock,
  type Evidence,
  type EvidenceSummary,
  finding,
  type Grant,
  type IssuedCopy,
  type LedgerEvent,
  type Notification,
  type Offload,
  type OffloadSummary,
  type Redaction,
  type Token,
  type Unit,
  type UploadProgress,
} from '@fengcun/contracts';
import { accessWorld } from './access-world.ts';
import { caseWorld } from './case-answers.ts';
import { iso, now } from './clock.ts';
import { deviceWorld } from './device-answers.ts';
import { people, units, uuidOf } from './people.ts';
import { peopleWorld } from './people-world.ts';

export { iso, now };

const minute = 60_000;
export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

export const devices = [
  { id: uuidOf('device 1'), serial: 'DSJ-V8-210377', kind: 'body_camera', name: '执法记录仪 210377', unit: units.east },
  {
    id: uuidOf('device 2'),
    serial: 'DSJ-V8-210412',
    kind: 'body_camera',
    name: '执法记录仪 210412',
    unit: units.traffic,
  },
  { id: uuidOf('device 3'), serial: 'LY-0093', kind: 'voice_recorder', name: '录音笔 0093', unit: units.market },
] as const;

const subjects = [
  '现场检查',
  '询问笔录同步录音录像',
  '酒驾查处',
  '扣押财物',
  '送达告知',
  '纠纷调解',
  '接处警',
  '听证会',
];
const officers = ['王建国 330118', '李晓燕 330254', '赵志强 330301', null];

/** What a fake site holds. Tests and screenshots may change it; every start makes a fresh one. */
export interface World {
  evidence: EvidenceSummary[];
  uploads: UploadProgress[];
  alarms: Alarm[];
  docks: Dock[];
  devices: DeviceDetail[];
  cases: CaseFile[];
  offloads: Offload[];
  /** more of an item than its list row, where it differs from the usual */
  details: Map<string, Partial<Evidence>>;
  /** copies that leave, of whoever looks */
  issuedCopies: IssuedCopy[];
  redactions: Redaction[];
  events: Map<string, LedgerEvent[]>;
  /** evidence whose seal is not in a signed checkpoint yet */
  unsigned: Set<string>;
  requests: AccessRequest[];
  grants: Grant[];
  notifications: Notification[];
  accounts: Account[];
  units: Unit[];
  tokens: Token[];
  /** nobody has an account yet */
  empty: boolean;
  /** what the button of the identity provider says */
  oidc: { label: string } | null;
}

export function makeWorld(): World {
  const evidence = Array.from({ length: 137 }, (_, at) => summaryAt(at));
  const details = special(evidence);
  return {
    evidence,
    details,
    issuedCopies: [],
    redactions: [],
    uploads: runningUploads(),
    alarms: alarmsAbout(evidence),
    docks: [
      {
        id: uuidOf('dock 1'),
        name: '城东所 1 号采集站',
        unit: units.east,
        state: 'enrolled',
        codeExpiresAt: null,
        createdAt: iso(now - 91 * 86_400_000),
        enrolledAt: iso(now - 90 * 86_400_000),
        revokedAt: null,
        lastSeenAt: iso(now - 20_000),
      },
      {
        id: uuidOf('dock 2'),
        name: '交警二大队采集站',
        unit: units.traffic,
        state: 'awaiting_enrolment',
        codeExpiresAt: iso(now - 86_400_000),
        createdAt: iso(now - 2 * 86_400_000),
        enrolledAt: null,
        revokedAt: null,
        lastSeenAt: null,
      },
      {
        id: uuidOf('dock 3'),
        name: '治安支队旧采集站',
        unit: units.market,
        state: 'revoked',
        codeExpiresAt: null,
        createdAt: iso(now - 301 * 86_400_000),
        enrolledAt: iso(now - 300 * 86_400_000),
        revokedAt: iso(now - 40 * 86_400_000),
        lastSeenAt: iso(now - 41 * 86_400_000),
      },
    ],
    devices: deviceWorld(devices),
    cases: caseWorld(),
    offloads: [offloadInProgress(), offloadDone()],
    events: new Map(),
    unsigned: new Set(),
    ...accessWorld(evidence),
    ...peopleWorld(),
    empty: false,
    oidc: null,
  };
}

function summaryAt(at: number): EvidenceSummary {
  const device = devices[at % devices.length] ?? devices[0];
  const audio = device.kind === 'voice_recorder';
  const captured = now - at * 47 * minute - 12 * minute;
  const stamp = iso(captured).replace(/[-:T]/g, '').slice(0, 14);
  return {
    id: uuidOf(`evidence ${at}`),
    title: null,
    place: null,
    tags: [],
    case: null,
    name: `${subjects[at % subjects.length]}_${device.serial}_${stamp}${audio ? '.mp3' : '.mp4'}`,
    kind: audio ? 'audio' : 'video',
    state: 'sealed',
    size: 18_000_000 + ((at * 7_919_113) % 1_900_000_000),
    unit: device.unit,
    device: { id: device.id, serial: device.serial },
    officer: officers[at % officers.length] ?? null,
    keyMark: at % 9 === 2,
    capturedAt: iso(captured),
    sealedAt: iso(captured + 6 * minute),
    durationMs: 12_000,
    proxy: 'ready',
  };
}

/** The first rows are the cases a page must know how to show. */
function special(evidence: EvidenceSummary[]): Map<string, Partial<Evidence>> {
  const details = new Map<string, Partial<Evidence>>();
  const change = (at: number, row: Partial<EvidenceSummary>, detail: Partial<Evidence> = {}) => {
    const item = evidence[at];
    if (!item) return;
    Object.assign(item, row);
    details.set(item.id, detail);
  };
  change(
    1,
    { state: 'quarantined', name: '扣押财物_DSJ-V8-210412_20261122_第二段.mp4' },
    {
      quarantine: {
        code: 'declared_digest_differs',
        detail: 'The sender declared another SHA-256 than what arrived has.',
        findings: [
          finding('declared_differs', {
            declared: digestOf('what the dock meant to send'),
            found: digestOf('quarantined'),
          }),
        ],
      },
      digests: digestsOf('quarantined', { declared: digestOf('what the dock meant to send') }),
    },
  );
  change(3, { proxy: 'pending', durationMs: null, name: '接处警_DSJ-V8-210377_补录.mp4' });
  change(4, { proxy: 'nothing_to_play', durationMs: null, name: '说明文本改名.mp4', size: 2048, kind: 'video' });
  change(6, { proxy: 'failed', name: '断电录像_DSJ-V8-210377.avi' });
  change(7, {
    kind: 'document',
    proxy: 'nothing_to_play',
    name: '现场检查笔录（扫描件）.pdf',
    durationMs: null,
    device: null,
    officer: null,
  });
  change(
    11,
    { kind: 'image', durationMs: null, name: '现场照片_DSJ-V8-210412.jpg' },
    { recordedFrom: null, recordedTo: null },
  );
  change(9, {}, { actions: { ...usualActions, play: approval('other_play') } });
  return details;
}

export function digestsOf(name: string, options: { readonly declared?: string | null } = {}): Evidence['digests'] {
  const sha256 = digestOf(name);
  const { declared = sha256 } = options;
  return {
    declared: declared === null ? null : { sha256: declared },
    received: { parts: 12, sha256 },
    readBack: {
      bytes: 201_326_592,
      sha256,
      sm3: digestOf(`sm3 ${name}`),
      tree: { leafSize: 4_194_304, root: digestOf(`tree ${name}`) },
    },
  };
}

function runningUploads(): UploadProgress[] {
  return [0, 1, 2, 3].map((at) => ({
    id: uuidOf(`upload ${at}`),
    name: `酒驾查处_DSJ-V8-210412_2026112219${10 + at}.mp4`,
    unit: units.traffic,
    offload: uuidOf('offload 1'),
    device: { id: devices[1].id, serial: devices[1].serial },
    size: 412_000_000 + at * 31_000_000,
    offset: at === 3 ? 505_000_000 : 120_000_000 * (3 - at),
    state: at === 3 ? 'sealing' : 'receiving',
    createdAt: iso(now - 3 * minute),
    receivedAt: at === 3 ? iso(now - 5000) : null,
  }));
}

function alarmsAbout(evidence: readonly EvidenceSummary[]): Alarm[] {
  return [
    {
      id: uuidOf('alarm 1'),
      kind: 'quarantined',
      unit: units.traffic,
      subject: { kind: 'evidence', id: evidence[1]?.id ?? '' },
      detail: 'The sender declared another SHA-256 than what arrived has.',
      findings: [
        finding('declared_differs', {
          declared: digestOf('what the dock meant to send'),
          found: digestOf('quarantined'),
        }),
      ],
      raisedAt: iso(now - 22 * minute),
      acknowledged: null,
    },
    {
      id: uuidOf('alarm 2'),
      kind: 'sequence_gap',
      unit: units.traffic,
      subject: { kind: 'offload', id: uuidOf('offload 1') },
      detail: "Device DSJ-V8-210412 did not hand over numbers 1043-1045. Explain the gap on the offload's page.",
      findings: [finding('numbers_missing', { device: 'DSJ-V8-210412', numbers: '1043-1045' })],
      raisedAt: iso(now - 51 * minute),
      acknowledged: null,
    },
  ];
}

function offloadInProgress(): Offload {
  const files: Offload['files'] = runningUploads().map((upload, at) => ({
    ordinal: at,
    name: upload.name,
    size: upload.size ?? 0,
    sha256: digestOf(upload.name),
    kind: 'video',
    sequence: at < 2 ? 1041 + at : 1044 + at,
    state: upload.state === 'sealing' ? 'received' : 'receiving',
    offset: upload.offset,
    evidence: upload.id,
    action: 'upload',
  }));
  files.push({
    ordinal: 4,
    name: '酒驾查处_DSJ-V8-210412_202611221931.mp4',
    size: 388_000_000,
    sha256: digestOf('announced'),
    kind: 'video',
    sequence: 1048,
    state: 'announced',
    offset: 0,
    evidence: null,
    action: 'upload',
  });
  return {
    id: uuidOf('offload 1'),
    device: { id: devices[1].id, serial: devices[1].serial, name: devices[1].name },
    dock: { id: uuidOf('dock 1'), name: '城东所 1 号采集站' },
    unit: units.traffic,
    officer: '赵志强 330301',
    openedAt: iso(now - 4 * minute),
    deviceClock: iso(now - 4 * minute + 83_400),
    dockClock: iso(now - 4 * minute + 200),
    deviceClockOffsetMs: 83_400,
    files,
    missing: [4],
    gaps: [{ id: uuidOf('gap 1'), from: 1043, to: 1045, explained: null }],
    complete: false,
  };
}

function offloadDone(): Offload {
  const files: Offload['files'] = [0, 1, 2, 3, 4, 5].map((at) => ({
    ordinal: at,
    name: `接处警_DSJ-V8-210377_20261122_${at + 1}.mp4`,
    size: 210_000_000 + at * 9_000_000,
    sha256: digestOf(`done ${at}`),
    kind: 'video',
    sequence: 880 + at,
    state: at === 5 ? 'quarantined' : 'sealed',
    offset: 210_000_000 + at * 9_000_000,
    evidence: uuidOf(`evidence ${at}`),
    action: 'none',
  }));
  return {
    id: uuidOf('offload 2'),
    device: { id: devices[0].id, serial: devices[0].serial, name: devices[0].name },
    dock: { id: uuidOf('dock 1'), name: '城东所 1 号采集站' },
    unit: units.east,
    officer: '王建国 330118',
    openedAt: iso(now - 130 * minute),
    deviceClock: iso(now - 130 * minute - 2300),
    dockClock: iso(now - 130 * minute),
    deviceClockOffsetMs: -2300,
    files,
    missing: [],
    gaps: [
      {
        id: uuidOf('gap 2'),
        from: 879,
        to: 879,
        explained: { by: '陈静', at: iso(now - 100 * minute), reason: '设备试机录像，已按规定登记。' },
      },
    ],
    complete: true,
  };
}

export function summaryOf(offload: Offload): OffloadSummary {
  const { id, device, dock, unit, officer, openedAt, files, gaps } = offload;
  const count = (state: string) => files.filter((file) => file.state === state).length;
  return {
    id,
    device,
    dock,
    unit,
    officer,
    openedAt,
    files: files.length,
    sealed: count('sealed'),
    quarantined: count('quarantined'),
    openGaps: gaps.filter(({ explained }) => !explained).length,
    bytes: files.reduce((sum, { size }) => sum + size, 0),
    bytesReceived: files.reduce((sum, { offset }) => sum + offset, 0),
  };
}

type Permission = Evidence['actions']['play'];
const allowed = (rule: string): Permission => ({
  allowed: true,
  rule,
  outcome: 'allow',
  approvers: [],
  purposes: [],
  grant: null,
});
const approval = (rule: string): Permission => ({
  allowed: false,
  rule,
  outcome: 'needApproval',
  approvers: ['legal'],
  purposes: [],
  grant: null,
});

const usualActions: Evidence['actions'] = {
  play: allowed('own_case_play'),
  verify: { allowed: true, rule: 'own_unit_verify' },
  download_proxy: approval('own_case_copy'),
  download_original: approval('own_case_copy'),
  package: approval('own_case_copy'),
  disclose: approval('disclose_outside'),
  publish: { ...approval('publish_redacted_only'), outcome: 'deny', approvers: [] },
  redact: { allowed: true, rule: 'own_case_redact' },
  review_redaction: { allowed: false, rule: 'no_rule_allows' },
};

/** The item behind a row of the list. */
export function itemOf(world: World, row: EvidenceSummary): Evidence {
  const at = row.sealedAt;
  const derivative = (
    kind: Evidence['derivatives'][number]['kind'],
    state: EvidenceSummary['proxy'],
    reason: string | null = null,
  ) => ({
    kind,
    state,
    reason,
    detail: reason === null ? null : `ffmpeg says: ${reason}`,
    attempts: state === 'pending' ? 0 : 1,
    updatedAt: at,
  });
  const reason =
    row.proxy === 'failed'
      ? 'timed_out'
      : row.proxy === 'nothing_to_play'
        ? row.kind === 'document'
          ? 'document'
          : 'not-media'
        : null;
  return {
    ...row,
    quarantine: null,
    offload: row.device ? uuidOf('offload 2') : null,
    dock: row.device ? { id: uuidOf('dock 1'), name: '城东所 1 号采集站' } : null,
    uploadedBy: row.device ? null : { id: people[0]?.id ?? '', name: '陈静' },
    recordedFrom: row.device ? row.capturedAt : null,
    recordedTo: row.device && row.durationMs ? iso(Date.parse(row.capturedAt) + row.durationMs) : null,
    deviceClockOffsetMs: row.device ? -2300 : null,
    receivedAt: iso(Date.parse(at) - 9000),
    digests: digestsOf(row.id, row.device ? {} : { declared: null }),
    lock: {
      driver: 'disk',
      version: 'v1-7c4e1f0a92',
      protection: 'advisory',
      mode: 'compliance',
      retainUntil: '2027-05-22T00:00:00.000Z',
      legalHold: row.keyMark,
    },
    metadata: { filename: row.name, kind: row.kind, recordedFrom: row.capturedAt, 'x-firmware': 'V8.2.1' },
    derivatives: [
      derivative(
        'probe',
        row.proxy === 'pending'
          ? 'pending'
          : reason === 'not-media' || reason === 'document'
            ? 'nothing_to_play'
            : 'ready',
        null,
      ),
      derivative('proxy', row.proxy, reason),
      ...(row.kind === 'image'
        ? (['poster', 'thumbnails', 'waveform'] as const).map((kind) => derivative(kind, 'nothing_to_play', 'image'))
        : [
            derivative('poster', row.kind === 'video' ? row.proxy : 'nothing_to_play'),
            derivative('thumbnails', row.kind === 'video' ? row.proxy : 'nothing_to_play'),
            derivative('waveform', row.proxy),
          ]),
    ],
    probe: row.proxy === 'ready' || row.proxy === 'failed' ? probeOf(row) : null,
    entryIndex: world.unsigned.has(row.id) ? null : 48_213,
    actions: usualActions,
    ...world.details.get(row.id),
  };
}

function probeOf(row: EvidenceSummary): unknown {
  const audio = { codec_type: 'audio', codec_name: 'aac', sample_rate: '48000', channels: 1 };
  const video = {
    codec_type: 'video',
    codec_name: 'h264',
    profile: 'High',
    width: 1920,
    height: 1080,
    avg_frame_rate: '25/1',
    side_data_list: [],
  };
  return {
    format: {
      format_long_name: row.kind === 'audio' ? 'MP2/3 (MPEG audio layer 2/3)' : 'QuickTime / MOV',
      duration: String((row.durationMs ?? 0) / 1000),
      bit_rate: '6012345',
      tags: { creation_time: row.capturedAt, location: '+30.2741+120.1551/' },
    },
    streams: row.kind === 'audio' ? [audio] : [video, audio],
  };
}
