import { type Static, Type } from 'typebox';
import { findingsField } from '../finding/finding.ts';
import { Page, pageQuery } from '../http/page.ts';
import { Bytes, IdParams, Instant, Line, Nullable, Sha256Hex, Sm3Hex, Uuid } from '../http/primitives.ts';
import { defineRoute } from '../http/route.ts';
import { LedgerEvent } from '../ledger/events.ts';
import { MediaKind } from '../offload/schema.ts';
import { ApproverRole, Purpose } from '../policy/schema.ts';

export const evidenceStates = ['sealed', 'quarantined'] as const;
export const derivativeKinds = ['probe', 'proxy', 'poster', 'thumbnails', 'waveform'] as const;
export const DerivativeKind = Type.Enum([...derivativeKinds]);
export type DerivativeKind = Static<typeof DerivativeKind>;
export const derivativeStates = ['pending', 'ready', 'failed', 'nothing_to_play'] as const;

/** What the policy says of one operation on the item for the reader, with the rule that decides and what would change the answer. */
export const ItemPermission = Type.Object({
  allowed: Type.Boolean(),
  rule: Type.String(),
  outcome: Type.Enum(['allow', 'needApproval', 'deny']),
  /** for `needApproval`: decisions that a request would need */
  approvers: Type.Array(ApproverRole),
  /** not empty: allowed as soon as one of these purposes is given */
  purposes: Type.Array(Purpose),
  /** the live grant it is allowed by */
  grant: Nullable(Type.Object({ id: Uuid, until: Instant, usesLeft: Nullable(Type.Integer()) })),
});
export type ItemPermission = Static<typeof ItemPermission>;

/** A row of the evidence list. */
export const EvidenceSummary = Type.Object({
  id: Uuid,
  name: Type.String(),
  /** what people call it now; null: nobody said */
  title: Nullable(Type.String()),
  place: Nullable(Type.String()),
  tags: Type.Array(Type.String()),
  case: Nullable(Type.Object({ id: Uuid, number: Type.String() })),
  kind: MediaKind,
  state: Type.Enum([...evidenceStates]),
  size: Bytes,
  unit: Type.Object({ id: Uuid, name: Type.String() }),
  device: Nullable(Type.Object({ id: Uuid, serial: Type.String() })),
  officer: Nullable(Type.String()),
  keyMark: Type.Boolean(),
  /** when it was recorded, or received where the recorder did not say: the list's order */
  capturedAt: Instant,
  sealedAt: Instant,
  durationMs: Nullable(Type.Integer()),
  proxy: Type.Enum([...derivativeStates]),
  /** there once its content was disposed of: digests and history stay, nothing can be played or checked any more */
  disposedAt: Type.Optional(Instant),
});
export type EvidenceSummary = Static<typeof EvidenceSummary>;

export const evidenceFilters = {
  unit: Type.Optional(Uuid),
  device: Type.Optional(Uuid),
  officer: Type.Optional(Line(64)),
  offload: Type.Optional(Uuid),
  kind: Type.Optional(MediaKind),
  state: Type.Optional(Type.Enum([...evidenceStates])),
  keyMark: Type.Optional(Type.Boolean()),
  /**
   * What stands in title, file name, officer's number or name, device's serial or name, place, tags or case number, in any order: words
   * parted by spaces, a "phrase" in quotes, and a word or phrase after `-` that must not stand there. Chinese needs no spaces. Width and
   * case do not matter. Numbers and words of one or two letters are found where they stand alone, everything else also inside of words.
   */
  q: Type.Optional(Line(200)),
  case: Type.Optional(Uuid),
  tag: Type.Optional(Line(50)),
  matter: Type.Optional(Uuid),
  /** part of the place */
  place: Type.Optional(Line(100)),
  /** capturedAt in [from, to) */
  from: Type.Optional(Instant),
  to: Type.Optional(Instant),
};

export const listEvidence = defineRoute({
  method: 'GET',
  path: '/api/evidence',
  summary: 'Evidence of the units the reader can see, newest recording first',
  tag: 'evidence',
  rule: { who: 'person', roles: [] },
  query: Type.Object({ ...pageQuery, ...evidenceFilters }, { additionalProperties: false }),
  reply: Page(EvidenceSummary),
  rate: 'search',
  problems: ['cursor_invalid', 'query_too_long'],
});

