import { changeSignInPolicy, closeSession, listLivePlays, readSignInPolicy } from '@fengcun/catalog';
import {
  changeSignInPolicy as changeSignInPolicyRoute,
  getSignInPolicy,
  passSecondFactor,
  signIn,
  signOut,
  whoAmI,
} from '@fengcun/contracts';
import { actorOf, clearSessionCookie, personIn, personOf, recordDenial } from '@fengcun/identity';
import { route } from '@fengcun/runtime';
import type { FastifyInstance } from 'fastify';
import type { Access } from '../access.ts';
import { reachesWholeSite } from '../account/reach.ts';
import { problem } from '../errors.ts';
import type { Plays } from '../play/plays.ts';
import { describeMe, describeSession } from './describe-me.ts';
import { confirmPerson, takeCode } from './second-factor.ts';
import { beginSession, checkedAccount, countAttempt } from './sign-in.ts';

export function sessionRoutes(app: FastifyInstance, access: Access, plays: Plays): void {
  const { catalog, clock, config } = access;

  route(app, signIn, async ({ body, request, reply }) => {
    const { code, ...credentials } = body;
    const account = await checkedAccount(access, request, credentials);
    const secondFactor =
      code !== undefined && account.secondFactor
        ? await takeCode(access, catalog, request, { id: account.id, login: body.login }, code)
        : null;
    const session = await beginSession(access, request, reply, { account, via: 'password', secondFactor });
    return describeMe(access, personIn(session));
  });

  route(app, whoAmI, async ({ request }) => describeMe(access, personOf(request)));

  route(app, passSecondFactor, async ({ body, request, reply }) => {
    const person = personOf(request);
    if (person.pending !== 'second_factor') throw problem('nothing_pending');
    await countAttempt(access, request, person.account);
    await catalog.transaction().execute(async (tx) => {
      const factor = await takeCode(access, tx, request, person.account, body.code);
      await confirmPerson(access, tx, request, reply, person, factor);
    });
    return describeSession(access, person.session);
  });

  route(app, signOut, async ({ request, reply }) => {
    const person = personOf(request);
    const actor = actorOf(person);
    for (const play of await listLivePlays(catalog, person.session)) await plays.end(play, { actor, cause: 'viewer' });
    await catalog
      .transaction()
      .execute((tx) => closeSession(tx, { session: person.session, actor, cause: 'signed_out' }, clock));
    clearSessionCookie(request, reply);
    return reply.send();
  });

  route(app, getSignInPolicy, async () => readSignInPolicy(catalog));

  route(app, changeSignInPolicyRoute, async ({ body, request }) => {
    const person = personOf(request);
    if (!(await reachesWholeSite(catalog, person, ['security_admin']))) {
      await recordDenial(request, { code: 'whole_site_only', subject: { kind: 'site', id: config.site.id } });
      throw problem('whole_site_only');
    }
    const change = { secondFactor: body.secondFactor, actor: actorOf(person), site: config.site.id };
    return catalog.transaction().execute((tx) => changeSignInPolicy(tx, change, clock));
  });
}
