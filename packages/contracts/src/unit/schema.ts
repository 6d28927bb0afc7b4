import { type Static, Type } from 'typebox';
import { Nullable, Uuid } from '../http/primitives.ts';
import { defineRoute } from '../http/route.ts';

export const Unit = Type.Object({ id: Uuid, parent: Nullable(Uuid), name: Type.String(), code: Type.String() });
export type Unit = Static<typeof Unit>;

export const listUnits = defineRoute({
  method: 'GET',
  path: '/api/units',
  summary: 'Units the reader can see, parents before children',
  tag: 'unit',
  rule: { who: 'person', roles: [] },
  reply: Type.Object({ items: Type.Array(Unit) }),
});
