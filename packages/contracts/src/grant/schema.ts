import { type Static, Type } from 'typebox';
import { Page, pageQuery } from '../http/page.ts';
import { IdParams, Instant, Line, Nullable, Uuid } from '../http/primitives.ts';
import { defineRoute } from '../http/route.ts';
import { Operation, Purpose } from '../policy/schema.ts';

/**
 * `live`: usable now. `waiting`: approved, its time has not come. `expired`: its time is over. `revoked`: taken back.
 * Whether uses are left is said item by item.
 */
export const grantStates = ['waiting', 'live', 'expired', 'revoked'] as const;
export const GrantState = Type.Enum([...grantStates]);

/** A permission that an approval gave: what, to whom, which operations, from when until when, how many times. */
export const Grant = Type.Object({
  id: Uuid,
  /** the request it was given for: 授权依据 */
  request: Uuid,
  to: Type.Object({ id: Uuid, name: Type.String() }),
  operations: Type.Array(Operation),
  items: Type.Array(
    Type.Object({
      evidence: Uuid,
      /** in the holder's own list; null elsewhere: the request says what its reader may know */
      name: Nullable(Type.String()),
      /** each play, download or package uses one; null: as often as wanted */
      usesLeft: Nullable(Type.Integer({ minimum: 0 })),
    }),
  ),
  from: Instant,
  until: Instant,
  state: GrantState,
  /** given before anybody approved (紧急调阅) */
  urgent: Type.Boolean(),
  revoked: Nullable(
    Type.Object({ at: Instant, by: Nullable(Type.Object({ id: Uuid, name: Type.String() })), reason: Type.String() }),
  ),
});
export type Grant = Static<typeof Grant>;

const viewers = { who: 'person', roles: ['officer', 'supervisor', 'legal', 'bureau_head', 'archivist'] } as const;

const readers = {
  who: 'person',
  roles: ['officer', 'supervisor', 'legal', 'bureau_head', 'archivist', 'auditor'],
} as const;

/**
 * `mine`: what the caller holds. `given`: what the caller's approval gave, by when it was given. `units`: what opens recordings of the units
 * over which the caller is supervisor, legal, bureau head, archivist or auditor.
 */
export const grantViews = ['mine', 'given', 'units'] as const;
/** In these roles a person sees the grants that open recordings of their units. */
export const grantOverseers = ['supervisor', 'legal', 'bureau_head', 'archivist', 'auditor'] as const;

/** A row of a list of grants. */
export const ListedGrant = Type.Object({
  ...Grant.properties,
  /** 调阅编号 of its request */
  number: Type.Integer(),
  purpose: Purpose,
  /** what the reader may do with it now */
  may: Type.Object({ revoke: Type.Boolean(), readRequest: Type.Boolean() }),
});
export type ListedGrant = Static<typeof ListedGrant>;

export const listGrants = defineRoute({
  method: 'GET',
  path: '/api/grants',
  summary: 'Grants the caller holds, gave, or oversees; newest first',
  tag: 'grant',
  rule: readers,
  query: Type.Object(
    {
      ...pageQuery,
      /** `mine` unless said */
      view: Type.Optional(Type.Enum([...grantViews])),
      state: Type.Optional(GrantState),
      evidence: Type.Optional(Uuid),
    },
    { additionalProperties: false },
  ),
  reply: Page(ListedGrant),
  problems: ['cursor_invalid'],
});

export const getGrant = defineRoute({
  method: 'GET',
  path: '/api/grants/:id',
  summary: 'One grant, for whoever may see its request or oversees the recordings it opens',
  tag: 'grant',
  rule: readers,
  params: IdParams,
  reply: Grant,
  problems: ['not_found'],
});

export const revokeGrant = defineRoute({
  method: 'POST',
  path: '/api/grants/:id/revocation',
  summary: 'Take a grant back at once, also in the middle of a play; its holder may give it back',
  tag: 'grant',
  rule: viewers,
  params: IdParams,
  body: Type.Object({ reason: Line(500) }, { additionalProperties: false }),
  reply: Grant,
  problems: ['not_found', 'denied', 'grant_over', 'not_recorded'],
});
