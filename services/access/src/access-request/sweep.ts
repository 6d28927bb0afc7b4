import { endExpiredGrants, listDueRequests, listExpiredRequests } from '@fengcun/catalog';
import type { FastifyBaseLogger } from 'fastify';
import { systemActor } from '../access.ts';
import type { Deciding } from './deciding.ts';
import { expire, passDue } from './overdue.ts';

const atOnce = 200;

/** Escalates, ends and reports what has waited too long, and puts the end of grants on record. Each happens once, however many sweep. */
export async function sweepRequests(access: Deciding, log: FastifyBaseLogger): Promise<void> {
  const { catalog, clock } = access;
  const now = clock.now();
  const each = async (ids: readonly string[], work: (access: Deciding, id: string) => Promise<void>) => {
    for (const id of ids) {
      await work(access, id).catch((error: unknown) => {
        log.error({ err: error, request: id }, 'a request could not be brought on');
      });
    }
  };
  await each(await listExpiredRequests(catalog, now, atOnce), expire);
  await each(await listDueRequests(catalog, now, atOnce), passDue);
  await catalog.transaction().execute((trx) => endExpiredGrants(trx, systemActor, atOnce, clock));
}
