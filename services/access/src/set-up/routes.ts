import { isEmptySite, isSetUpCode, setUpSite } from '@fengcun/catalog';
import { setUp } from '@fengcun/contracts';
import { actorOf, hashPassword, passwordFaults, recordDenial } from '@fengcun/identity';
import { route } from '@fengcun/runtime';
import type { FastifyInstance } from 'fastify';
import type { Access } from '../access.ts';
import { problem } from '../errors.ts';

/** The first administrator of an empty site, by the one-time code that its start printed. */
export function setUpRoutes(app: FastifyInstance, { catalog, clock, config }: Access): void {
  route(app, setUp, async ({ body, request }) => {
    if (!(await isEmptySite(catalog))) throw problem('already_set_up');
    if (!(await isSetUpCode(catalog, body.code, clock.now()))) {
      await recordDenial(request, { code: 'set_up_code_invalid' });
      throw problem('set_up_code_invalid');
    }
    const { login, name, password, unit } = body;
    const reasons = passwordFaults(password, { login, name });
    if (reasons.length > 0) throw problem('password_weak', { extensions: { reasons } });
    const passwordHash = await hashPassword(password);
    const first = { unit, login, name, passwordHash, actor: actorOf(request.caller), site: config.site.id };
    const done = await catalog.transaction().execute((tx) => setUpSite(tx, first, clock));
    if (!done) throw problem('already_set_up');
    return { login };
  });
}
