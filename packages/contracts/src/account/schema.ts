import { type Static, Type } from 'typebox';
import { Page, pageQuery } from '../http/page.ts';
import { IdParams, Instant, Line, Nullable, Uuid } from '../http/primitives.ts';
import { defineRoute, roles } from '../http/route.ts';
import { RoleHeld } from '../session/schema.ts';

/**
 * Accounts are kept by security administrators, each for the subtree of the units in which they hold that role; auditors of the subtree
 * may look. Nobody changes their own account here (`own_account`): what is left to oneself is under `/api/me`.
 */
export const Account = Type.Object({
  id: Uuid,
  login: Type.String(),
  name: Type.String(),
  officerNumber: Nullable(Type.String()),
  unit: Type.Object({ id: Uuid, name: Type.String() }),
  roles: Type.Array(RoleHeld),
  createdAt: Instant,
  /** end of the account's use, until it is enabled again */
  disabled: Nullable(Type.Object({ at: Instant, reason: Type.String() })),
  lastSignInAt: Nullable(Instant),
  /** sign-in is closed until then after too many failures */
  lockedUntil: Nullable(Instant),
  hasPassword: Type.Boolean(),
  /** signs in with a one-time password next */
  mustChangePassword: Type.Boolean(),
  secondFactor: Type.Object({ enrolled: Type.Boolean(), required: Type.Boolean() }),
  /** at the identity provider */
  identity: Nullable(Type.Object({ issuer: Type.String(), subject: Type.String(), linkedAt: Instant })),
  /** signed in somewhere at present */
  openSessions: Type.Integer(),
  /** live personal access tokens */
  tokens: Type.Integer(),
});
export type Account = Static<typeof Account>;

const managers = { who: 'person', roles: ['security_admin'], scope: 'session' } as const;
const readers = { who: 'person', roles: ['security_admin', 'auditor'] } as const;

/** No blanks and no look-alikes from other scripts: a login is compared letter by letter. Upper and lower case are the same. */
export const Login = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._@-]{1,63}$' });
const OfficerNumber = Type.String({ pattern: '^[A-Za-z0-9-]{1,32}$' });
const Reason = Line(500);

export const accountStates = ['active', 'disabled', 'locked'] as const;
export const secondFactorStates = ['enrolled', 'none'] as const;

export const listAccounts = defineRoute({
  method: 'GET',
  path: '/api/accounts',
  summary: 'Accounts of the units the reader keeps, by name',
  tag: 'account',
  rule: readers,
  query: Type.Object(
    {
      ...pageQuery,
      /** this unit and everything below it */
      unit: Type.Optional(Uuid),
      role: Type.Optional(Type.Enum([...roles])),
      /** `locked`: after too many failures, for now */
      state: Type.Optional(Type.Enum([...accountStates])),
      /** whether one is enrolled */
      secondFactor: Type.Optional(Type.Enum([...secondFactorStates])),
      /** part of the name, the login or the officer number */
      text: Type.Optional(Line(64)),
    },
    { additionalProperties: false },
  ),
  reply: Page(Account),
});

export const getAccount = defineRoute({
  method: 'GET',
  path: '/api/accounts/:id',
  summary: 'One account',
  tag: 'account',
  rule: readers,
  params: IdParams,
  reply: Account,
  problems: ['not_found'],
});

/** `oneTimePassword`: shown once, good for one sign-in within three days, which then asks for a new one. Null without `password`. */
export const AccountWithPassword = Type.Object({
  account: Account,
  oneTimePassword: Nullable(Type.String()),
  expiresAt: Nullable(Instant),
});

export const createAccount = defineRoute({
  method: 'POST',
  path: '/api/accounts',
  summary: 'Create an account, with a one-time password if it is to have one',
  tag: 'account',
  rule: managers,
  body: Type.Object(
    {
      login: Login,
      name: Line(64),
      officerNumber: Nullable(OfficerNumber),
      unit: Uuid,
      roles: Type.Array(Type.Object({ unit: Uuid, role: Type.Enum([...roles]) }, { additionalProperties: false }), {
        maxItems: 50,
      }),
      /** false: signs in through the identity provider only */
      password: Type.Boolean(),
    },
    { additionalProperties: false },
  ),
  reply: AccountWithPassword,
  status: 201,
  problems: ['unit_unknown', 'unit_closed', 'login_taken', 'officer_number_taken', 'two_administrators'],
});

/** Moving an account changes where it is kept, not which roles it holds where. */
export const changeAccount = defineRoute({
  method: 'PATCH',
  path: '/api/accounts/:id',
  summary: 'Rename or move an account',
  tag: 'account',
  rule: managers,
  params: IdParams,
  body: Type.Object(
    {
      login: Type.Optional(Login),
      name: Type.Optional(Line(64)),
      officerNumber: Type.Optional(Nullable(OfficerNumber)),
      unit: Type.Optional(Uuid),
    },
    { additionalProperties: false, minProperties: 1 },
  ),
  reply: Account,
  problems: ['not_found', 'own_account', 'unit_unknown', 'unit_closed', 'login_taken', 'officer_number_taken'],
});

