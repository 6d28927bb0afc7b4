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
  kind: Type.Enum([
    'unit',
    'site',
    'evidence',
    'offload',
    'dock',
    'device',
    'account',
    'session',
    'alarm',
    'log',
    'object',
    'route',
    'matter',
    'retention_class',
    'request',
    'grant',
    'policy',
    'webhook',
    'case',
    'register',
  ]),
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

/** One copy of an original and its lock, as read back from its vault. */
const LockedCopy = Type.Object({
  vault: Type.String(),
  version: Type.String(),
  retainUntil: Nullable(Instant),
  legalHold: Type.Boolean(),
});

/** A copy that was read back whole and found to be what was sealed. */
const StoredCopy = Type.Object({
  vault: Type.String(),
  generation: Type.Integer(),
  driver: Type.String(),
  version: Type.String(),
  readBack: Type.Object({ bytes: Bytes, sha256: Sha256Hex, sm3: Sm3Hex }),
  retainUntil: Nullable(Instant),
  legalHold: Type.Boolean(),
  /** version of the object with its part tree's leaves; null: none could be computed. Earlier entries do not say */
  leaves: Type.Optional(Nullable(Type.String())),
});

/** A row of the catalogue of recording matters. */
const MatterFacts = {
  unit: Uuid,
  revision: Type.Integer(),
  stage: Type.String(),
  title: Type.String(),
  level: Type.String(),
  class: Type.String(),
};

const DeviceHolder = Type.Object({ id: Uuid, name: Committed });
const DeviceFacts = {
  serial: Type.String(),
  kind: Type.String(),
  name: Type.String(),
  model: Nullable(Type.String()),
  unit: Uuid,
  holder: Nullable(DeviceHolder),
  clockNote: Nullable(Committed),
};

