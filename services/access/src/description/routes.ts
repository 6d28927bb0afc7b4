import {
  describeEvidence,
  type EvidenceRecord,
  findCase,
  findDescription,
  findMatter,
  listDescriptions,
  listTags,
  unitScope,
} from '@fengcun/catalog';
import {
  describeEvidence as describeRoute,
  getDescription,
  type ItemDescription,
  listDescriptions as listDescriptionsRoute,
  listTags as listTagsRoute,
} from '@fengcun/contracts';
import { actorOf, type Person, personOf } from '@fengcun/identity';
import { route } from '@fengcun/runtime';
import type { FastifyInstance } from 'fastify';
import type { Access } from '../access.ts';
import { problem } from '../errors.ts';
import { decideFor, findVisible, itemOf, onRecord, openItem, requireAllowed } from '../evidence/item.ts';
import { defaultLimit } from '../list-query.ts';

/** What people say about recordings. */
export function descriptionRoutes(app: FastifyInstance, access: Access): void {
  const { catalog, clock } = access;

  const shown = async (person: Person, record: EvidenceRecord): Promise<ItemDescription> => {
    const [description, decision] = await Promise.all([
      findDescription(catalog, record.id),
      decideFor(access, person, 'describe', itemOf(record)),
    ]);
    const describe = { allowed: decision.outcome === 'allow', rule: decision.rule };
    return { ...description, actions: { describe } };
  };

  route(app, getDescription, async ({ params, request }) =>
    shown(personOf(request), await openItem(access, request, params.id)),
  );

  route(app, listDescriptionsRoute, async ({ params, query, request }) => {
    await openItem(access, request, params.id);
    return listDescriptions(catalog, params.id, { cursor: query.cursor, limit: query.limit ?? defaultLimit });
  });

  route(app, describeRoute, async ({ params, body, request }) => {
    const record = await findVisible(access, request, params.id);
    const { rule } = await requireAllowed(access, request, 'describe', record);
    const person = personOf(request);
    const known = await findDescription(catalog, record.id);
    // What was said before may stay, though the reader could not say it anew.
    if (body.case !== null && body.case !== known.case?.id) await requireCase(access, person, body.case);
    if (body.matter !== null && body.matter !== known.matter?.id) await requireMatter(access, record, body.matter);
    const draft = {
      evidence: record.id,
      unit: record.unit_id,
      account: person.account.id,
      actor: actorOf(person),
      rule,
      basedOn: body.basedOn,
      case: body.case,
      matter: body.matter,
      title: body.title?.trim() || null,
      place: body.place?.trim() || null,
      note: body.note?.trim() || null,
      tags: distinct(body.tags),
    };
    const outcome = await onRecord(describeEvidence(catalog, draft, clock));
    if (outcome === 'changed') throw problem('description_changed');
    if (outcome !== 'described') throw problem(outcome);
    return shown(person, record);
  });

  route(app, listTagsRoute, async ({ query, request }) => {
    const roots = personOf(request).roles.map((held) => held.unit);
    return { items: await listTags(catalog, await unitScope(catalog, roots), query.q) };
  });
}

/** Tags that differ in width, case or space around are one tag: the first way of writing it. */
function distinct(tags: readonly string[]): readonly string[] {
  const written = tags.map((tag) => tag.trim()).filter((tag) => tag !== '');
  // The last of a key stays in a map: the first one written, when they come the other way round.
  const first = new Map(written.toReversed().map((tag) => [tag.normalize('NFKC').toLowerCase(), tag]));
  return [...new Set(written.map((tag) => tag.normalize('NFKC').toLowerCase()))].map((key) => first.get(key) ?? key);
}

/** Throws `unknown_case` for one that the person's units do not reach. */
async function requireCase({ catalog }: Access, person: Person, id: string): Promise<void> {
  const file = await findCase(catalog, id);
  const reached = file !== undefined && person.roles.some((held) => file.unitPath.includes(held.unit));
  if (!reached) throw problem('unknown_case');
}

/** Throws `unknown_matter` for one that does not hold for the item's unit, or is no longer offered. */
async function requireMatter({ catalog }: Access, record: EvidenceRecord, id: string): Promise<void> {
  const found = await findMatter(catalog, id);
  const offered = found !== undefined && !found.matter.retired && record.unit_path.includes(found.matter.unit.id);
  if (!offered) throw problem('unknown_matter');
}