export const disableAccount = defineRoute({
  method: 'POST',
  path: '/api/accounts/:id/disablement',
  summary: 'Disable an account: its sessions and tokens end at once',
  tag: 'account',
  rule: managers,
  params: IdParams,
  body: Type.Object({ reason: Reason }, { additionalProperties: false }),
  reply: Account,
  problems: ['not_found', 'own_account', 'already_disabled'],
});

export const enableAccount = defineRoute({
  method: 'POST',
  path: '/api/accounts/:id/enablement',
  summary: 'Enable a disabled account again',
  tag: 'account',
  rule: managers,
  params: IdParams,
  body: Type.Object({ reason: Reason }, { additionalProperties: false }),
  reply: Account,
  problems: ['not_found', 'own_account', 'not_disabled'],
});

export const giveRole = defineRoute({
  method: 'POST',
  path: '/api/accounts/:id/roles',
  summary: 'Give a role in a unit; holds at the next request',
  tag: 'account',
  rule: managers,
  params: IdParams,
  body: Type.Object({ unit: Uuid, role: Type.Enum([...roles]) }, { additionalProperties: false }),
  reply: Account,
  problems: ['not_found', 'own_account', 'unit_unknown', 'unit_closed', 'two_administrators', 'role_held'],
});

export const takeRole = defineRoute({
  method: 'DELETE',
  path: '/api/accounts/:id/roles/:unit/:role',
  summary: 'Take a role in a unit away; holds at the next request',
  tag: 'account',
  rule: managers,
  params: Type.Object({ id: Uuid, unit: Uuid, role: Type.Enum([...roles]) }),
  reply: Account,
  problems: ['not_found', 'own_account', 'role_not_held'],
});

/** Ends the account's sessions and tokens too: whoever had the old password is out. */
export const resetPassword = defineRoute({
  method: 'POST',
  path: '/api/accounts/:id/password-reset',
  summary: 'Replace an account’s password by a one-time one',
  tag: 'account',
  rule: managers,
  params: IdParams,
  body: Type.Object({ reason: Reason }, { additionalProperties: false }),
  reply: AccountWithPassword,
  problems: ['not_found', 'own_account'],
});

export const resetSecondFactor = defineRoute({
  method: 'POST',
  path: '/api/accounts/:id/second-factor-reset',
  summary: 'Remove an account’s second factor and recovery codes; the next sign-in enrols anew',
  tag: 'account',
  rule: managers,
  params: IdParams,
  body: Type.Object({ reason: Reason }, { additionalProperties: false }),
  reply: Account,
  problems: ['not_found', 'own_account', 'no_second_factor'],
});

/** `subject`: the provider’s `sub` of this person. */
export const linkIdentity = defineRoute({
  method: 'PUT',
  path: '/api/accounts/:id/identity',
  summary: 'Link an account to a person at the identity provider',
  tag: 'account',
  rule: managers,
  params: IdParams,
  body: Type.Object({ subject: Line(255) }, { additionalProperties: false }),
  reply: Account,
  problems: ['not_found', 'own_account', 'oidc_not_configured', 'identity_taken'],
});

export const unlinkIdentity = defineRoute({
  method: 'DELETE',
  path: '/api/accounts/:id/identity',
  summary: 'Undo the link to the identity provider',
  tag: 'account',
  rule: managers,
  params: IdParams,
  reply: Account,
  problems: ['not_found', 'own_account', 'not_linked'],
});

/** An open session or live token. */
export const OpenSession = Type.Object({
  id: Uuid,
  kind: Type.Enum(['browser', 'token']),
  /** a token's name */
  name: Nullable(Type.String()),
  via: Type.Enum(['password', 'oidc', 'token']),
  openedAt: Instant,
  /** to the minute */
  lastSeenAt: Instant,
  expiresAt: Instant,
  address: Type.String(),
  userAgent: Type.String(),
  /** the one that asks */
  current: Type.Boolean(),
});
export type OpenSession = Static<typeof OpenSession>;

export const listAccountSessions = defineRoute({
  method: 'GET',
  path: '/api/accounts/:id/sessions',
  summary: 'Where an account is signed in, and its live tokens',
  tag: 'account',
  rule: readers,
  params: IdParams,
  reply: Type.Object({ items: Type.Array(OpenSession) }),
  problems: ['not_found'],
});

export const revokeAccountSession = defineRoute({
  method: 'DELETE',
  path: '/api/accounts/:id/sessions/:session',
  summary: 'End somebody’s session or token',
  tag: 'account',
  rule: managers,
  params: Type.Object({ id: Uuid, session: Uuid }),
  problems: ['not_found'],
});
