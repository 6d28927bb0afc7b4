import {
  type DispositionJudge,
  type DispositionRecord,
  decideDisposition,
  findDisposition,
  listDispositions,
  requestDispositions,
  withdrawDisposition,
} from '@fengcun/catalog';
import {
  type Disposition,
  decideDisposition as decideRoute,
  listDispositions as listRoute,
  requestDisposition as requestRoute,
  withdrawDisposition as withdrawRoute,
} from '@fengcun/contracts';
import { actorOf, type Person, personOf, recordDenial, visibleUnits } from '@fengcun/identity';
import { dispositionRefusal } from '@fengcun/policy';
import { route } from '@fengcun/runtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Access } from '../access.ts';
import { problem } from '../errors.ts';
import { findVisible, onRecord, requireAllowed } from '../evidence/item.ts';
import { defaultLimit } from '../list-query.ts';
import { describeDisposition } from './describe-disposition.ts';

/** Dispositions: asked for by one person, decided by another, carried out by the worker. */
export function dispositionRoutes(app: FastifyInstance, access: Access): void {
  const { catalog, clock } = access;
  const judge: DispositionJudge = (kept) => dispositionRefusal(kept, clock.now());

  route(app, requestRoute, async ({ body, request }) => {
    const person = personOf(request);
    const items = [];
    for (const id of body.evidence) {
      const record = await findVisible(access, request, id);
      const { rule } = await requireAllowed(access, request, 'dispose', record);
      items.push({ evidence: id, rule });
    }
    const draft = { items, account: person.account.id, reason: body.reason, actor: actorOf(person) };
    const outcome = await onRecord(requestDispositions(catalog, draft, judge, clock));
    if (outcome.kind === 'already_requested') {
      throw problem('already_requested', { extensions: { evidence: outcome.evidence } });
    }
    if (outcome.kind === 'refused') {
      const { evidence, code: refusal } = outcome;
      await recordDenial(request, {
        code: 'not_disposable',
        rule: refusal,
        subject: { kind: 'evidence', id: evidence },
      });
      throw problem('not_disposable', { extensions: { evidence, refusal } });
    }
    const made: Disposition[] = [];
    for (const id of outcome.ids) made.push(await described(access, person, id));
    return { items: made };
  });

  route(app, listRoute, async ({ query, request }) => {
    const { cursor, limit = defaultLimit, ...filter } = query;
    const units = await visibleUnits(catalog, request.caller);
    const { items, next } = await listDispositions(catalog, units, filter, { cursor, limit });
    const person = personOf(request);
    return { items: await Promise.all(items.map((item) => describeDisposition(access, person, item))), next };
  });

  route(app, decideRoute, async ({ params, body, request }) => {
    const person = personOf(request);
    const found = await visible(access, request, params.id);
    const subject = { kind: 'evidence', id: found.evidence } as const;
    if (found.requested.by.id === person.account.id) {
      await recordDenial(request, { code: 'own_request', rule: 'nobody_decides_their_own', subject });
      throw problem('own_request');
    }
    const record = await findVisible(access, request, found.evidence);
    const { rule } = await requireAllowed(access, request, 'decide_disposition', record);
    const { approve, reason } = body;
    const decision = {
      disposition: found.id,
      approve,
      reason,
      account: person.account.id,
      actor: actorOf(person),
      rule,
    };
    const outcome = await onRecord(decideDisposition(catalog, decision, judge, clock));
    if (outcome === 'own_request') throw problem('own_request');
    if (outcome === 'already_decided') throw problem('disposition_decided');
    if (outcome !== 'decided') {
      await recordDenial(request, { code: 'not_disposable', rule: outcome, subject });
      throw problem('not_disposable', { extensions: { evidence: found.evidence, refusal: outcome } });
    }
    return described(access, person, found.id);
  });

  route(app, withdrawRoute, async ({ params, request }) => {
    const found = await visible(access, request, params.id);
    const record = await findVisible(access, request, found.evidence);
    await requireAllowed(access, request, 'dispose', record);
    const person = personOf(request);
    const withdrawal = { disposition: found.id, actor: actorOf(person) };
    if (!(await onRecord(withdrawDisposition(catalog, withdrawal, clock)))) throw problem('disposition_decided');
    return described(access, person, found.id);
  });
}

/** The disposition, for a reader who can see its item; for anybody else there is none. */
async function visible(access: Access, request: FastifyRequest, id: string): Promise<DispositionRecord> {
  const found = await findDisposition(access.catalog, id);
  if (!found) throw problem('not_found');
  await findVisible(access, request, found.evidence);
  return found;
}

async function described(access: Access, person: Person, id: string): Promise<Disposition> {
  const found = await findDisposition(access.catalog, id);
  if (!found) throw problem('not_found');
  return describeDisposition(access, person, found);
}