/** How much was recorded when, for the same filters as the list. */
export const Timeline = Type.Object({
  /** length of a bar; days and months are those of China Standard Time, which the whole country keeps */
  grain: Type.Enum(['hour', 'day', 'month']),
  /** bars that are not empty, oldest first; `from` inclusive, `to` exclusive */
  bars: Type.Array(Type.Object({ from: Instant, to: Instant, count: Type.Integer() })),
  /** sum over the bars */
  total: Type.Integer(),
  /** older ones than this were not counted, because there are too many; null: all were */
  countedFrom: Nullable(Instant),
});
export type Timeline = Static<typeof Timeline>;

export const getTimeline = defineRoute({
  method: 'GET',
  path: '/api/evidence/timeline',
  summary: 'Counts over time of what the list with these filters holds',
  tag: 'evidence',
  rule: { who: 'person', roles: [] },
  query: Type.Object({ ...evidenceFilters }, { additionalProperties: false }),
  reply: Timeline,
  rate: 'search',
  problems: ['query_too_long'],
});

export const Derivative = Type.Object({
  kind: DerivativeKind,
  state: Type.Enum([...derivativeStates]),
  /** closed code, for `failed` and `nothing_to_play` */
  reason: Nullable(Type.String()),
  /** a sentence for a person, in English */
  detail: Nullable(Type.String()),
  ...findingsField,
  attempts: Type.Integer(),
  updatedAt: Instant,
});
export type Derivative = Static<typeof Derivative>;

export const Protection = Type.Object({
  driver: Type.String(),
  version: Type.String(),
  protection: Type.Enum(['enforced', 'advisory']),
  mode: Type.Enum(['compliance', 'none']),
  retainUntil: Nullable(Instant),
  /** asked of the vault now; null while it cannot say */
  legalHold: Nullable(Type.Boolean()),
});

export const Digests = Type.Object({
  /** what the sender said before sending; null = not declared, which is not the same as equal */
  declared: Nullable(Type.Object({ sha256: Sha256Hex })),
  /** computed part by part while the bytes arrived; `sha256` is null when only part digests exist */
  received: Type.Object({ parts: Type.Integer(), sha256: Nullable(Sha256Hex) }),
  /** computed over the stored version, read back from the vault */
  readBack: Type.Object({
    bytes: Bytes,
    sha256: Sha256Hex,
    sm3: Sm3Hex,
    tree: Type.Object({ leafSize: Type.Integer(), root: Sha256Hex }),
  }),
});

/** What was found wrong when an item was put into quarantine. */
export const quarantineCodes = [
  'declared_digest_differs',
  'declared_size_differs',
  'part_digest_differs',
  'object_differs',
] as const;
export type QuarantineCode = (typeof quarantineCodes)[number];
export const QuarantineReason = Type.Object({
  code: Type.Enum([...quarantineCodes]),
  detail: Type.String(),
  ...findingsField,
});

export const Evidence = Type.Object({
  ...EvidenceSummary.properties,
  quarantine: Nullable(QuarantineReason),
  offload: Nullable(Uuid),
  dock: Nullable(Type.Object({ id: Uuid, name: Type.String() })),
  uploadedBy: Nullable(Type.Object({ id: Uuid, name: Type.String() })),
  recordedFrom: Nullable(Instant),
  recordedTo: Nullable(Instant),
  deviceClockOffsetMs: Nullable(Type.Integer()),
  receivedAt: Instant,
  digests: Digests,
  lock: Protection,
  /** upload metadata as sent, unknown keys included */
  metadata: Type.Record(Type.String(), Type.String()),
  derivatives: Type.Array(Derivative),
  /** ffprobe's own JSON, whole, when the probe is ready */
  probe: Nullable(Type.Unknown()),
  /** the log entry that sealed it, once sequenced */
  entryIndex: Nullable(Type.Integer()),
  /** what the reader may do now, decided by policy, with the rule that decides */
  actions: Type.Object({
    play: ItemPermission,
    verify: Type.Object({ allowed: Type.Boolean(), rule: Type.String() }),
    download_proxy: ItemPermission,
    disclose: ItemPermission,
    download_original: ItemPermission,
    package: ItemPermission,
    /** of an approved redacted version; denied while there is none */
    publish: ItemPermission,
    /** making redacted versions of it; `play` has to be allowed besides */
    redact: Type.Object({ allowed: Type.Boolean(), rule: Type.String() }),
    review_redaction: Type.Object({ allowed: Type.Boolean(), rule: Type.String() }),
  }),
});
export type Evidence = Static<typeof Evidence>;