/** What a look at the register was narrowed to. Ids and closed words only. */
const RegisterFilter = Type.Object({
  person: Type.Optional(Uuid),
  item: Type.Optional(Uuid),
  unit: Type.Optional(Uuid),
  kind: Type.Optional(Type.String()),
  purpose: Type.Optional(Type.String()),
  case: Type.Optional(Uuid),
  from: Type.Optional(Instant),
  to: Type.Optional(Instant),
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
  'play.started': Type.Object({
    play: Uuid,
    rule: Type.String(),
    /** what the viewer said it was for, where they said it */
    purpose: Type.Optional(Type.String()),
    /** what is shown is not the recording but this rendering of a redacted version of it */
    redaction: Type.Optional(Type.Object({ redaction: Uuid, render: Uuid })),
  }),
  'play.ended': Type.Object({
    play: Uuid,
    cause: Type.Enum(['viewer', 'expired', 'revoked']),
    /** ms, half-open: what the player says was watched, as far as it was handed out; all that was handed out if it never said */
    watched: Type.Array(Type.Object({ from: Type.Integer(), to: Type.Integer() })),
    /** ms, half-open: what the server handed out, by its own account; a still picture counts as one ms */
    served: Type.Array(Type.Object({ from: Type.Integer(), to: Type.Integer() })),
  }),
  'issued_copy.requested': Type.Object({
    copy: Uuid,
    operation: Type.String(),
    rule: Type.String(),
    purpose: Nullable(Type.String()),
    recipient: Nullable(Committed),
    /** what a copy to be published is made of */
    redaction: Type.Optional(Type.Object({ redaction: Uuid, render: Uuid, sha256: Sha256Hex })),
  }),
  'issued_copy.made': Type.Object({
    copy: Uuid,
    sha256: Sha256Hex,
    size: Bytes,
    mark: Type.Enum(['picture', 'metadata', 'none']),
  }),
  'issued_copy.failed': Type.Object({ copy: Uuid, reason: Type.String() }),
  'issued_copy.cancelled': Type.Object({ copy: Uuid, cause: Type.Enum(['requester', 'revoked', 'withdrawn']) }),
  /** committed before the first byte; one for each download, however often its connection broke and was taken up again */
  'issued_copy.downloaded': Type.Object({
    copy: Uuid,
    download: Uuid,
    operation: Type.String(),
    rule: Type.String(),
    sha256: Sha256Hex,
    size: Bytes,
  }),
  /** the vault no longer has it */
  'issued_copy.removed': Type.Object({ copy: Uuid, sha256: Sha256Hex, size: Bytes }),
  /** a plan for a redacted version, as its digest; what it hides is counted by reason */
  'redaction.saved': Type.Object({
    redaction: Uuid,
    version: Type.Integer(),
    name: Committed,
    plan: Sha256Hex,
    marks: Type.Array(Type.Object({ kind: Type.String(), reason: Type.String(), count: Type.Integer() })),
    rule: Type.String(),
  }),
  'redaction.render_requested': Type.Object({
    redaction: Uuid,
    render: Uuid,
    version: Type.Integer(),
    plan: Sha256Hex,
    rule: Type.String(),
  }),
  /** what was made, of which version of the original and by which plan */
  'redaction.rendered': Type.Object({
    redaction: Uuid,
    render: Uuid,
    version: Type.Integer(),
    plan: Sha256Hex,
    source: Type.Object({ version: Type.String(), sha256: Sha256Hex }),
    result: Type.Object({
      size: Bytes,
      sha256: Sha256Hex,
      sm3: Sm3Hex,
      durationMs: Type.Integer(),
      mark: Type.Enum(['picture', 'metadata', 'none']),
    }),
  }),
  'redaction.render_failed': Type.Object({ redaction: Uuid, render: Uuid, reason: Type.String() }),
  'redaction.render_cancelled': Type.Object({ redaction: Uuid, render: Uuid }),
  /** somebody who made none of its plans has watched it; `sha256` is of what was watched */
  'redaction.reviewed': Type.Object({
    redaction: Uuid,
    render: Uuid,
    verdict: Type.Enum(['approved', 'rejected']),
    sha256: Sha256Hex,
    reason: Nullable(Committed),
    rule: Type.String(),
  }),
  /** no copy is made of it any more */
  'redaction.withdrawn': Type.Object({
    redaction: Uuid,
    render: Nullable(Uuid),
    reason: Committed,
    rule: Type.String(),
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
  /** `via`: how; `pending`: what the sign-in still waited for, by `session.confirmed` it was passed */
  'session.opened': Type.Object({
    session: Uuid,
    via: Type.Optional(Type.String()),
    pending: Type.Optional(Type.String()),
  }),
  'session.confirmed': Type.Object({ session: Uuid, factor: Type.Enum(['totp', 'recovery_code']) }),
  'session.refused': Type.Object({ login: Committed, code: Type.String(), suppressed: Type.Integer() }),
  'session.closed': Type.Object({ session: Uuid, cause: Type.Enum(['signed_out', 'expired', 'revoked']) }),
  'account.created': Type.Object({
    login: Committed,
    unit: Uuid,
    roles: Type.Array(Type.Object({ unit: Uuid, role: Type.Enum([...roles]) })),
  }),
  /** what changed, as it is now; names as commitments */
  'account.changed': Type.Object({
    login: Type.Optional(Committed),
    name: Type.Optional(Committed),
    officerNumber: Type.Optional(Nullable(Committed)),
    unit: Type.Optional(Uuid),
  }),
  'account.disabled': Type.Object({ reason: Committed }),
  'account.enabled': Type.Object({ reason: Committed }),
  'role.given': Type.Object({ unit: Uuid, role: Type.Enum([...roles]) }),
  'role.taken': Type.Object({ unit: Uuid, role: Type.Enum([...roles]) }),
  'password.changed': Type.Object({}),
  'password.reset': Type.Object({ reason: Committed }),
  'second_factor.enrolled': Type.Object({}),
  'second_factor.removed': Type.Object({ reason: Nullable(Committed) }),
  'recovery_codes.renewed': Type.Object({ codes: Type.Integer() }),
  'identity.linked': Type.Object({
    issuer: Type.String(),
    subject: Committed,
    by: Type.Enum(['administrator', 'claim']),
  }),
  'identity.unlinked': Type.Object({ issuer: Type.String() }),
  'token.created': Type.Object({ token: Uuid, name: Committed, scopes: Type.Array(Type.String()), expires: Instant }),
  'sign_in_policy.changed': Type.Object({ secondFactor: Type.String(), was: Type.String() }),
  'site.set_up': Type.Object({ unit: Uuid }),
  'unit.created': Type.Object({ name: Type.String(), code: Type.String(), parent: Nullable(Uuid) }),
  /** as it is now, and as it was */
  'unit.changed': Type.Object({
    name: Type.String(),
    code: Type.String(),
    parent: Nullable(Uuid),
    was: Type.Object({ name: Type.String(), code: Type.String(), parent: Nullable(Uuid) }),
  }),
  'unit.closed': Type.Object({ reason: Committed }),
  'unit.reopened': Type.Object({ reason: Committed }),
  'dock.created': Type.Object({ name: Type.String(), unit: Uuid }),
  'dock.enrolled': Type.Object({ publicKey: Type.String() }),
  'dock.revoked': Type.Object({ reason: Type.String() }),
  'dock.changed': Type.Object({
    name: Type.String(),
    unit: Uuid,
    was: Type.Object({ name: Type.String(), unit: Uuid }),
  }),
  /** a new one-time code; the one before is void */
  'dock.code_renewed': Type.Object({ expires: Instant }),
  /** `unregistered`: a dock reported it first; `in_use`: somebody wrote it into the register */
  'device.registered': Type.Object({
    serial: Type.String(),
    kind: Type.String(),
    unit: Uuid,
    state: Type.String(),
    name: Type.Optional(Type.String()),
    model: Type.Optional(Nullable(Type.String())),
    holder: Type.Optional(Nullable(DeviceHolder)),
    clockNote: Type.Optional(Nullable(Committed)),
  }),
  /** as it is now, and what of it was different */
  'device.changed': Type.Object({
    ...DeviceFacts,
    revision: Type.Integer(),
    was: Type.Object({
      serial: Type.Optional(Type.String()),
      kind: Type.Optional(Type.String()),
      name: Type.Optional(Type.String()),
      model: Type.Optional(Nullable(Type.String())),
      unit: Type.Optional(Uuid),
      holder: Type.Optional(Nullable(DeviceHolder)),
      clockNote: Type.Optional(Nullable(Committed)),
    }),
  }),
  'device.state_changed': Type.Object({
    revision: Type.Integer(),
    unit: Uuid,
    state: Type.String(),
    was: Type.String(),
    reason: Committed,
  }),
  'alarm.raised': Type.Object({ kind: Type.String(), about: Nullable(Subject) }),
  'alarm.acknowledged': Type.Object({ note: Committed }),
  /** what an item is kept under changed: more was asked for, never less; `until` null = for ever */
  'retention.assigned': Type.Object({
    class: Type.String(),
    previous: Type.String(),
    until: Nullable(Instant),
    /** the matter, the person's own reason, or the change of rules behind it */
    because: Type.Union([
      Type.Object({ matter: Uuid }),
      Type.Object({ reason: Committed }),
      Type.Object({ rule: Type.Enum(['class_changed', 'matter_changed']) }),
    ]),
  }),
  /** the vault was told, and says so itself */
  'retention.extended': Type.Object({ from: Nullable(Instant), to: Instant, copies: Type.Array(LockedCopy) }),
  'hold.set': Type.Object({ hold: Uuid, reason: Committed }),
  'hold.released': Type.Object({ hold: Uuid, reason: Committed }),
  /** the vault was told to hold or to let go, and says so itself */
  'hold.applied': Type.Object({ on: Type.Boolean(), copies: Type.Array(LockedCopy) }),
  'copy.stored': Type.Object({ copy: StoredCopy }),
  'copy.damaged': Type.Object({ vault: Type.String(), version: Type.String(), detail: Type.String() }),
  'copy.repaired': Type.Object({
    copy: StoredCopy,
    /** the vault whose copy was good */
    from: Type.String(),
    /** the version that is read no longer; null where there was none */
    replaced: Nullable(Type.String()),
  }),
  /** the leaves of the part tree beside a copy were lost or changed, and were computed anew from the copy */
  'copy.leaves_restored': Type.Object({
    vault: Type.String(),
    version: Type.String(),
    /** the version that is read no longer; null where there was none */
    replaced: Nullable(Type.String()),
    root: Sha256Hex,
  }),
  'disposition.requested': Type.Object({ disposition: Uuid, reason: Committed, rule: Type.String() }),
  'disposition.withdrawn': Type.Object({ disposition: Uuid }),
  'disposition.decided': Type.Object({
    disposition: Uuid,
    approved: Type.Boolean(),
    reason: Committed,
    rule: Type.String(),
  }),
  'disposition.refused': Type.Object({ disposition: Uuid, code: Type.String() }),
  /** the tombstone: what is gone, by whose request and decision */
  'evidence.disposed': Type.Object({
    disposition: Uuid,
    requestedBy: Uuid,
    decidedBy: Uuid,
    size: Bytes,
    sha256: Sha256Hex,
    sm3: Sm3Hex,
    tree: Type.Object({ leafSize: Type.Integer(), root: Sha256Hex }),
    /** objects deleted, over all vaults */
    objects: Type.Integer(),
  }),
  'matter.created': Type.Object(MatterFacts),
  'matter.changed': Type.Object(MatterFacts),
  'matter.retired': Type.Object({ unit: Uuid }),
  'retention_class.saved': Type.Object({
    term: Type.String(),
    previous: Nullable(Type.String()),
    retired: Type.Boolean(),
  }),
  'retention_default.saved': Type.Object({ kind: Type.String(), previous: Type.String() }),
  /** what is said about an item from now on; the whole of it, so that any version can be read from its own entry */
  'evidence.described': Type.Object({
    version: Type.Integer(),
    title: Nullable(Committed),
    place: Nullable(Committed),
    tags: Type.Array(Committed),
    case: Nullable(Type.Object({ id: Uuid, number: Committed })),
    matter: Nullable(Uuid),
    note: Nullable(Committed),
    rule: Type.String(),
  }),
  'case.opened': Type.Object({
    unit: Uuid,
    number: Committed,
    title: Committed,
    subject: Nullable(Committed),
    officers: Type.Array(Uuid),
    kind: Type.Optional(Type.String()),
    matter: Type.Optional(Nullable(Uuid)),
  }),
  'case.changed': Type.Object({
    unit: Uuid,
    revision: Type.Integer(),
    title: Committed,
    subject: Nullable(Committed),
    officers: Type.Array(Uuid),
    state: Type.Enum(['open', 'closed']),
    kind: Type.Optional(Type.String()),
    matter: Type.Optional(Nullable(Uuid)),
    /** why the state changed */
    reason: Type.Optional(Nullable(Committed)),
  }),
  /** somebody was put on the case, or their period was changed; ends that are null are open */
  'case.officer_assigned': Type.Object({
    unit: Uuid,
    revision: Type.Integer(),
    officer: Uuid,
    name: Committed,
    from: Nullable(Instant),
    until: Nullable(Instant),
  }),
  'case.officer_released': Type.Object({ unit: Uuid, revision: Type.Integer(), officer: Uuid, name: Committed }),
  /** a page of the register was shown; `last`: number of the oldest event on it, null when it was empty */
  'register.read': Type.Object({ filter: RegisterFilter, lines: Type.Integer(), last: Nullable(Type.Integer()) }),
  /** an export of the register was begun, over the events up to `upTo` */
  'register.exported': Type.Object({
    filter: RegisterFilter,
    format: Type.Enum(['csv', 'xlsx']),
    upTo: Type.Integer(),
  }),
  /** an audit report about the subject was begun, over the events up to `upTo` */
  'report.made': Type.Object({
    format: Type.Enum(['csv', 'pdf']),
    from: Nullable(Instant),
    to: Nullable(Instant),
    upTo: Type.Integer(),
  }),
  /** somebody looked up who could open the item */
  'audience.read': Type.Object({}),
  /** a request for access as it was submitted; an urgent one too, which is open by then */
  'request.submitted': Type.Object({
    number: Type.Integer(),
    kind: Type.Enum(['ordinary', 'urgent']),
    purpose: Type.String(),
    basis: Committed,
    caseNumber: Nullable(Committed),
    operations: Type.Array(Type.String()),
    items: Type.Array(Uuid),
    /** the case whose recordings were asked for, and how many of them were not, by why; absent or null: items were named */
    case: Type.Optional(
      Nullable(
        Type.Object({
          id: Uuid,
          left: Nullable(
            Type.Object({
              outside: Type.Integer(),
              disposed: Type.Integer(),
              denied: Type.Integer(),
              beyond: Type.Integer(),
            }),
          ),
        }),
      ),
    ),
    window: Type.Object({ from: Instant, until: Instant }),
    uses: Type.Integer(),
    applicant: Nullable(
      Type.Object({
        kind: Type.String(),
        organisation: Nullable(Committed),
        person: Committed,
        letterNumber: Nullable(Committed),
      }),
    ),
    /** sealed scans */
    attachments: Type.Array(Type.Object({ kind: Type.String(), evidence: Uuid })),
    needed: Type.Array(Type.String()),
    /** rows of this version of the matrix that ask for the decisions */
    rules: Type.Array(Type.String()),
    matrix: Type.Integer(),
    /** urgent: who is to confirm */
    approver: Nullable(Uuid),
  }),
  'request.decided': Type.Object({
    decision: Uuid,
    role: Type.String(),
    verdict: Type.Enum(['approved', 'refused']),
    reason: Nullable(Committed),
    holdAcknowledged: Type.Boolean(),
    /** decisions still open after this one */
    open: Type.Array(Type.String()),
  }),
  'request.decision_voided': Type.Object({ decision: Uuid, by: Uuid, role: Type.String(), reason: Type.String() }),
  'request.withdrawn': Type.Object({}),
  'request.escalated': Type.Object({ unit: Nullable(Uuid), open: Type.Array(Type.String()) }),
  'request.expired': Type.Object({ open: Type.Array(Type.String()) }),
  /** a scan that came with a request is shown: committed before its first byte, once for each session; the subject is the scan */
  'request.attachment_read': Type.Object({
    request: Uuid,
    kind: Type.String(),
    session: Uuid,
    rule: Type.String(),
    sha256: Sha256Hex,
    size: Bytes,
  }),
  /** an urgent request that nobody confirmed in time */
  'request.violated': Type.Object({ approver: Uuid, confirmBy: Instant }),
  'grant.given': Type.Object({
    request: Uuid,
    to: Uuid,
    name: Committed,
    operations: Type.Array(Type.String()),
    items: Type.Array(Uuid),
    from: Instant,
    until: Instant,
    uses: Type.Integer(),
    urgent: Type.Boolean(),
    rules: Type.Array(Type.String()),
    matrix: Type.Integer(),
    approvals: Type.Array(Type.Object({ role: Type.String(), by: Uuid })),
  }),
  'grant.revoked': Type.Object({
    request: Uuid,
    cause: Type.Enum(['approver', 'holder', 'denied', 'violation']),
    reason: Committed,
  }),
  'grant.expired': Type.Object({ request: Uuid }),
  'policy.changed': Type.Object({
    version: Type.Integer(),
    sha256: Sha256Hex,
    rows: Type.Integer(),
    reason: Committed,
    added: Type.Array(Type.String()),
    removed: Type.Array(Type.String()),
    changed: Type.Array(Type.String()),
    reordered: Type.Boolean(),
  }),
  'webhook.created': Type.Object({ name: Committed, url: Type.String(), kinds: Type.Array(Type.String()) }),
  'webhook.changed': Type.Object({ name: Committed, kinds: Type.Array(Type.String()), disabled: Type.Boolean() }),
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
