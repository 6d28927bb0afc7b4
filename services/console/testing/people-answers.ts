import { randomUUID } from 'node:crypto';
import type { Account, CallReply, Token } from '@fengcun/contracts';
import { type Answers, refuse, sessionCookie } from './answer.ts';
import { iso, now } from './clock.ts';
import { type Person, people } from './people.ts';
import type { World } from './world.ts';

/** The code that opens every second step, and the password that is good once. */
export const goodCode = '123456';
export const oneTimePassword = 'once-K7QD-2MXV';

type PeopleAnswers = Pick<
  Answers,
  | 'signIn'
  | 'whoAmI'
  | 'signOut'
  | 'passSecondFactor'
  | 'setUp'
  | 'changePassword'
  | 'beginSecondFactor'
  | 'confirmSecondFactor'
  | 'renewRecoveryCodes'
  | 'removeSecondFactor'
  | 'listMySessions'
  | 'revokeMySession'
  | 'listTokens'
  | 'createToken'
  | 'revokeToken'
  | 'getSignInPolicy'
  | 'changeSignInPolicy'
  | 'listAccounts'
  | 'createAccount'
  | 'getAccount'
  | 'changeAccount'
  | 'disableAccount'
  | 'enableAccount'
  | 'giveRole'
  | 'takeRole'
  | 'resetPassword'
  | 'resetSecondFactor'
  | 'linkIdentity'
  | 'unlinkIdentity'
  | 'listAccountSessions'
  | 'revokeAccountSession'
  | 'listUnits'
  | 'createUnit'
  | 'changeUnit'
  | 'closeUnit'
  | 'reopenUnit'
>;

