import {
  appendEvent,
  CatalogError,
  type Database,
  explainGapRecord,
  findGap,
  findOffload,
  listOffloadsOf,
  notifyChange,
  readOffload,
} from '@fengcun/catalog';
import { explainGap, getOffload, listOffloads, type Offload, openOffload, personal } from '@fengcun/contracts';
import { actorOf, personOf, recordDenial, senderOf, visibleUnits } from '@fengcun/identity';
import { type Clock, route } from '@fengcun/runtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { problem } from '../problems.ts';
import { senderKey } from '../uploads/begin-upload.ts';
import { openAnnouncedOffload } from './open-offload.ts';

interface OffloadContext {
  readonly catalog: Database;
  readonly clock: Clock;
}

export function offloadRoutes(app: FastifyInstance, { catalog, clock }: OffloadContext): void {
  route(app, openOffload, async ({ request, body }) => {
    const id = await openAnnouncedOffload({ catalog, clock }, senderOf(request), body);
    return existing(catalog, id);
  });

  route(app, getOffload, async ({ request, params }) => {
    if (!(await maySee(catalog, request, params.id))) throw problem('not_found');
    return existing(catalog, params.id);
  });

  route(app, listOffloads, async ({ request, query }) => {
    const units = await visibleUnits(catalog, request.caller);
    const { cursor, limit = 50, device, dock } = query;
    return listOffloadsOf(catalog, { units, device, dock }, { cursor, limit }).catch(refuseCursor);
  });

  route(app, explainGap, async ({ request, params, body }) => {
    const person = personOf(request);
    const gap = await findGap(catalog, params.id);
    const units = await visibleUnits(catalog, person);
    if (!gap || !units.includes(gap.unitId)) {
      if (gap) await recordDenial(request, { code: 'not_found', subject: { kind: 'offload', id: gap.offloadId } });
      throw problem('not_found');
    }
    const at = clock.now();
    await catalog.transaction().execute(async (trx) => {
      const closed = await explainGapRecord(trx, { id: gap.id, by: person.account.id, at, reason: body.reason });
      if (!closed) throw problem('already_explained');
      await appendEvent(
        trx,
        {
          type: 'gap.explained',
          actor: actorOf(person),
          subject: { kind: 'offload', id: gap.offloadId },
          data: { offload: gap.offloadId, from: gap.first, to: gap.last, reason: personal(body.reason) },
        },
        clock,
      );
      await notifyChange(trx, { kind: 'offload', id: gap.offloadId, unit: gap.unitId });
    });
    return {
      id: gap.id,
      from: gap.first,
      to: gap.last,
      explained: { by: person.account.name, at: at.toISOString(), reason: body.reason },
    };
  });
}

/** A dock sees the offloads it announced, a person those of the units in reach; anything else is answered as not there, on record. */
async function maySee(catalog: Database, request: FastifyRequest, id: string): Promise<boolean> {
  const offload = await findOffload(catalog, id);
  if (!offload) return false;
  const sender = senderKey(senderOf(request));
  if (offload.sender.kind === sender.kind && offload.sender.id === sender.id) return true;
  if (request.caller.kind === 'person' && (await visibleUnits(catalog, request.caller)).includes(offload.unitId))
    return true;
  await recordDenial(request, { code: 'not_found', subject: { kind: 'offload', id } });
  return false;
}

async function existing(catalog: Database, id: string): Promise<Offload> {
  const offload = await readOffload(catalog, id);
  if (!offload) throw problem('not_found');
  return offload;
}

/** What a list does with a cursor it did not make. */
export function refuseCursor(error: unknown): never {
  if (error instanceof CatalogError && error.code === 'cursor_invalid')
    throw problem('cursor_invalid', { cause: error });
  throw error;
}
