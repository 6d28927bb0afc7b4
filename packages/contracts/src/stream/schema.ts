import { type Static, Type } from 'typebox';
import { IssuedCopyState } from '../copy/schema.ts';
import { Bytes, Nullable, Uuid } from '../http/primitives.ts';
import { defineRoute } from '../http/route.ts';
import { RedactionState } from '../redaction/schema.ts';
import { uploadStates } from '../upload/schema.ts';

/**
 * A change somebody with a page open wants to know about. Sent by PostgreSQL NOTIFY on `changeChannel`, filtered by unit, and
 * passed on as server-sent events whose `event:` is `kind`. A hint to fetch again, never the data of record.
 */
export const Change = Type.Union([
  Type.Object({
    kind: Type.Literal('upload'),
    id: Uuid,
    unit: Uuid,
    offload: Nullable(Uuid),
    name: Type.String(),
    state: Type.Enum([...uploadStates]),
    offset: Bytes,
    size: Nullable(Bytes),
  }),
  Type.Object({ kind: Type.Literal('evidence'), id: Uuid, unit: Uuid }),
  Type.Object({
    kind: Type.Literal('derivative'),
    id: Uuid,
    unit: Uuid,
    derivative: Type.String(),
    state: Type.String(),
  }),
  /** a redacted version of an item moved on; `percent` is its rendering's */
  Type.Object({
    kind: Type.Literal('redaction'),
    id: Uuid,
    evidence: Uuid,
    unit: Uuid,
    state: RedactionState,
    percent: Type.Integer(),
  }),
  Type.Object({ kind: Type.Literal('offload'), id: Uuid, unit: Uuid }),
  Type.Object({ kind: Type.Literal('alarm'), id: Uuid, unit: Nullable(Uuid) }),
  Type.Object({ kind: Type.Literal('checkpoint'), size: Type.Integer() }),
  /** The reader was told something: for the pages of that account. */
  Type.Object({ kind: Type.Literal('notification'), id: Uuid, account: Uuid }),
  /** A session of play has ended: told to the session that played, and to nobody else. `revoked`: the right to it was taken away. */
  Type.Object({
    kind: Type.Literal('play'),
    id: Uuid,
    session: Uuid,
    cause: Type.Enum(['viewer', 'expired', 'revoked']),
  }),
  /** A copy moved on: told to the pages of the account that asked for it. */
  Type.Object({
    kind: Type.Literal('issued_copy'),
    id: Uuid,
    evidence: Uuid,
    account: Uuid,
    state: IssuedCopyState,
    percent: Type.Integer(),
  }),
]);
export type Change = Static<typeof Change>;

/** LISTEN/NOTIFY channel that carries `Change` as JSON (< 8000 bytes). */
export const changeChannel = 'fengcun_change';
/** LISTEN/NOTIFY channel that wakes the outbox relay; no payload. */
export const outboxChannel = 'fengcun_outbox';
/** LISTEN/NOTIFY channel that tells upload servers to cut a revoked dock off; payload: dock id. */
export const revocationChannel = 'fengcun_revocation';

/** LISTEN/NOTIFY channel that tells whoever is handing something out that a grant was taken back; payload: grant id. */
export const grantRevokedChannel = 'fengcun_grant_revoked';

export const streamChanges = defineRoute({
  method: 'GET',
  path: '/api/stream',
  summary: 'Server-sent events: live progress of what the reader can see',
  tag: 'stream',
  rule: { who: 'person', roles: [] },
  media: 'text/event-stream',
});