/** Signing in step by step, what one does for oneself, and what administrators do to accounts and units. */
export function peopleAnswers(world: World, sessions: Map<string, Person>): PeopleAnswers {
  let secondFactor: CallReply<'getSignInPolicy'> = { secondFactor: 'approvers', changedAt: null };
  const account = (id: string) => world.accounts.find((one) => one.id === id) ?? refuse(404, 'not_found');
  const unit = (id: string) => world.units.find((one) => one.id === id) ?? refuse(404, 'not_found');
  const change = (id: string, changed: Partial<Account>) => Object.assign(account(id), changed);
  const go = (session: string, me: Person, pending: Person['pending']) => {
    const next = { ...me, pending, ...(pending === null ? { secondFactor: enrolled } : {}) };
    sessions.set(session, next);
    return next;
  };
  const open = (me: Person) => ({
    id: me.id,
    kind: 'browser' as const,
    name: null,
    via: 'password' as const,
    openedAt: iso(now - 3_600_000),
    lastSeenAt: iso(now - 60_000),
    expiresAt: iso(now + 3_600_000),
    address: '10.20.3.41',
    userAgent: 'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
    current: true,
  });
  return {
    // `password`: in at once; `password-code`: asks for a code; `once`: asks for a new password and an authenticator.
    signIn: ({ body, response }) => {
      const person = people.find(({ login }) => login === body.login);
      const pending = { password: null, 'password-code': 'second_factor', once: 'new_password' } as const;
      const step = Object.hasOwn(pending, body.password) ? pending[body.password as keyof typeof pending] : undefined;
      if (!person || step === undefined) return refuse(401, 'wrong_credentials');
      const session = randomUUID();
      response.setHeader('set-cookie', `${sessionCookie}=${session}; HttpOnly; SameSite=Strict; Path=/`);
      const me = { ...person, pending: step };
      sessions.set(session, me);
      return me;
    },
    whoAmI: ({ me }) => me,
    signOut: ({ session }) => void sessions.delete(session),
    passSecondFactor: ({ body, me, session }) =>
      body.code === goodCode || body.code.length > 6 ? go(session, me, null) : refuse(401, 'wrong_code'),
    setUp: ({ body }) => {
      if (body.code !== 'K7QD-2MXV') return refuse(403, 'set_up_code_invalid');
      world.empty = false;
      return { login: body.login };
    },
    changePassword: ({ me, session }) => {
      if (me.pending === 'new_password') go(session, me, 'second_factor_enrolment');
    },
    beginSecondFactor: () => ({
      secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
      uri: 'otpauth://totp/Fengcun:chenjing?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Fengcun',
    }),
    confirmSecondFactor: ({ body, me, session }) => {
      if (body.code !== goodCode) return refuse(401, 'wrong_code');
      go(session, me, null);
      return { recoveryCodes };
    },
    renewRecoveryCodes: () => ({ recoveryCodes }),
    removeSecondFactor: () => undefined,
    listMySessions: ({ me }) => ({
      items: [open(me), { ...open(me), id: randomUUID(), address: '10.20.3.77', current: false }],
    }),
    revokeMySession: () => undefined,
    listTokens: () => ({ items: world.tokens }),
    createToken: ({ body }) => {
      const token: Token = {
        id: randomUUID(),
        name: body.name,
        scopes: body.scopes,
        createdAt: iso(now),
        expiresAt: iso(now + body.days * 86_400_000),
        lastUsedAt: null,
        address: '',
      };
      world.tokens.unshift(token);
      return { token, secret: 'fcp_4f9f2c81d3e7a05b6c9d8e7f60514233' };
    },
    revokeToken: ({ params }) => {
      world.tokens = world.tokens.filter(({ id }) => id !== params.id);
    },
    getSignInPolicy: () => secondFactor,
    changeSignInPolicy: ({ body }) => (secondFactor = { ...body, changedAt: iso(now) }),
    listAccounts: ({ query }) => {
      const text = query.get('text') ?? '';
      const role = query.get('role');
      return {
        items: world.accounts.filter(
          (one) =>
            `${one.name}${one.login}${one.officerNumber}`.includes(text) &&
            (role === null || one.roles.some((held) => held.role === role)) &&
            (query.get('state') === null || (query.get('state') === 'disabled') === (one.disabled !== null)),
        ),
        next: null,
      };
    },
    createAccount: ({ body }) => {
      const made: Account = {
        id: randomUUID(),
        login: body.login,
        name: body.name,
        officerNumber: body.officerNumber,
        unit: unit(body.unit),
        roles: body.roles.map((held) => ({ ...held, unitName: unit(held.unit).name })),
        createdAt: iso(now),
        disabled: null,
        lastSignInAt: null,
        lockedUntil: null,
        hasPassword: body.password,
        mustChangePassword: body.password,
        secondFactor: { enrolled: false, required: false },
        identity: null,
        openSessions: 0,
        tokens: 0,
      };
      world.accounts.unshift(made);
      return { account: made, oneTimePassword, expiresAt: iso(now + 3 * 86_400_000) };
    },
    getAccount: ({ params }) => account(params.id),
    changeAccount: ({ params, body }) => {
      const { unit: moved, ...rest } = body;
      return change(params.id, { ...rest, ...(moved ? { unit: unit(moved) } : {}) });
    },
    disableAccount: ({ params, body }) => change(params.id, { disabled: { at: iso(now), reason: body.reason } }),
    enableAccount: ({ params }) => change(params.id, { disabled: null }),
    giveRole: ({ params, body }) =>
      change(params.id, {
        roles: [...account(params.id).roles, { ...body, unitName: unit(body.unit).name }],
      }),
    takeRole: ({ params }) =>
      change(params.id, {
        roles: account(params.id).roles.filter((held) => held.unit !== params.unit || held.role !== params.role),
      }),
    resetPassword: ({ params }) => ({
      account: change(params.id, { mustChangePassword: true }),
      oneTimePassword,
      expiresAt: iso(now + 3 * 86_400_000),
    }),
    resetSecondFactor: ({ params }) => change(params.id, { secondFactor: { enrolled: false, required: true } }),
    linkIdentity: () => refuse(409, 'oidc_not_configured'),
    unlinkIdentity: () => refuse(409, 'not_linked'),
    listAccountSessions: ({ params }) => ({
      items: people.filter(({ id }) => id === params.id).map((person) => ({ ...open(person), current: false })),
    }),
    revokeAccountSession: () => undefined,
    listUnits: () => ({ items: world.units }),
    createUnit: ({ body }) => {
      const made = { id: randomUUID(), closedAt: null, ...body };
      world.units.push(made);
      return made;
    },
    changeUnit: ({ params, body }) => Object.assign(unit(params.id), body),
    closeUnit: () => refuse(409, 'unit_in_use'),
    reopenUnit: ({ params }) => Object.assign(unit(params.id), { closedAt: null }),
  };
}

const enrolled = { enrolled: true, required: true, recoveryCodesLeft: 10 };
const recoveryCodes = Array.from({ length: 10 }, (_, at) => `${1000 + at * 617}-${9000 - at * 431}-kq${at}x`);
