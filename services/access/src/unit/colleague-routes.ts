import { findUnit, listColleagues } from '@fengcun/catalog';
import { listColleagues as listColleaguesRoute, type Role } from '@fengcun/contracts';
import { personOf, recordDenial } from '@fengcun/identity';
import { route } from '@fengcun/runtime';
import type { FastifyInstance } from 'fastify';
import type { Access } from '../access.ts';
import { problem } from '../errors.ts';

/** Roles of people who record and handle cases: the three administrators do neither. */
const colleagues: readonly Role[] = ['officer', 'supervisor', 'legal', 'bureau_head', 'archivist'];

/** People to choose from, for those who put somebody on a case or hand somebody a device. */
export function colleagueRoutes(app: FastifyInstance, { catalog }: Access): void {
  route(app, listColleaguesRoute, async ({ params, query, request }) => {
    const unit = await findUnit(catalog, params.id);
    if (!unit || !personOf(request).roles.some((held) => unit.path.includes(held.unit))) {
      if (unit) await recordDenial(request, { code: 'not_found', subject: { kind: 'unit', id: unit.id } });
      throw problem('not_found');
    }
    return { items: await listColleagues(catalog, unit, colleagues, query.q) };
  });
}
