import { type Static, Type } from 'typebox';
import { Page, pageQuery } from '../http/page.ts';
import { Bytes, IdParams, Instant, Line, Nullable, Sha256Hex, Uuid } from '../http/primitives.ts';
import { defineRoute } from '../http/route.ts';

export const mediaKinds = ['video', 'audio', 'image', 'document', 'other'] as const;
export const MediaKind = Type.Enum([...mediaKinds]);
export type MediaKind = Static<typeof MediaKind>;

/** One file as the dock found it on the device. */
export const AnnouncedFile = Type.Object(
  {
    /** the file's name on the device, path separators and all; data, never a path of ours */
    name: Line(1024),
    size: Bytes,
    sha256: Sha256Hex,
    kind: MediaKind,
    recordedFrom: Type.Optional(Instant),
    recordedTo: Type.Optional(Instant),
    /** the officer pressed the key-file mark while recording */
    keyMark: Type.Optional(Type.Boolean()),
    /** the device's own running number, for finding gaps */
    sequence: Type.Optional(Type.Integer({ minimum: 0, maximum: 2_147_483_647 })),
  },
  { additionalProperties: false },
);
export type AnnouncedFile = Static<typeof AnnouncedFile>;

export const OffloadRequest = Type.Object(
  {
    /** serial number of the device */
    device: Line(64),
    /** officer number, as set on the device */
    officer: Type.Optional(Line(64)),
    /** what the device's clock said when docked, and what the dock's said at that moment */
    deviceClock: Type.Optional(Instant),
    dockClock: Instant,
    files: Type.Array(AnnouncedFile, { minItems: 1, maxItems: 10_000 }),
  },
  { additionalProperties: false },
);
export type OffloadRequest = Static<typeof OffloadRequest>;

export const offloadFileStates = ['announced', 'receiving', 'received', 'sealed', 'quarantined', 'expired'] as const;

export const OffloadFile = Type.Object({
  /** position in the offload, from 0 */
  ordinal: Type.Integer(),
  name: Type.String(),
  size: Bytes,
  sha256: Sha256Hex,
  kind: MediaKind,
  sequence: Nullable(Type.Integer()),
  state: Type.Enum([...offloadFileStates]),
  /** bytes durable so far */
  offset: Bytes,
  /** upload id = evidence id, once an upload exists or the same device sealed the same digest before */
  evidence: Nullable(Uuid),
  /** what the dock should do now */
  action: Type.Enum(['upload', 'wait', 'none']),
});
export type OffloadFile = Static<typeof OffloadFile>;

/** Sequence numbers missing between two files of one device; open until someone gives a signed reason. */
export const SequenceGap = Type.Object({
  id: Uuid,
  from: Type.Integer(),
  to: Type.Integer(),
  explained: Nullable(Type.Object({ by: Type.String(), at: Instant, reason: Type.String() })),
});

export const Offload = Type.Object({
  id: Uuid,
  device: Type.Object({ id: Uuid, serial: Type.String(), name: Type.String() }),
  dock: Nullable(Type.Object({ id: Uuid, name: Type.String() })),
  unit: Type.Object({ id: Uuid, name: Type.String() }),
  officer: Nullable(Type.String()),
  openedAt: Instant,
  deviceClock: Nullable(Instant),
  dockClock: Nullable(Instant),
  /** the device's clock minus the dock's, both read when it was docked, ms; null when the device's was not reported */
  deviceClockOffsetMs: Nullable(Type.Integer()),
  files: Type.Array(OffloadFile),
  /** ordinals of files announced and not yet received */
  missing: Type.Array(Type.Integer()),
  gaps: Type.Array(SequenceGap),
  complete: Type.Boolean(),
});
export type Offload = Static<typeof Offload>;

export const OffloadSummary = Type.Object({
  id: Uuid,
  device: Type.Object({ id: Uuid, serial: Type.String(), name: Type.String() }),
  dock: Nullable(Type.Object({ id: Uuid, name: Type.String() })),
  unit: Type.Object({ id: Uuid, name: Type.String() }),
  officer: Nullable(Type.String()),
  openedAt: Instant,
  files: Type.Integer(),
  sealed: Type.Integer(),
  quarantined: Type.Integer(),
  openGaps: Type.Integer(),
  bytes: Bytes,
  bytesReceived: Bytes,
});
export type OffloadSummary = Static<typeof OffloadSummary>;

export const openOffload = defineRoute({
  method: 'POST',
  path: '/api/offloads',
  summary: 'Announce everything a device hands over in one docking; the same announcement answers the same offload',
  tag: 'offload',
  rule: { who: 'dock-or-person', roles: ['officer', 'supervisor'], scope: 'upload' },
  body: OffloadRequest,
  reply: Offload,
  status: 201,
});

export const getOffload = defineRoute({
  method: 'GET',
  path: '/api/offloads/:id',
  summary: 'State of every announced file, what is missing, and gaps in the sequence',
  tag: 'offload',
  rule: { who: 'dock-or-person', roles: [] },
  params: IdParams,
  reply: Offload,
  problems: ['not_found'],
});

export const listOffloads = defineRoute({
  method: 'GET',
  path: '/api/offloads',
  summary: 'Offloads of the units the reader can see, newest first',
  tag: 'offload',
  rule: { who: 'person', roles: [] },
  query: Type.Object(
    { ...pageQuery, device: Type.Optional(Uuid), dock: Type.Optional(Uuid) },
    { additionalProperties: false },
  ),
  reply: Page(OffloadSummary),
});

export const explainGap = defineRoute({
  method: 'POST',
  path: '/api/gaps/:id/explanation',
  summary: 'Close a sequence gap with a reason, on record',
  tag: 'offload',
  rule: { who: 'person', roles: ['officer', 'supervisor'] },
  params: IdParams,
  body: Type.Object({ reason: Line(500) }, { additionalProperties: false }),
  reply: SequenceGap,
  problems: ['not_found', 'already_explained'],
});