export const getEvidence = defineRoute({
  method: 'GET',
  path: '/api/evidence/:id',
  summary: 'One item with digests, lock and derivatives',
  tag: 'evidence',
  rule: { who: 'person', roles: [] },
  params: IdParams,
  reply: Evidence,
  problems: ['not_found'],
});

/** Portable proof; see `@fengcun/verifier`. */
export const Receipt = Type.Object({
  format: Type.Literal('fengcun-receipt/v1'),
  entry: Type.Unknown(),
  openings: Type.Array(Type.Object({ path: Type.String(), salt: Type.String(), value: Type.String() })),
  proof: Type.String(),
  keys: Type.Array(Type.String()),
});
export type Receipt = Static<typeof Receipt>;

export const getReceipt = defineRoute({
  method: 'GET',
  path: '/api/evidence/:id/receipt',
  summary: 'The signed receipt; available once the seal is in a signed checkpoint (seconds)',
  tag: 'evidence',
  rule: { who: 'dock-or-person', roles: [] },
  params: IdParams,
  reply: Receipt,
  problems: ['not_found', 'not_sealed', 'receipt_pending'],
});

export const CustodyEntry = Type.Object({
  /** null until the sequencer has placed it */
  index: Nullable(Type.Integer()),
  event: LedgerEvent,
  /** values behind the entry's commitments, by JSON pointer, for readers who may see them */
  openings: Type.Record(Type.String(), Type.String()),
});

export const getCustody = defineRoute({
  method: 'GET',
  path: '/api/evidence/:id/custody',
  summary: 'Everything that ever happened to the item, oldest first, from the ledger',
  tag: 'evidence',
  rule: { who: 'person', roles: [] },
  params: IdParams,
  query: Type.Object({ ...pageQuery }, { additionalProperties: false }),
  reply: Page(CustodyEntry),
  problems: ['not_found'],
});

export const verificationLegs = [
  'size',
  'sha256',
  'sm3',
  'part_tree',
  'declared',
  'lock',
  'replica',
  'replica_lock',
  'disposal',
  'inclusion',
  'checkpoint_signature',
  'witnesses',
  'timestamp',
] as const;

export const VerificationLeg = Type.Object({
  leg: Type.Enum([...verificationLegs]),
  outcome: Type.Enum(['passed', 'failed', 'not_checked']),
  detail: Type.String(),
  ...findingsField,
});

/** `bytesRead` grows while it runs; `legs` is complete when `state` is `done`. */
export const Verification = Type.Object({
  id: Uuid,
  evidence: Uuid,
  state: Type.Enum(['running', 'done', 'aborted']),
  startedAt: Instant,
  finishedAt: Nullable(Instant),
  bytesRead: Bytes,
  size: Bytes,
  verdict: Nullable(Type.Enum(['holds', 'fails', 'incomplete'])),
  legs: Type.Array(VerificationLeg),
});
export type Verification = Static<typeof Verification>;

export const startVerification = defineRoute({
  method: 'POST',
  path: '/api/evidence/:id/verification',
  summary: 'Read the stored original again and check every leg',
  tag: 'evidence',
  rule: { who: 'person', roles: ['officer', 'supervisor', 'auditor', 'archivist', 'legal', 'bureau_head'] },
  params: IdParams,
  reply: Verification,
  status: 202,
  problems: ['not_found', 'already_running', 'too_many_verifications'],
});

export const getVerification = defineRoute({
  method: 'GET',
  path: '/api/verifications/:id',
  summary: 'Progress and result of a verification',
  tag: 'evidence',
  rule: { who: 'person', roles: [] },
  params: IdParams,
  reply: Verification,
  problems: ['not_found'],
});

export const retryDerivative = defineRoute({
  method: 'POST',
  path: '/api/evidence/:id/derivatives/:kind/retry',
  summary: 'Try a failed derivative again',
  tag: 'evidence',
  rule: { who: 'person', roles: ['officer', 'supervisor', 'archivist'] },
  params: Type.Object({ id: Uuid, kind: DerivativeKind }),
  reply: Derivative,
  status: 202,
  problems: ['not_found', 'not_failed'],
});
