import { type Static, Type } from 'typebox';
import { findingsField } from '../finding/finding.ts';
import { Page, pageQuery } from '../http/page.ts';
import { Bytes, IdParams, Instant, Line, Nullable, Uuid } from '../http/primitives.ts';
import { defineRoute, type RouteRule } from '../http/route.ts';
import { MediaKind } from '../offload/schema.ts';
import { Disposition } from './disposition.ts';
import { ClassCode } from './terms.ts';

/** How one item is kept: for how long, under which holds, in which copies. */

/** A legal hold (冻结): while one stands, nothing of the item is deleted, whatever its term. An item may be under several. */
export const Hold = Type.Object({
  id: Uuid,
  evidence: Uuid,
  reason: Type.String(),
  setBy: Type.String(),
  setAt: Instant,
  released: Nullable(Type.Object({ by: Type.String(), at: Instant, reason: Type.String() })),
});
export type Hold = Static<typeof Hold>;

export const vaultNames = ['primary', 'replica'] as const;
export const VaultName = Type.Enum([...vaultNames]);
export type VaultName = Static<typeof VaultName>;

/**
 * - `pending`: is being made
 * - `ready`: read back whole with the sealed digests, and locked
 * - `failed`: could not be made; it is tried again, ever more slowly
 * - `damaged`: was found not to be what was sealed, or gone; `fengcun-vault repair` makes a new one from a good copy
 * - `removed`: deleted by an approved disposition
 */
export const vaultCopyStates = ['pending', 'ready', 'failed', 'damaged', 'removed'] as const;
export const VaultCopyState = Type.Enum([...vaultCopyStates]);
export type VaultCopyState = Static<typeof VaultCopyState>;

/** One stored copy of the original: the version that is read from that vault now. */
export const VaultCopy = Type.Object({
  vault: VaultName,
  state: VaultCopyState,
  driver: Type.String(),
  /** null while there is none */
  version: Nullable(Type.String()),
  /** 0: as sealed; each repair makes the next */
  generation: Type.Integer({ minimum: 0 }),
  /** when its bytes were last read whole and compared; null: never since it was made */
  checkedAt: Nullable(Instant),
  /** a sentence, for `failed` and `damaged` */
  detail: Nullable(Type.String()),
  ...findingsField,
});
export type VaultCopy = Static<typeof VaultCopy>;

/** What is left when an item was disposed of: the content is gone, its digests and history stay for ever. */
export const Tombstone = Type.Object({
  disposition: Uuid,
  disposedAt: Instant,
  requestedBy: Type.String(),
  decidedBy: Type.String(),
  /** objects deleted, over all vaults */
  objects: Type.Integer(),
});
export type Tombstone = Static<typeof Tombstone>;

const Permission = Type.Object({ allowed: Type.Boolean(), rule: Type.String() });

export const ItemRetention = Type.Object({
  evidence: Uuid,
  class: Type.Object({ code: ClassCode, name: Type.String() }),
  /** the matter that gave it this class, where one did */
  matter: Nullable(Type.Object({ id: Uuid, title: Type.String() })),
  /** what the term counts from */
  from: Instant,
  /** the last day it must be kept; null: for ever */
  until: Nullable(Instant),
  /** as read back from the vault when it was last applied; a permanent lock is renewed long before this date */
  lockedUntil: Nullable(Instant),
  /** `pending`: term or hold were changed and the vault has not confirmed it yet; `detail` says why when that takes long */
  lock: Type.Object({ state: Type.Enum(['applied', 'pending']), detail: Nullable(Type.String()), ...findingsField }),
  /** whether any hold stands */
  held: Type.Boolean(),
  /** newest first, released ones too */
  holds: Type.Array(Hold),
  copies: Type.Array(VaultCopy),
  /** the disposition under way, or the last one */
  disposition: Nullable(Disposition),
  tombstone: Nullable(Tombstone),
  /** what the reader may do now */
  actions: Type.Object({ assign: Permission, hold: Permission, dispose: Permission }),
});
export type ItemRetention = Static<typeof ItemRetention>;

const archivists = { who: 'person', roles: ['archivist'] } as const satisfies RouteRule;
const holders = { who: 'person', roles: ['archivist', 'legal'] } as const satisfies RouteRule;

export const getItemRetention = defineRoute({
  method: 'GET',
  path: '/api/evidence/:id/retention',
  summary: 'Term, holds, copies and disposition of one item',
  tag: 'retention',
  rule: { who: 'person', roles: [] },
  params: IdParams,
  reply: ItemRetention,
  problems: ['not_found'],
});

export const assignItemRetention = defineRoute({
  method: 'POST',
  path: '/api/evidence/:id/retention',
  summary: 'Keep an item longer than its matter and kind ask; never shorter',
  tag: 'retention',
  rule: archivists,
  params: IdParams,
  body: Type.Object({ class: ClassCode, reason: Line(500) }, { additionalProperties: false }),
  reply: ItemRetention,
  problems: ['not_found', 'denied', 'unknown_class', 'not_longer', 'being_disposed', 'not_recorded'],
});

export const setHold = defineRoute({
  method: 'POST',
  path: '/api/evidence/:id/holds',
  summary: 'Put an item under legal hold',
  tag: 'retention',
  rule: holders,
  params: IdParams,
  body: Type.Object({ reason: Line(500) }, { additionalProperties: false }),
  reply: Hold,
  status: 201,
  problems: ['not_found', 'denied', 'being_disposed', 'not_recorded'],
});

export const releaseHold = defineRoute({
  method: 'POST',
  path: '/api/holds/:id/release',
  summary: 'Lift a legal hold; the item stays held while another stands',
  tag: 'retention',
  rule: holders,
  params: IdParams,
  body: Type.Object({ reason: Line(500) }, { additionalProperties: false }),
  reply: Hold,
  problems: ['not_found', 'denied', 'already_released', 'not_recorded'],
});

/** An item as the lists of the keepers show it. */
export const KeptItem = Type.Object({
  id: Uuid,
  name: Type.String(),
  kind: MediaKind,
  size: Bytes,
  unit: Type.Object({ id: Uuid, name: Type.String() }),
  capturedAt: Instant,
  class: ClassCode,
  until: Nullable(Instant),
});
export type KeptItem = Static<typeof KeptItem>;

export const listDueItems = defineRoute({
  method: 'GET',
  path: '/api/retention/due',
  summary: 'Items whose term has run out and that are under no hold and in no disposition, longest overdue first',
  tag: 'retention',
  rule: { who: 'person', roles: ['archivist', 'legal', 'bureau_head', 'auditor'] },
  query: Type.Object({ ...pageQuery, unit: Type.Optional(Uuid) }, { additionalProperties: false }),
  reply: Page(KeptItem),
  problems: ['cursor_invalid'],
});

export const listHolds = defineRoute({
  method: 'GET',
  path: '/api/holds',
  summary: 'Legal holds over items the reader can see, newest first',
  tag: 'retention',
  rule: { who: 'person', roles: ['archivist', 'legal', 'bureau_head', 'auditor'] },
  query: Type.Object({ ...pageQuery, standing: Type.Optional(Type.Boolean()) }, { additionalProperties: false }),
  reply: Page(Type.Object({ ...Hold.properties, item: Type.Object({ name: Type.String(), unit: Type.String() }) })),
  problems: ['cursor_invalid'],
});
