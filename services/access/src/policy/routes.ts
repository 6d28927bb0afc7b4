import { findMatrix, listMatrixVersions, type StoredMatrix, setMatrix } from '@fengcun/catalog';
import {
  getMatrix,
  getMatrixVersion,
  guarantees,
  listMatrixVersions as listMatrixVersionsRoute,
  type PolicyMatrix,
  putMatrix,
} from '@fengcun/contracts';
import { actorOf, personOf } from '@fengcun/identity';
import { checkMatrix, defaultMatrix, fixedRows, inheritedRows } from '@fengcun/policy';
import { route } from '@fengcun/runtime';
import type { FastifyInstance } from 'fastify';
import type { Access } from '../access.ts';
import { problem } from '../errors.ts';
import { onRecord } from '../evidence/item.ts';
import { defaultLimit } from '../list-query.ts';

/** The access matrix: read by those who work by it, changed by the security administrator. */
export function policyRoutes(app: FastifyInstance, { catalog, clock }: Access): void {
  route(app, getMatrix, async () => toMatrix(await findMatrix(catalog)));

  route(app, putMatrix, async ({ body, request }) => {
    const faults = checkMatrix(body.rows);
    if (faults.length > 0) throw problem('matrix_invalid', { extensions: { faults } });
    const set = body.basedOn === 0 ? undefined : await findMatrix(catalog, body.basedOn);
    if (body.basedOn > 0 && !set) throw problem('matrix_changed');
    // What changes is told against what holds, inherited rows among it.
    const previous = set ? [...set.rows, ...inheritedRows(set)] : defaultMatrix;
    const change = { ...body, previous, account: personOf(request).account.id, actor: actorOf(request.caller) };
    const version = await onRecord(setMatrix(catalog, change, clock));
    if (version === undefined) throw problem('matrix_changed');
    return toMatrix(await findMatrix(catalog, version));
  });

  route(app, listMatrixVersionsRoute, async ({ query }) =>
    listMatrixVersions(catalog, { cursor: query.cursor, limit: query.limit ?? defaultLimit }),
  );

  route(app, getMatrixVersion, async ({ params }) => {
    const stored = params.version === 0 ? undefined : await findMatrix(catalog, params.version);
    if (params.version > 0 && !stored) throw problem('not_found');
    return toMatrix(stored);
  });
}

const toMatrix = (stored: StoredMatrix | undefined): PolicyMatrix => ({
  version: stored?.version ?? 0,
  changedAt: stored?.changedAt ?? null,
  changedBy: stored?.changedBy ?? null,
  reason: stored?.reason ?? null,
  fixed: [...fixedRows],
  rows: [...(stored?.rows ?? defaultMatrix)],
  inherited: stored ? [...inheritedRows(stored)] : [],
  guarantees: [...guarantees],
});
