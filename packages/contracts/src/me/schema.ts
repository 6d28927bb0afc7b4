import { type Static, Type } from 'typebox';
import { OpenSession } from '../account/schema.ts';
import { IdParams, Instant, Line, Uuid } from '../http/primitives.ts';
import { defineRoute, tokenScopes } from '../http/route.ts';
import { SecondFactorCode } from '../session/schema.ts';

/** What everybody does for themselves, signed in by hand: no token can do any of it. */
const oneself = { who: 'person', roles: [], scope: 'session' } as const;
const whileSigningIn = { ...oneself, pending: true } as const;

/**
 * Rules for a password, for the form to show: at least 10 characters; either 16 or more, or three of the four kinds (small letters, capitals,
 * digits, others); neither login nor name in it; not among those that everybody tries. `password_weak` lists in `reasons` what is wrong:
 * `too_short`, `too_plain`, `personal`, `common`, `unchanged`.
 */
export const passwordRules = { minLength: 10, plainFrom: 16, kinds: 3, maxLength: 256 } as const;
export const passwordFaults = ['too_short', 'too_plain', 'personal', 'common', 'unchanged'] as const;
export type PasswordFault = (typeof passwordFaults)[number];

/** `current` may be left out while `me.pending` is `new_password`. All other sessions and all tokens of the account end. */
export const changePassword = defineRoute({
  method: 'POST',
  path: '/api/me/password',
  summary: 'Change one’s own password',
  tag: 'me',
  rule: whileSigningIn,
  body: Type.Object(
    {
      current: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
      next: Type.String({ minLength: 1, maxLength: 256 }),
    },
    { additionalProperties: false },
  ),
  problems: ['wrong_password', 'password_weak', 'locked_out', 'sign_in_incomplete', 'no_password'],
  rate: 'sign_in',
});

/**
 * A secret to be put into an authenticator; `uri` (otpauth) is what a QR code shows, `secret` (base32) what is typed by hand. Asking again
 * makes a new one; nothing counts until it is confirmed.
 */
export const SecondFactorSecret = Type.Object({ secret: Type.String(), uri: Type.String() });
export type SecondFactorSecret = Static<typeof SecondFactorSecret>;

export const beginSecondFactor = defineRoute({
  method: 'POST',
  path: '/api/me/second-factor',
  summary: 'Get a secret for an authenticator',
  tag: 'me',
  rule: whileSigningIn,
  reply: SecondFactorSecret,
  status: 201,
  problems: ['already_enrolled', 'sign_in_incomplete'],
});

/** `recoveryCodes`: ten, each good once, shown once. */
export const RecoveryCodes = Type.Object({ recoveryCodes: Type.Array(Type.String()) });

export const confirmSecondFactor = defineRoute({
  method: 'POST',
  path: '/api/me/second-factor/confirmation',
  summary: 'Prove that the authenticator has the secret; enrols it and gives recovery codes',
  tag: 'me',
  rule: whileSigningIn,
  body: Type.Object({ code: Type.String({ pattern: '^[0-9]{6}$' }) }, { additionalProperties: false }),
  reply: RecoveryCodes,
  problems: [
    'wrong_code',
    'already_enrolled',
    'not_begun',
    'locked_out',
    'sign_in_incomplete',
    'second_factor_unreadable',
  ],
  rate: 'sign_in',
});

export const renewRecoveryCodes = defineRoute({
  method: 'POST',
  path: '/api/me/recovery-codes',
  summary: 'Get ten new recovery codes; the old ones end',
  tag: 'me',
  rule: oneself,
  body: Type.Object({ code: SecondFactorCode }, { additionalProperties: false }),
  reply: RecoveryCodes,
  problems: ['wrong_code', 'code_used', 'locked_out', 'no_second_factor', 'second_factor_unreadable'],
  rate: 'sign_in',
});

export const removeSecondFactor = defineRoute({
  method: 'POST',
  path: '/api/me/second-factor/removal',
  summary: 'Remove one’s own second factor, where the policy does not ask for one',
  tag: 'me',
  rule: oneself,
  body: Type.Object({ code: SecondFactorCode }, { additionalProperties: false }),
  problems: [
    'wrong_code',
    'code_used',
    'locked_out',
    'no_second_factor',
    'second_factor_required',
    'second_factor_unreadable',
  ],
  rate: 'sign_in',
});

export const listMySessions = defineRoute({
  method: 'GET',
  path: '/api/me/sessions',
  summary: 'Where one is signed in',
  tag: 'me',
  rule: oneself,
  reply: Type.Object({ items: Type.Array(OpenSession) }),
});

export const revokeMySession = defineRoute({
  method: 'DELETE',
  path: '/api/me/sessions/:id',
  summary: 'End another session of one’s own',
  tag: 'me',
  rule: oneself,
  params: IdParams,
  problems: ['not_found'],
});

/** A personal access token: `Authorization: Bearer fcp_...`. It can do what its person's roles and its scopes both allow, and never more. */
export const Token = Type.Object({
  id: Uuid,
  name: Type.String(),
  scopes: Type.Array(Type.Enum([...tokenScopes])),
  createdAt: Instant,
  expiresAt: Instant,
  /** to the minute; null: never used */
  lastUsedAt: Type.Union([Instant, Type.Null()]),
  /** from where it was made */
  address: Type.String(),
});
export type Token = Static<typeof Token>;

export const listTokens = defineRoute({
  method: 'GET',
  path: '/api/me/tokens',
  summary: 'One’s own live tokens, newest first',
  tag: 'me',
  rule: oneself,
  reply: Type.Object({ items: Type.Array(Token) }),
});

/** `secret` is shown once. */
export const createToken = defineRoute({
  method: 'POST',
  path: '/api/me/tokens',
  summary: 'Make a personal access token',
  tag: 'me',
  rule: oneself,
  body: Type.Object(
    {
      name: Line(64),
      scopes: Type.Array(Type.Enum([...tokenScopes]), { minItems: 1, maxItems: tokenScopes.length, uniqueItems: true }),
      days: Type.Integer({ minimum: 1, maximum: 366 }),
    },
    { additionalProperties: false },
  ),
  reply: Type.Object({ token: Token, secret: Type.String() }),
  status: 201,
  problems: ['too_many_tokens'],
});

export const revokeToken = defineRoute({
  method: 'DELETE',
  path: '/api/me/tokens/:id',
  summary: 'Revoke one of one’s own tokens; refused at its next request',
  tag: 'me',
  rule: oneself,
  params: IdParams,
  problems: ['not_found'],
});
