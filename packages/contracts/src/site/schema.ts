import { type Static, Type } from 'typebox';
import { Bytes, Instant, Nullable } from '../http/primitives.ts';
import { defineRoute } from '../http/route.ts';

/** What anybody may know about this site before signing in. */
export const Site = Type.Object({
  id: Type.String(),
  name: Type.String(),
  version: Type.String(),
  /** IANA name; all dates on pages are shown in it */
  timeZone: Type.String(),
  /** tus endpoint */
  uploads: Type.String(),
  maxUploadSize: Bytes,
  protection: Type.Enum(['enforced', 'advisory']),
  logOrigin: Type.String(),
  /** what the sign-in page offers */
  signIn: Type.Object({
    /** nobody is here yet: show the set-up page (`setUp`) instead */
    setUp: Type.Boolean(),
    /** a button with this label leading to `/api/session/oidc?return=<path>` */
    oidc: Nullable(Type.Object({ label: Type.String() })),
  }),
});
export type Site = Static<typeof Site>;

export const getSite = defineRoute({
  method: 'GET',
  path: '/api/site',
  summary: 'Name, time zone and limits of this site',
  tag: 'site',
  rule: { who: 'public' },
  reply: Site,
});

/** What the work desk shows. Counts are limited to what the reader can see. */
export const Overview = Type.Object({
  evidence: Type.Object({
    sealed: Type.Integer(),
    quarantined: Type.Integer(),
    bytes: Bytes,
    sealedToday: Type.Integer(),
  }),
  uploads: Type.Object({ receiving: Type.Integer(), sealing: Type.Integer() }),
  alarms: Type.Object({ open: Type.Integer() }),
  ledger: Type.Object({
    size: Type.Integer(),
    root: Nullable(Type.String()),
    signedAt: Nullable(Instant),
    pending: Type.Integer(),
  }),
});
export type Overview = Static<typeof Overview>;

export const getOverview = defineRoute({
  method: 'GET',
  path: '/api/overview',
  summary: 'The work desk in numbers',
  tag: 'site',
  rule: { who: 'person', roles: [] },
  reply: Overview,
});
