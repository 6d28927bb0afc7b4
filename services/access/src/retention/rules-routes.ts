import {
  findMatter,
  findUnit,
  insertMatter,
  listMatters,
  readRetentionRules,
  retireMatter,
  saveClass,
  saveDefault,
  topUnits,
  updateMatter,
} from '@fengcun/catalog';
import {
  changeMatter as changeMatterRoute,
  createMatter as createMatterRoute,
  getRetentionRules as getRetentionRulesRoute,
  listMatters as listMattersRoute,
  type Matter,
  retireMatter as retireMatterRoute,
  saveRetentionClass as saveClassRoute,
  saveRetentionDefault as saveDefaultRoute,
} from '@fengcun/contracts';
import { actorOf, personOf, recordDenial, visibleUnits } from '@fengcun/identity';
import { decide, ordinary, permanentYears } from '@fengcun/policy';
import { route } from '@fengcun/runtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Access } from '../access.ts';
import { problem } from '../errors.ts';
import { asActor } from '../evidence/circumstances.ts';
import { onRecord } from '../evidence/item.ts';

/** Retention classes, default classes and the catalogue of recording matters. */
export function retentionRulesRoutes(app: FastifyInstance, access: Access): void {
  const { catalog, clock } = access;

  route(app, getRetentionRulesRoute, async () => ({ ...(await readRetentionRules(catalog)), permanentYears }));

  route(app, saveClassRoute, async ({ params, body, request }) => {
    await requireWholeSite(access, request);
    const { name, term, retired } = body;
    const draft = { code: params.code, name, term, retired, actor: actorOf(personOf(request)) };
    const saved = await onRecord(saveClass(catalog, draft, clock));
    if (saved === 'in_use') throw problem('class_in_use');
    return saved;
  });

  route(app, saveDefaultRoute, async ({ params, body, request }) => {
    await requireWholeSite(access, request);
    const draft = { kind: params.kind, classCode: body.class, actor: actorOf(personOf(request)) };
    if (!(await onRecord(saveDefault(catalog, draft, clock)))) throw problem('unknown_class');
    return { kind: params.kind, class: body.class };
  });

  route(app, listMattersRoute, async ({ query, request }) => ({
    items: await listMatters(catalog, await visibleUnits(catalog, request.caller), query),
  }));

  route(app, createMatterRoute, async ({ body, request }) => {
    const { unit: id, ...fields } = body;
    const unit = (await visibleUnits(catalog, request.caller)).includes(id) ? await findUnit(catalog, id) : undefined;
    if (!unit) throw problem('not_found');
    await requireKeeper(request, 'keep_matters', unit.path);
    const draft = { unit: id, fields, actor: actorOf(personOf(request)) };
    return settled(await onRecord(insertMatter(catalog, draft, clock)));
  });

  route(app, changeMatterRoute, async ({ params, body, request }) => {
    await keptMatter(access, request, params.id);
    const draft = { id: params.id, fields: body, actor: actorOf(personOf(request)) };
    return settled(await onRecord(updateMatter(catalog, draft, clock)));
  });

  route(app, retireMatterRoute, async ({ params, request }) => {
    await keptMatter(access, request, params.id);
    return settled(await onRecord(retireMatter(catalog, { id: params.id, actor: actorOf(personOf(request)) }, clock)));
  });
}

/** Classes hold for everybody: whoever changes them has to keep a whole tree of units. */
async function requireWholeSite({ catalog }: Access, request: FastifyRequest): Promise<void> {
  const roots = await topUnits(catalog);
  const actor = asActor(personOf(request));
  const may = roots.some(
    (root) => decide(actor, 'keep_retention_rules', { unitPath: [root] }, ordinary).outcome === 'allow',
  );
  if (may) return;
  await recordDenial(request, { code: 'denied', rule: 'keeping_belongs_to_the_archive' });
  throw problem('denied');
}

async function requireKeeper(
  request: FastifyRequest,
  action: 'keep_matters',
  unitPath: readonly string[],
): Promise<void> {
  const { outcome, rule } = decide(asActor(personOf(request)), action, { unitPath }, ordinary);
  if (outcome === 'allow') return;
  await recordDenial(request, { code: 'denied', rule });
  throw problem('denied', { extensions: { rule } });
}

/** A matter that the reader can see, of a catalogue that the reader keeps. */
async function keptMatter({ catalog }: Access, request: FastifyRequest, id: string): Promise<void> {
  const found = await findMatter(catalog, id);
  const visible = await visibleUnits(catalog, request.caller);
  // A catalogue above the reader's units holds for them, so they can see it.
  if (!found || !(await concerns(catalog, visible, found.matter))) throw problem('not_found');
  await requireKeeper(request, 'keep_matters', found.unitPath);
}

async function concerns(catalog: Access['catalog'], units: readonly string[], matter: Matter): Promise<boolean> {
  if (units.includes(matter.unit.id)) return true;
  return (await listMatters(catalog, units, { retired: true })).some(({ id }) => id === matter.id);
}

function settled(outcome: Matter | 'unknown_class' | 'exists' | 'not_found'): Matter {
  if (typeof outcome !== 'string') return outcome;
  throw problem(outcome === 'exists' ? 'matter_exists' : outcome);
}
