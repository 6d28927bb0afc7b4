import {
  assignRetention,
  type EvidenceRecord,
  findHold,
  findKept,
  findOfferedClass,
  keepingOf,
  latestDisposition,
  listDue,
  listHolds,
  releaseHold,
  setHold,
  unitScope,
} from '@fengcun/catalog';
import {
  assignItemRetention,
  getItemRetention,
  type ItemRetention,
  listDueItems,
  listHolds as listHoldsRoute,
  releaseHold as releaseHoldRoute,
  setHold as setHoldRoute,
  toldOfNullable,
} from '@fengcun/contracts';
import { actorOf, type Person, personOf, visibleUnits } from '@fengcun/identity';
import { route } from '@fengcun/runtime';
import type { FastifyInstance } from 'fastify';
import type { Access } from '../access.ts';
import { problem } from '../errors.ts';
import { judge } from '../evidence/circumstances.ts';
import { findVisible, itemOf, onRecord, requireAllowed } from '../evidence/item.ts';
import { defaultLimit } from '../list-query.ts';
import { describeDisposition } from './describe-disposition.ts';

/** How single items are kept: term, holds, copies. */
export function itemRetentionRoutes(app: FastifyInstance, access: Access): void {
  const { catalog, clock } = access;

  route(app, getItemRetention, async ({ params, request }) => {
    const record = await findVisible(access, request, params.id);
    return describeKeeping(access, personOf(request), record);
  });

  route(app, assignItemRetention, async ({ params, body, request }) => {
    const record = await findVisible(access, request, params.id);
    await requireAllowed(access, request, 'assign_retention', record);
    const person = personOf(request);
    const outcome = await onRecord(
      catalog.transaction().execute(async (trx) => {
        if (!(await findOfferedClass(trx, body.class))) return 'unknown_class';
        const because = { reason: body.reason };
        const assignment = { evidence: record.id, classCode: body.class, because, actor: actorOf(person) };
        return assignRetention(trx, assignment, clock);
      }),
    );
    if (outcome === 'unchanged') throw problem('not_longer');
    if (outcome === 'being_disposed' || outcome === 'unknown_class') throw problem(outcome);
    if (outcome === 'unknown_item') throw problem('not_found');
    return describeKeeping(access, person, record);
  });

  route(app, setHoldRoute, async ({ params, body, request }) => {
    const record = await findVisible(access, request, params.id);
    await requireAllowed(access, request, 'hold', record);
    const person = personOf(request);
    const draft = { evidence: record.id, account: person.account.id, reason: body.reason, actor: actorOf(person) };
    const hold = await onRecord(setHold(catalog, draft, clock));
    if (hold === 'being_disposed') throw problem('being_disposed');
    return hold;
  });

  route(app, releaseHoldRoute, async ({ params, body, request }) => {
    const found = await findHold(catalog, params.id);
    if (!found) throw problem('not_found');
    const record = await findVisible(access, request, found.evidence);
    await requireAllowed(access, request, 'hold', record);
    const person = personOf(request);
    const draft = { hold: found.id, account: person.account.id, reason: body.reason, actor: actorOf(person) };
    const hold = await onRecord(releaseHold(catalog, draft, clock));
    if (hold === 'already_released') throw problem('already_released');
    return hold;
  });

  route(app, listHoldsRoute, async ({ query, request }) => {
    const { cursor, limit = defaultLimit, ...filter } = query;
    return listHolds(catalog, await visibleUnits(catalog, request.caller), filter, { cursor, limit });
  });

  route(app, listDueItems, async ({ query, request }) => {
    const { cursor, limit = defaultLimit, unit } = query;
    const roots = [...new Set(personOf(request).roles.map((held) => held.unit))];
    const { units } = await unitScope(catalog, roots, unit);
    return listDue(catalog, units, clock.now(), { cursor, limit });
  });
}

/** Everything about how an item is kept, and what the reader may do about it. */
async function describeKeeping(access: Access, person: Person, record: EvidenceRecord): Promise<ItemRetention> {
  const { catalog } = access;
  const [kept, { holds, copies, tombstone }, disposition, judgement] = await Promise.all([
    findKept(catalog, record.id),
    keepingOf(catalog, record.id),
    latestDisposition(catalog, record.id),
    judge(access, person, itemOf(record)),
  ]);
  if (!kept) throw problem('not_found');
  const permission = (action: 'assign_retention' | 'hold' | 'dispose') => {
    const { outcome, rule } = judgement.decide(action);
    return { allowed: outcome === 'allow' && kept.disposal === 'none', rule };
  };
  return {
    evidence: record.id,
    class: { code: kept.classCode, name: kept.className },
    matter: kept.matter,
    from: kept.startsAt.toISOString(),
    until: kept.until?.toISOString() ?? null,
    lockedUntil: kept.lockedUntil?.toISOString() ?? null,
    lock: { state: kept.applied ? 'applied' : 'pending', ...toldOfNullable(kept.applied ? null : kept.detail) },
    held: kept.held,
    holds,
    copies,
    disposition: disposition === undefined ? null : await describeDisposition(access, person, disposition),
    tombstone:
      tombstone === null
        ? null
        : {
            disposition: tombstone.disposition,
            disposedAt: tombstone.disposedAt,
            requestedBy: tombstone.requestedBy,
            decidedBy: tombstone.decidedBy,
            objects: tombstone.objects,
          },
    actions: {
      assign: permission('assign_retention'),
      hold: permission('hold'),
      dispose: permission('dispose'),
    },
  };
}
