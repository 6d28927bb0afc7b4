import { findVerification } from '@fengcun/catalog';
import { getVerification, startVerification } from '@fengcun/contracts';
import { personOf } from '@fengcun/identity';
import { route } from '@fengcun/runtime';
import type { FastifyInstance } from 'fastify';
import type { Access } from '../access.ts';
import { problem } from '../errors.ts';
import { findVisible, requireAllowed } from '../evidence/item.ts';
import { Verifications } from './verifications.ts';

export function verificationRoutes(app: FastifyInstance, access: Access): void {
  const { catalog } = access;
  const verifications = new Verifications(access, app.log);
  app.addHook('onClose', () => verifications.close());

  route(app, startVerification, async ({ params, request }) => {
    const record = await findVisible(access, request, params.id);
    await requireAllowed(access, request, 'verify', record);
    const id = await verifications.start(personOf(request), record);
    const verification = await findVerification(catalog, id);
    if (!verification) throw problem('not_found');
    return verification;
  });

  route(app, getVerification, async ({ params, request }) => {
    const verification = await findVerification(catalog, params.id);
    if (!verification) throw problem('not_found');
    await findVisible(access, request, verification.evidence);
    return verification;
  });
}
