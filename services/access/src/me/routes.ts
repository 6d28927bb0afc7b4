import {
  beginTotp,
  changePassword,
  closeSession,
  confirmTotp,
  findPassword,
  findTotp,
  forgiveFailures,
  insertToken,
  isSessionOf,
  listSessionsOf,
  listTokensOf,
  removeTotp,
  replaceRecoveryCodes,
  takeTotpStep,
} from '@fengcun/catalog';
import {
  beginSecondFactor,
  changePassword as changePasswordRoute,
  confirmSecondFactor,
  createToken,
  listMySessions,
  listTokens,
  removeSecondFactor,
  renewRecoveryCodes,
  revokeMySession,
  revokeToken,
} from '@fengcun/contracts';
import {
  actorOf,
  base32,
  hashPassword,
  matchTotp,
  newAccessToken,
  newRecoveryCodes,
  newTotpSecret,
  normalRecoveryCode,
  passwordFaults,
  personOf,
  recordDenial,
  recordRefusedSignIn,
  totpUri,
  totpUse,
  verifyPassword,
} from '@fengcun/identity';
import { route } from '@fengcun/runtime';
import type { FastifyInstance } from 'fastify';
import type { Access } from '../access.ts';
import { problem } from '../errors.ts';
import { confirmPerson, recoveryUse, takeCode } from '../session/second-factor.ts';
import { countAttempt } from '../session/sign-in.ts';

const mostTokens = 50;
const dayMs = 24 * 3_600_000;

/** What everybody does for themselves. */
export function meRoutes(app: FastifyInstance, access: Access): void {
  passwordRoutes(app, access);
  secondFactorRoutes(app, access);
  sessionAndTokenRoutes(app, access);
}

function passwordRoutes(app: FastifyInstance, access: Access): void {
  const { catalog, clock } = access;

  route(app, changePasswordRoute, async ({ body, request, reply }) => {
    const person = personOf(request);
    if (person.pending === 'second_factor') throw problem('sign_in_incomplete');
    const { hash: current, login, name } = await findPassword(catalog, person.account.id);
    if (current === null) throw problem('no_password');
    // Somebody who has just come in with a one-time password has shown it a moment ago.
    if (person.pending !== 'new_password') {
      await countAttempt(access, request, person.account);
      if (body.current === undefined || !(await verifyPassword(body.current, current))) {
        await recordRefusedSignIn(request, { login, code: 'wrong_password' });
        throw problem('wrong_password');
      }
      await forgiveFailures(catalog, person.account.id);
    }
    const faults = [...passwordFaults(body.next, { login, name })];
    if (faults.length === 0 && (await verifyPassword(body.next, current))) faults.push('unchanged');
    if (faults.length > 0) throw problem('password_weak', { extensions: { reasons: faults } });
    const hash = await hashPassword(body.next);
    const { account, session } = person;
    const change = { account: account.id, actor: actorOf(person), hash, session };
    await catalog.transaction().execute((tx) => changePassword(tx, change, clock));
    return reply.send();
  });
}

