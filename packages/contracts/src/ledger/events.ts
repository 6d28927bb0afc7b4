import { type Static, type TSchema, Type } from 'typebox';
import { Bytes, Instant, Nullable, Sha256Hex, Sm3Hex, Uuid } from '../http/primitives.ts';
import { roles } from '../http/route.ts';

/**
 * The log's vocabulary: every event that can occur, with the shape of its `data` (design: ledger, "Format").
 * An entry is the RFC 8785 text of `LedgerEvent`, under 64 KiB.
 */

/** Personal data in an entry: a salted commitment; value and salt are kept beside the log (`packages/tlog`, commitment). */
export const Committed = Type.Object({ commitment: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' }) });
export type Committed = Static<typeof Committed>;

export const Actor = Type.Object({
  kind: Type.Enum(['account', 'dock', 'system', 'anonymous']),
  /** account or dock id; the service's name for `system`; the source address for `anonymous` */
  id: Type.String(),
  /** as it was at the time */
  name: Nullable(Committed),
});

export const Subject = Type.Object({
  kind: Type.Enum(['evidence', 'offload', 'dock', 'device', 'account', 'session', 'alarm', 'log', 'route']),
  id: Type.String(),
});

const UploadStarted = Type.Object({
  name: Committed,
  size: Nullable(Bytes),
  declared: Nullable(Type.Object({ sha256: Sha256Hex })),
  offload: Nullable(Uuid),
  unit: Uuid,
});

const Sealed = Type.Object({
  evidence: Uuid,
  name: Committed,
  kind: Type.String(),
  size: Bytes,
  sha256: Sha256Hex,
  sm3: Sm3Hex,
  tree: Type.Object({ leafSize: Type.Integer(), root: Sha256Hex }),
  declared: Nullable(Type.Object({ sha256: Sha256Hex })),
  received: Type.Object({ parts: Type.Integer(), sha256: Nullable(Sha256Hex) }),
  readBack: Type.Object({ bytes: Bytes }),
  unit: Uuid,
  device: Nullable(Type.Object({ id: Uuid, serial: Type.String() })),
  dock: Nullable(Type.Object({ id: Uuid, name: Type.String() })),
  officer: Nullable(Committed),
  offload: Nullable(Uuid),
  times: Type.Object({
    recordedFrom: Nullable(Instant),
    recordedTo: Nullable(Instant),
    received: Instant,
    sealed: Instant,
    deviceClockOffsetMs: Nullable(Type.Integer()),
  }),
  vault: Type.Object({
    driver: Type.String(),
    version: Type.String(),
    protection: Type.Enum(['enforced', 'advisory']),
    mode: Type.Enum(['compliance', 'none']),
    retainUntil: Nullable(Instant),
  }),
});

export const eventData = {
  'offload.opened': Type.Object({
    device: Type.Object({ id: Uuid, serial: Type.String() }),
    dock: Nullable(Uuid),
    unit: Uuid,
    officer: Nullable(Committed),
    files: Type.Integer(),
    bytes: Bytes,
    /** SHA-256 of the canonical announcement */
    announcement: Sha256Hex,
    deviceClock: Nullable(Instant),
    dockClock: Nullable(Instant),
  }),
  'gap.explained': Type.Object({ offload: Uuid, from: Type.Integer(), to: Type.Integer(), reason: Committed }),
  'upload.started': UploadStarted,
  'upload.terminated': Type.Object({ offset: Bytes }),
  'upload.expired': Type.Object({ offset: Bytes, size: Nullable(Bytes) }),
  'evidence.sealed': Sealed,
  'evidence.quarantined': Type.Object({
    ...Sealed.properties,
    reason: Type.Object({ code: Type.String(), detail: Type.String() }),
  }),
  'evidence.viewed': Type.Object({ session: Uuid }),
  'evidence.verified': Type.Object({
    verification: Uuid,
    verdict: Type.Enum(['holds', 'fails', 'incomplete']),
    bytesRead: Bytes,
    legs: Type.Array(Type.Object({ leg: Type.String(), outcome: Type.Enum(['passed', 'failed', 'not_checked']) })),
  }),
  'play.started': Type.Object({ play: Uuid, rule: Type.String() }),
  'play.ended': Type.Object({
    play: Uuid,
    cause: Type.Enum(['viewer', 'expired', 'revoked']),
    /** ms, half-open: what the player says was watched, as far as it was handed out; all that was handed out if it never said */
    watched: Type.Array(Type.Object({ from: Type.Integer(), to: Type.Integer() })),
    /** ms, half-open: what the server handed out, by its own account */
    served: Type.Array(Type.Object({ from: Type.Integer(), to: Type.Integer() })),
  }),
  'derivative.retried': Type.Object({ kind: Type.String() }),
  'access.denied': Type.Object({
    /** method and route pattern, never the query */
    route: Type.String(),
    code: Type.String(),
    rule: Nullable(Type.String()),
    /** denials of the same kind from the same source left out since the last such event */
    suppressed: Type.Integer(),
  }),
  'session.opened': Type.Object({ session: Uuid }),
  'session.refused': Type.Object({ login: Committed, code: Type.String(), suppressed: Type.Integer() }),
  'session.closed': Type.Object({ session: Uuid, cause: Type.Enum(['signed_out', 'expired', 'revoked']) }),
  'account.created': Type.Object({
    login: Committed,
    unit: Uuid,
    roles: Type.Array(Type.Object({ unit: Uuid, role: Type.Enum([...roles]) })),
  }),
  'dock.created': Type.Object({ name: Type.String(), unit: Uuid }),
  'dock.enrolled': Type.Object({ publicKey: Type.String() }),
  'dock.revoked': Type.Object({ reason: Type.String() }),
  'device.registered': Type.Object({ serial: Type.String(), kind: Type.String(), unit: Uuid, state: Type.String() }),
  'alarm.raised': Type.Object({ kind: Type.String(), about: Nullable(Subject) }),
  'alarm.acknowledged': Type.Object({ note: Committed }),
  'log.read': Type.Object({ from: Type.Integer(), to: Type.Integer() }),
} as const satisfies Record<string, TSchema>;

export type EventType = keyof typeof eventData;
export const eventTypes = Object.keys(eventData) as readonly EventType[];

/** An event as it stands in the log. */
export const LedgerEvent = Type.Object({
  v: Type.Literal(1),
  type: Type.Enum(eventTypes as [EventType, ...EventType[]]),
  at: Instant,
  actor: Actor,
  subject: Subject,
  /** the request or grant that allowed it */
  authorisation: Type.Optional(Type.String()),
  data: Type.Unknown(),
});
export type LedgerEvent = Static<typeof LedgerEvent>;

/** A value to be replaced by a commitment when the event is appended. */
export interface Personal {
  readonly personal: string;
}
/** Marks a value of an event draft as personal data. */
export const personal = (value: string): Personal => ({ personal: value });

type Drafted<T> = T extends Committed
  ? Personal
  : T extends readonly (infer U)[]
    ? readonly Drafted<U>[]
    : T extends object
      ? { readonly [K in keyof T]: Drafted<T[K]> }
      : T;

export type EventDataOf<E extends EventType> = Static<(typeof eventData)[E]>;
export type ActorDraft = Drafted<Static<typeof Actor>>;

/** An event before it is appended: personal values still in the clear, no time yet. */
export type EventDraft<E extends EventType = EventType> = {
  [K in E]: {
    readonly type: K;
    readonly actor: ActorDraft;
    readonly subject: Static<typeof Subject>;
    readonly authorisation?: string;
    readonly data: Drafted<EventDataOf<K>>;
  };
}[E];
