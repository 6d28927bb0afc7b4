import { type Static, Type } from 'typebox';
import { IdParams, Instant, Line, Nullable, Uuid } from '../http/primitives.ts';
import { defineRoute } from '../http/route.ts';

export const dockStates = ['awaiting_enrolment', 'enrolled', 'revoked'] as const;

export const Dock = Type.Object({
  id: Uuid,
  name: Type.String(),
  unit: Type.Object({ id: Uuid, name: Type.String() }),
  state: Type.Enum([...dockStates]),
  /** end of the one-time code that waits to be used; null: there is none */
  codeExpiresAt: Nullable(Instant),
  createdAt: Instant,
  enrolledAt: Nullable(Instant),
  revokedAt: Nullable(Instant),
  lastSeenAt: Nullable(Instant),
});
export type Dock = Static<typeof Dock>;

export const listDocks = defineRoute({
  method: 'GET',
  path: '/api/docks',
  summary: 'Docks of the units the reader can see',
  tag: 'dock',
  rule: { who: 'person', roles: [] },
  reply: Type.Object({ items: Type.Array(Dock) }),
});

export const createDock = defineRoute({
  method: 'POST',
  path: '/api/docks',
  summary: 'Create a dock and get its one-time enrolment code (shown once)',
  tag: 'dock',
  rule: { who: 'person', roles: ['security_admin'] },
  body: Type.Object({ name: Line(100), unit: Uuid }, { additionalProperties: false }),
  reply: Type.Object({ dock: Dock, code: Type.String(), codeExpiresAt: Instant }),
  status: 201,
  problems: ['unit_unknown'],
});

export const changeDock = defineRoute({
  method: 'PATCH',
  path: '/api/docks/:id',
  summary: 'Give a dock another name, or to another unit: what it hands over from then on belongs there',
  tag: 'dock',
  rule: { who: 'person', roles: ['security_admin'] },
  params: IdParams,
  body: Type.Object(
    { name: Type.Optional(Line(100)), unit: Type.Optional(Uuid) },
    { additionalProperties: false, minProperties: 1 },
  ),
  reply: Dock,
  problems: ['not_found', 'unit_unknown', 'already_revoked'],
});

export const renewDockCode = defineRoute({
  method: 'POST',
  path: '/api/docks/:id/code',
  summary: 'A new one-time code for a dock that was not enrolled yet (shown once); the one before is void',
  tag: 'dock',
  rule: { who: 'person', roles: ['security_admin'] },
  params: IdParams,
  reply: Type.Object({ dock: Dock, code: Type.String(), codeExpiresAt: Instant }),
  status: 201,
  problems: ['not_found', 'already_enrolled', 'already_revoked'],
});

/** `publicKey` is the raw 32-byte Ed25519 key, base64url: the `x` of its JWK (RFC 8037). */
export const enrolDock = defineRoute({
  method: 'POST',
  path: '/api/docks/enrolment',
  summary: 'Enrol a dock with its one-time code and its public key',
  tag: 'dock',
  rule: { who: 'public' },
  body: Type.Object(
    { code: Line(64), publicKey: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' }) },
    { additionalProperties: false },
  ),
  reply: Type.Object({
    dock: Dock,
    /** what the dock's tokens must name as `aud` */
    audience: Type.String(),
    /** vkeys (C2SP signed-note) of the log whose receipts this dock will get */
    logKeys: Type.Array(Type.String()),
  }),
  status: 201,
  problems: ['code_invalid', 'too_many_attempts'],
});

export const revokeDock = defineRoute({
  method: 'POST',
  path: '/api/docks/:id/revocation',
  summary: 'Revoke a dock: refused at its next request, cut off mid-upload',
  tag: 'dock',
  rule: { who: 'person', roles: ['security_admin'] },
  params: IdParams,
  body: Type.Object({ reason: Line(500) }, { additionalProperties: false }),
  reply: Dock,
  problems: ['not_found', 'already_revoked'],
});
