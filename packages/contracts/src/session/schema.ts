import { type Static, Type } from 'typebox';
import { Instant, Line, Nullable, Uuid } from '../http/primitives.ts';
import { defineRoute, roles } from '../http/route.ts';

export const RoleHeld = Type.Object({ unit: Uuid, unitName: Type.String(), role: Type.Enum([...roles]) });

/**
 * What a sign-in still waits for, in this order. Until it is done the session opens nothing but `/api/session` and the routes for that step,
 * and ends after ten minutes:
 * `second_factor` -> `passSecondFactor`; `new_password` -> `changePassword`; `second_factor_enrolment` -> `beginSecondFactor`,
 * `confirmSecondFactor`.
 */
export const signInSteps = ['second_factor', 'new_password', 'second_factor_enrolment'] as const;
export type SignInStep = (typeof signInSteps)[number];

/** The signed-in person, as the console needs to know them. */
export const Me = Type.Object({
  id: Uuid,
  login: Type.String(),
  name: Type.String(),
  officerNumber: Nullable(Type.String()),
  unit: Type.Object({ id: Uuid, name: Type.String() }),
  roles: Type.Array(RoleHeld),
  expiresAt: Type.String({ format: 'date-time' }),
  /** null: signed in for good. Otherwise show that step in place of every page, then ask `whoAmI` again. */
  pending: Nullable(Type.Enum([...signInSteps])),
  secondFactor: Type.Object({
    enrolled: Type.Boolean(),
    /** by the site's policy, for this person's roles */
    required: Type.Boolean(),
    recoveryCodesLeft: Type.Integer(),
  }),
  /** false: signs in through the identity provider only */
  hasPassword: Type.Boolean(),
  /** how this session began; `oidc`: after `signOut`, send the browser to `endOidcSession` to sign out there too */
  via: Type.Enum(['password', 'oidc', 'token']),
});
export type Me = Static<typeof Me>;

/** Six digits of an authenticator (RFC 6238), or one of the recovery codes, with or without its hyphens. */
export const SecondFactorCode = Type.String({ minLength: 6, maxLength: 32, pattern: '^[0-9A-Za-z -]+$' });

/** `code`: for programs that know it, so that one request is enough; the console asks for it in a second step. */
export const Credentials = Type.Object(
  {
    login: Line(64),
    password: Type.String({ minLength: 1, maxLength: 256 }),
    code: Type.Optional(SecondFactorCode),
  },
  { additionalProperties: false },
);

/** Sets the session cookie. The reply's `pending` says whether a further step follows. */
export const signIn = defineRoute({
  method: 'POST',
  path: '/api/session',
  summary: 'Sign in; sets the session cookie',
  tag: 'session',
  rule: { who: 'public' },
  body: Credentials,
  reply: Me,
  status: 201,
  problems: ['wrong_credentials', 'wrong_code', 'code_used', 'locked_out', 'second_factor_unreadable'],
  rate: 'sign_in',
});

export const whoAmI = defineRoute({
  method: 'GET',
  path: '/api/session',
  summary: 'The signed-in person',
  tag: 'session',
  rule: { who: 'person', roles: [], pending: true, askedByStrangers: true },
  reply: Me,
});

export const signOut = defineRoute({
  method: 'DELETE',
  path: '/api/session',
  summary: 'Sign out',
  tag: 'session',
  rule: { who: 'person', roles: [], scope: 'session', pending: true },
});

/** The second step of a sign-in. The session gets a new token (cookie). `code_used`: wait for the next one. */
export const passSecondFactor = defineRoute({
  method: 'POST',
  path: '/api/session/second-factor',
  summary: 'Give the second factor of a sign-in',
  tag: 'session',
  rule: { who: 'person', roles: [], scope: 'session', pending: true },
  body: Type.Object({ code: SecondFactorCode }, { additionalProperties: false }),
  reply: Me,
  problems: ['wrong_code', 'code_used', 'locked_out', 'nothing_pending', 'second_factor_unreadable'],
  rate: 'sign_in',
});

/**
 * Where the browser goes (a link, not fetch) to sign in at the identity provider. `return`: path within the console to come back to. What
 * fails comes back as `/?signInProblem=<code>`: `oidc_unavailable`, `oidc_refused`, `oidc_unknown_person`, `oidc_expired`.
 */
export const beginOidcSession = defineRoute({
  method: 'GET',
  path: '/api/session/oidc',
  summary: 'Sign in at the identity provider (redirects)',
  tag: 'session',
  rule: { who: 'public' },
  query: Type.Object(
    { return: Type.Optional(Type.String({ pattern: '^/(?![/\\\\])[^\\u0000-\\u001f\\\\]*$', maxLength: 1000 })) },
    { additionalProperties: false },
  ),
  status: 302,
  problems: ['oidc_not_configured', 'oidc_unavailable'],
  rate: 'sign_in',
});

/** Where the identity provider sends the browser back to (OpenID Connect Core, 3.1.2.5). */
export const completeOidcSession = defineRoute({
  method: 'GET',
  path: '/api/session/oidc/callback',
  summary: 'Return from the identity provider (redirects)',
  tag: 'session',
  rule: { who: 'public' },
  query: Type.Object(
    {
      code: Type.Optional(Type.String({ maxLength: 4096 })),
      state: Type.Optional(Type.String({ maxLength: 512 })),
      iss: Type.Optional(Type.String({ maxLength: 512 })),
      error: Type.Optional(Type.String({ maxLength: 512 })),
    },
    // Providers add parameters of their own (session_state, scope, ...).
    { additionalProperties: true },
  ),
  status: 302,
  problems: ['oidc_not_configured'],
  rate: 'sign_in',
});

/** Where the browser goes after `signOut` to end the session at the identity provider too. */
export const endOidcSession = defineRoute({
  method: 'GET',
  path: '/api/session/oidc/end',
  summary: 'Sign out at the identity provider (redirects)',
  tag: 'session',
  rule: { who: 'public' },
  status: 302,
  problems: ['oidc_not_configured', 'oidc_unavailable'],
});

/** Who has to have a second factor. `approvers`: supervisor, legal, bureau_head, archivist, security_admin. */
export const SignInPolicy = Type.Object({
  secondFactor: Type.Enum(['off', 'approvers', 'everyone']),
  changedAt: Nullable(Instant),
});
export type SignInPolicy = Static<typeof SignInPolicy>;

export const getSignInPolicy = defineRoute({
  method: 'GET',
  path: '/api/sign-in-policy',
  summary: 'Who has to have a second factor',
  tag: 'account',
  rule: { who: 'person', roles: ['security_admin', 'auditor'] },
  reply: SignInPolicy,
});

export const changeSignInPolicy = defineRoute({
  method: 'PUT',
  path: '/api/sign-in-policy',
  summary: 'Say who has to have a second factor; holds for live sessions at once',
  tag: 'account',
  rule: { who: 'person', roles: ['security_admin'], scope: 'session' },
  body: Type.Object({ secondFactor: Type.Enum(['off', 'approvers', 'everyone']) }, { additionalProperties: false }),
  reply: SignInPolicy,
  problems: ['whole_site_only'],
});
