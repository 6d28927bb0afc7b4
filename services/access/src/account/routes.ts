import {
  closeSession,
  disableAccount,
  enableAccount,
  findAccount,
  giveRole,
  insertAccount,
  isSessionOf,
  linkIdentity,
  listAccounts,
  listSessionsOf,
  resetPassword,
  takeRole,
  unlinkIdentity,
  updateAccount,
} from '@fengcun/catalog';
import {
  changeAccount as changeAccountRoute,
  createAccount as createAccountRoute,
  disableAccount as disableAccountRoute,
  enableAccount as enableAccountRoute,
  getAccount as getAccountRoute,
  giveRole as giveRoleRoute,
  linkIdentity as linkIdentityRoute,
  listAccountSessions,
  listAccounts as listAccountsRoute,
  resetPassword as resetPasswordRoute,
  resetSecondFactor as resetSecondFactorRoute,
  revokeAccountSession,
  takeRole as takeRoleRoute,
  unlinkIdentity as unlinkIdentityRoute,
} from '@fengcun/contracts';
import { actorOf, personOf } from '@fengcun/identity';
import { route } from '@fengcun/runtime';
import type { FastifyInstance } from 'fastify';
import type { Access } from '../access.ts';
import { problem } from '../errors.ts';
import { defaultLimit } from '../list-query.ts';
import { AccountKeeper } from './keeper.ts';
import { newOneTimePassword } from './one-time-password.ts';
import { unitsReached } from './reach.ts';
import { removeSecondFactorOf } from './second-factor-reset.ts';

export function accountRoutes(app: FastifyInstance, access: Access): void {
  const { catalog, clock, config } = access;
  const keeper = new AccountKeeper(access);

  route(app, listAccountsRoute, async ({ query, request }) => {
    const { cursor, limit = defaultLimit, unit, ...filter } = query;
    const reached = await unitsReached(catalog, personOf(request), ['security_admin', 'auditor']);
    const units = unit === undefined ? reached : await keeper.within(reached, unit);
    return listAccounts(catalog, { ...filter, units }, { cursor, limit }, clock.now());
  });

  route(app, getAccountRoute, async ({ params, request }) => keeper.readable(request, params.id));

  route(app, createAccountRoute, async ({ body, request, reply }) => {
    const person = personOf(request);
    await keeper.requireUnits(request, [body.unit, ...body.roles.map(({ unit }) => unit)]);
    const oneTime = body.password ? await newOneTimePassword(clock) : null;
    const { password: _, ...draft } = body;
    const account = await catalog.transaction().execute(async (tx) => {
      await keeper.requireStanding(tx, person, []);
      const id = await insertAccount(tx, { ...draft, oneTimePassword: oneTime, actor: actorOf(person) }, clock);
      return keeper.kept(tx, id);
    });
    reply.code(201);
    return {
      account,
      oneTimePassword: oneTime?.password ?? null,
      expiresAt: oneTime?.expiresAt.toISOString() ?? null,
    };
  });

  route(app, changeAccountRoute, async ({ params, body, request }) =>
    keeper.change(request, params.id, async (tx, actor) => {
      if (body.unit !== undefined) await keeper.requireUnits(request, [body.unit]);
      await updateAccount(tx, { account: params.id, actor, ...body }, clock);
    }),
  );

  route(app, disableAccountRoute, async ({ params, body, request }) =>
    keeper.change(request, params.id, async (tx, actor) => {
      if (!(await disableAccount(tx, { account: params.id, actor, reason: body.reason }, clock)))
        throw problem('already_disabled');
    }),
  );

  route(app, enableAccountRoute, async ({ params, body, request }) =>
    keeper.change(request, params.id, async (tx, actor) => {
      if (!(await enableAccount(tx, { account: params.id, actor, reason: body.reason }, clock)))
        throw problem('not_disabled');
    }),
  );

  route(app, giveRoleRoute, async ({ params, body, request }) =>
    keeper.change(request, params.id, async (tx, actor) => {
      await keeper.requireUnits(request, [body.unit]);
      if (!(await giveRole(tx, { account: params.id, actor, ...body }, clock))) throw problem('role_held');
    }),
  );

  route(app, takeRoleRoute, async ({ params, request }) =>
    keeper.change(request, params.id, async (tx, actor) => {
      await keeper.requireUnits(request, [params.unit], 'role_not_held');
      const { unit, role } = params;
      if (!(await takeRole(tx, { account: params.id, actor, unit, role }, clock))) throw problem('role_not_held');
    }),
  );

  route(app, resetPasswordRoute, async ({ params, body, request }) => {
    // Hashing is dear: only for an account that is there.
    await keeper.changeable(request, params.id);
    const oneTime = await newOneTimePassword(clock);
    const account = await keeper.change(request, params.id, async (tx, actor) => {
      const { hash, expiresAt } = oneTime;
      await resetPassword(tx, { account: params.id, actor, reason: body.reason, hash, expiresAt }, clock);
    });
    return { account, oneTimePassword: oneTime.password, expiresAt: oneTime.expiresAt.toISOString() };
  });

  route(app, resetSecondFactorRoute, async ({ params, body, request }) =>
    keeper.change(request, params.id, async (tx, actor) => {
      const removed = await removeSecondFactorOf(tx, { account: params.id, actor, reason: body.reason }, clock);
      if (!removed) throw problem('no_second_factor');
    }),
  );

  route(app, linkIdentityRoute, async ({ params, body, request }) =>
    keeper.change(request, params.id, async (tx, actor) => {
      const { oidc } = config;
      if (!oidc) throw problem('oidc_not_configured');
      const link = {
        account: params.id,
        issuer: oidc.issuer,
        subject: body.subject,
        actor,
        by: 'administrator',
      } as const;
      if (!(await linkIdentity(tx, link, clock))) throw problem('identity_taken');
    }),
  );

  route(app, unlinkIdentityRoute, async ({ params, request }) =>
    keeper.change(request, params.id, async (tx, actor) => {
      if (!(await unlinkIdentity(tx, { account: params.id, actor }, clock))) throw problem('not_linked');
    }),
  );

  route(app, listAccountSessions, async ({ params, request }) => {
    const { id } = await keeper.readable(request, params.id);
    const reader = { session: personOf(request).session, now: clock.now() };
    return { items: await listSessionsOf(catalog, id, reader) };
  });

  route(app, revokeAccountSession, async ({ params, request, reply }) => {
    const person = personOf(request);
    const units = await unitsReached(catalog, person, ['security_admin']);
    const account = await findAccount(catalog, params.id, units, clock.now());
    if (!account) throw await keeper.missing(request, params.id);
    if (!(await isSessionOf(catalog, { id: params.session, account: account.id }))) throw problem('not_found');
    const end = { session: params.session, actor: actorOf(person), cause: 'revoked' } as const;
    await catalog.transaction().execute((tx) => closeSession(tx, end, clock));
    return reply.send();
  });
}
