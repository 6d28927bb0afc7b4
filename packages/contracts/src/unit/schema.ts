import { type Static, Type } from 'typebox';
import { IdParams, Instant, Line, Nullable, Uuid } from '../http/primitives.ts';
import { defineRoute } from '../http/route.ts';

export const Unit = Type.Object({
  id: Uuid,
  parent: Nullable(Uuid),
  name: Type.String(),
  code: Type.String(),
  /** takes no new people, roles, docks or devices; what it has recorded stays */
  closedAt: Nullable(Instant),
});
export type Unit = Static<typeof Unit>;

export const listUnits = defineRoute({
  method: 'GET',
  path: '/api/units',
  summary: 'Units the reader can see, parents before children',
  tag: 'unit',
  rule: { who: 'person', roles: [] },
  reply: Type.Object({ items: Type.Array(Unit) }),
});

/** Units are kept by system administrators, each for the subtree of the units in which they hold that role. */
const managers = { who: 'person', roles: ['system_admin'] } as const;

export const createUnit = defineRoute({
  method: 'POST',
  path: '/api/units',
  summary: 'Create a unit below another',
  tag: 'unit',
  rule: managers,
  body: Type.Object({ parent: Uuid, name: Line(100), code: Line(32) }, { additionalProperties: false }),
  reply: Unit,
  status: 201,
  problems: ['unit_unknown', 'unit_closed', 'unit_code_taken', 'tree_too_deep'],
});

/**
 * `parent` moves the unit with everything below it: who reaches it through roles further up changes at the next request. Only below a
 * unit that the administrator reaches, and never below itself.
 */
export const changeUnit = defineRoute({
  method: 'PATCH',
  path: '/api/units/:id',
  summary: 'Rename, renumber or move a unit',
  tag: 'unit',
  rule: managers,
  params: IdParams,
  body: Type.Object(
    { name: Type.Optional(Line(100)), code: Type.Optional(Line(32)), parent: Type.Optional(Uuid) },
    { additionalProperties: false, minProperties: 1 },
  ),
  reply: Unit,
  problems: [
    'not_found',
    'unit_unknown',
    'unit_closed',
    'unit_code_taken',
    'unit_below_itself',
    'own_unit',
    'tree_too_deep',
  ],
});

/** `unit_in_use` says in `inUse` what is still there: `{units, accounts, docks, devices}`. */
export const closeUnit = defineRoute({
  method: 'POST',
  path: '/api/units/:id/closure',
  summary: 'Close a unit that nobody and nothing belongs to any more',
  tag: 'unit',
  rule: managers,
  params: IdParams,
  body: Type.Object({ reason: Line(500) }, { additionalProperties: false }),
  reply: Unit,
  problems: ['not_found', 'unit_in_use', 'unit_closed', 'own_unit'],
});

export const reopenUnit = defineRoute({
  method: 'POST',
  path: '/api/units/:id/reopening',
  summary: 'Open a closed unit again',
  tag: 'unit',
  rule: managers,
  params: IdParams,
  body: Type.Object({ reason: Line(500) }, { additionalProperties: false }),
  reply: Unit,
  problems: ['not_found', 'unit_not_closed', 'unit_closed'],
});

/** Somebody who could handle a case of the unit or carry one of its devices. */
export const Colleague = Type.Object({
  id: Uuid,
  name: Type.String(),
  officerNumber: Nullable(Type.String()),
  unit: Type.Object({ id: Uuid, name: Type.String() }),
});
export type Colleague = Static<typeof Colleague>;

export const listColleagues = defineRoute({
  method: 'GET',
  path: '/api/units/:id/colleagues',
  summary: 'People in use whose roles reach the unit and can open footage, by name, at most 20: to choose from',
  tag: 'unit',
  rule: { who: 'person', roles: ['officer', 'supervisor', 'legal', 'archivist', 'system_admin'] },
  params: IdParams,
  query: Type.Object(
    {
      /** part of the name or the officer number */
      q: Type.Optional(Line(64)),
    },
    { additionalProperties: false },
  ),
  reply: Type.Object({ items: Type.Array(Colleague) }),
  rate: 'search',
  problems: ['not_found'],
});
