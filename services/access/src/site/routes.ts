import { isEmptySite, listUnitsUnder, readOverview } from '@fengcun/catalog';
import { getOverview, getSite, listUnits, openApiDocument } from '@fengcun/contracts';
import { personOf, visibleUnits } from '@fengcun/identity';
import { route } from '@fengcun/runtime';
import type { FastifyInstance } from 'fastify';
import type { Access } from '../access.ts';
import { dayStart } from './day-start.ts';

export function siteRoutes(app: FastifyInstance, { config, catalog, vault, clock }: Access): void {
  const { site } = config;
  const document = openApiDocument({ title: `Fengcun · ${site.name}`, version: site.version });

  app.get('/api/openapi.json', { config: { rule: { who: 'public' } } }, async () => document);

  route(app, getSite, async () => ({
    ...site,
    uploads: '/files',
    protection: vault.capabilities.protection,
    signIn: { setUp: await isEmptySite(catalog), oidc: config.oidc && { label: config.oidc.label } },
  }));

  route(app, getOverview, async ({ request }) =>
    readOverview(catalog, await visibleUnits(catalog, request.caller), dayStart(clock.now(), site.timeZone)),
  );

  route(app, listUnits, async ({ request }) => {
    const rows = await listUnitsUnder(catalog, [...new Set(personOf(request).roles.map((held) => held.unit))]);
    const visible = new Set(rows.map((row) => row.id));
    return {
      items: rows.map(({ id, parent_id: parent, name, code, closed_at }) => ({
        id,
        // A parent outside what the reader can see is not told.
        parent: parent !== null && visible.has(parent) ? parent : null,
        name,
        code,
        closedAt: closed_at?.toISOString() ?? null,
      })),
    };
  });
}