function secondFactorRoutes(app: FastifyInstance, access: Access): void {
  const { catalog, clock, config, secrets } = access;

  /** Ten new codes and what is kept of them. */
  const recoveryCodes = (account: string) => {
    const codes = newRecoveryCodes();
    const hashes = codes.map((code) => secrets.hash(normalRecoveryCode(code), recoveryUse(account)));
    return { codes: [...codes], hashes };
  };

  route(app, beginSecondFactor, async ({ request }) => {
    const person = personOf(request);
    if (person.pending === 'second_factor' || person.pending === 'new_password') throw problem('sign_in_incomplete');
    const { id, login } = person.account;
    const secret = newTotpSecret();
    if (!(await beginTotp(catalog, id, secrets.seal(secret, totpUse(id))))) throw problem('already_enrolled');
    return { secret: base32(secret), uri: totpUri(secret, { issuer: config.site.name, login }) };
  });

  route(app, confirmSecondFactor, async ({ body, request, reply }) => {
    const person = personOf(request);
    if (person.pending === 'second_factor' || person.pending === 'new_password') throw problem('sign_in_incomplete');
    const { id, login } = person.account;
    const totp = await findTotp(catalog, id);
    if (!totp) throw problem('not_begun');
    if (totp.confirmed) throw problem('already_enrolled');
    const secret = secrets.open(totp.secret, totpUse(id));
    if (!secret) throw problem('second_factor_unreadable');
    await countAttempt(access, request, person.account);
    const step = matchTotp(secret, body.code, clock.now());
    if (step === undefined) {
      await recordRefusedSignIn(request, { login, code: 'wrong_code' });
      throw problem('wrong_code');
    }
    const actor = actorOf(person);
    const { codes, hashes } = recoveryCodes(id);
    await catalog.transaction().execute(async (tx) => {
      if (!(await confirmTotp(tx, { account: id, actor }, clock))) throw problem('already_enrolled');
      await takeTotpStep(tx, id, step);
      await replaceRecoveryCodes(tx, { account: id, actor, hashes }, clock);
      await confirmPerson(access, tx, request, reply, person, 'totp');
    });
    return { recoveryCodes: codes };
  });

  route(app, renewRecoveryCodes, async ({ body, request }) => {
    const person = personOf(request);
    const { id } = person.account;
    if (!person.secondFactor.enrolled) throw problem('no_second_factor');
    await countAttempt(access, request, person.account);
    const { codes, hashes } = recoveryCodes(id);
    await catalog.transaction().execute(async (tx) => {
      await takeCode(access, tx, request, person.account, body.code);
      await forgiveFailures(tx, id);
      await replaceRecoveryCodes(tx, { account: id, actor: actorOf(person), hashes }, clock);
    });
    return { recoveryCodes: codes };
  });

  route(app, removeSecondFactor, async ({ body, request, reply }) => {
    const person = personOf(request);
    const { id } = person.account;
    if (!person.secondFactor.enrolled) throw problem('no_second_factor');
    if (person.secondFactor.required) {
      await recordDenial(request, { code: 'second_factor_required' });
      throw problem('second_factor_required');
    }
    await countAttempt(access, request, person.account);
    await catalog.transaction().execute(async (tx) => {
      await takeCode(access, tx, request, person.account, body.code);
      await forgiveFailures(tx, id);
      await removeTotp(tx, { account: id, actor: actorOf(person), reason: null }, clock);
    });
    return reply.send();
  });
}

function sessionAndTokenRoutes(app: FastifyInstance, access: Access): void {
  const { catalog, clock } = access;

  route(app, listMySessions, async ({ request }) => {
    const { account, session } = personOf(request);
    const all = await listSessionsOf(catalog, account.id, { session, now: clock.now() });
    return { items: all.filter(({ kind }) => kind === 'browser') };
  });

  route(app, revokeMySession, async ({ params, request, reply }) => {
    const person = personOf(request);
    if (!(await isSessionOf(catalog, { id: params.id, account: person.account.id }))) throw problem('not_found');
    const end = { session: params.id, actor: actorOf(person), cause: 'revoked' } as const;
    await catalog.transaction().execute((tx) => closeSession(tx, end, clock));
    return reply.send();
  });

  route(app, listTokens, async ({ request }) => ({
    items: await listTokensOf(catalog, personOf(request).account.id, clock.now()),
  }));

  route(app, createToken, async ({ body, request }) => {
    const person = personOf(request);
    const { id } = person.account;
    const live = await listTokensOf(catalog, id, clock.now());
    if (live.length >= mostTokens) throw problem('too_many_tokens');
    const { token: secret, hash } = newAccessToken();
    const draft = {
      tokenHash: hash,
      account: id,
      actor: actorOf(person),
      name: body.name,
      scopes: body.scopes,
      expiresAt: new Date(clock.now().getTime() + body.days * dayMs),
      address: request.ip,
    };
    const made = await catalog.transaction().execute((tx) => insertToken(tx, draft, clock));
    const token = (await listTokensOf(catalog, id, clock.now())).find((each) => each.id === made);
    if (!token) throw new Error('A token just made is not there');
    return { token, secret };
  });

  route(app, revokeToken, async ({ params, request, reply }) => {
    const person = personOf(request);
    const token = { id: params.id, account: person.account.id, kind: 'token' } as const;
    if (!(await isSessionOf(catalog, token))) throw problem('not_found');
    const end = { session: params.id, actor: actorOf(person), cause: 'revoked' } as const;
    await catalog.transaction().execute((tx) => closeSession(tx, end, clock));
    return reply.send();
  });
}
