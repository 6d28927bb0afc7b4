import { type Static, Type } from 'typebox';
import { Line, Nullable, Uuid } from '../http/primitives.ts';
import { defineRoute, roles } from '../http/route.ts';

export const RoleHeld = Type.Object({ unit: Uuid, unitName: Type.String(), role: Type.Enum([...roles]) });

/** The signed-in person, as the console needs to know them. */
export const Me = Type.Object({
  id: Uuid,
  login: Type.String(),
  name: Type.String(),
  officerNumber: Nullable(Type.String()),
  unit: Type.Object({ id: Uuid, name: Type.String() }),
  roles: Type.Array(RoleHeld),
  expiresAt: Type.String({ format: 'date-time' }),
});
export type Me = Static<typeof Me>;

export const Credentials = Type.Object(
  { login: Line(64), password: Type.String({ minLength: 1, maxLength: 256 }) },
  { additionalProperties: false },
);

export const signIn = defineRoute({
  method: 'POST',
  path: '/api/session',
  summary: 'Sign in; sets the session cookie',
  tag: 'session',
  rule: { who: 'public' },
  body: Credentials,
  reply: Me,
  status: 201,
  problems: ['wrong_credentials', 'locked_out'],
});

export const whoAmI = defineRoute({
  method: 'GET',
  path: '/api/session',
  summary: 'The signed-in person',
  tag: 'session',
  rule: { who: 'person', roles: [] },
  reply: Me,
});

export const signOut = defineRoute({
  method: 'DELETE',
  path: '/api/session',
  summary: 'Sign out',
  tag: 'session',
  rule: { who: 'person', roles: [] },
});
