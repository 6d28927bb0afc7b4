import { type Database, listOpenUploads } from '@fengcun/catalog';
import { listUploads } from '@fengcun/contracts';
import { visibleUnits } from '@fengcun/identity';
import { route } from '@fengcun/runtime';
import type { FastifyInstance } from 'fastify';
import { refuseCursor } from '../offloads/routes.ts';

export function uploadRoutes(app: FastifyInstance, { catalog }: { readonly catalog: Database }): void {
  route(app, listUploads, async ({ request, query }) => {
    const units = await visibleUnits(catalog, request.caller);
    const { cursor, limit = 50 } = query;
    return listOpenUploads(catalog, units, { cursor, limit }).catch(refuseCursor);
  });
}
