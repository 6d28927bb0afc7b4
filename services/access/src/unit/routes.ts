import {
  deepestUnit,
  type Executor,
  findUnit,
  insertUnit,
  lockUnit,
  lockUnitTree,
  setUnitClosed,
  type UnitRecord,
  unitHeight,
  unitUse,
  updateUnit,
} from '@fengcun/catalog';
import { changeUnit, closeUnit, createUnit, reopenUnit, type Unit } from '@fengcun/contracts';
import { actorOf, type Person, personOf, recordDenial } from '@fengcun/identity';
import { route } from '@fengcun/runtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Access } from '../access.ts';
import { heldIn } from '../account/reach.ts';
import { problem } from '../errors.ts';

const keepers = ['system_admin'] as const;

/** The tree of units, kept by system administrators, each below the units in which they hold that role. */
export function unitRoutes(app: FastifyInstance, { catalog, clock }: Access): void {
  route(app, createUnit, async ({ body, request }) => {
    const person = personOf(request);
    return catalog.transaction().execute(async (tx) => {
      await lockUnitTree(tx);
      const parent = await parentFor(tx, request, body.parent);
      if (parent.path.length >= deepestUnit) throw problem('tree_too_deep');
      const { name, code } = body;
      const id = await insertUnit(tx, { parent, name, code, actor: actorOf(person) }, clock);
      return described(tx, person, id);
    });
  });

  route(app, changeUnit, async ({ params, body, request }) => {
    const person = personOf(request);
    return catalog.transaction().execute(async (tx) => {
      await lockUnitTree(tx);
      const unit = await keptUnit(tx, request, params.id);
      const moves = body.parent !== undefined && body.parent !== unit.parent;
      const parent = moves && body.parent !== undefined ? await parentFor(tx, request, body.parent) : undefined;
      if (parent) {
        if (isTop(person, unit)) throw problem('own_unit');
        if (parent.path.includes(unit.id)) throw problem('unit_below_itself');
        if (parent.path.length + (await unitHeight(tx, unit)) > deepestUnit) throw problem('tree_too_deep');
      }
      const { name = unit.name, code = unit.code } = body;
      await updateUnit(tx, unit, { name, code, parent, actor: actorOf(person) }, clock);
      return described(tx, person, unit.id);
    });
  });

  route(app, closeUnit, async ({ params, body, request }) => {
    const person = personOf(request);
    return catalog.transaction().execute(async (tx) => {
      await lockUnitTree(tx);
      const unit = await keptUnit(tx, request, params.id);
      if (isTop(person, unit)) throw problem('own_unit');
      if (unit.closedAt) throw problem('unit_closed');
      await lockUnit(tx, unit.id);
      const inUse = await unitUse(tx, unit.id);
      if (Object.values(inUse).some((count) => count > 0)) throw problem('unit_in_use', { extensions: { inUse } });
      const change = { unit: unit.id, closed: true, reason: body.reason, actor: actorOf(person) };
      await setUnitClosed(tx, change, clock);
      return described(tx, person, unit.id);
    });
  });

  route(app, reopenUnit, async ({ params, body, request }) => {
    const person = personOf(request);
    return catalog.transaction().execute(async (tx) => {
      await lockUnitTree(tx);
      const unit = await keptUnit(tx, request, params.id);
      if (!unit.closedAt) throw problem('unit_not_closed');
      const parent = unit.parent === null ? undefined : await findUnit(tx, unit.parent);
      if (parent?.closedAt) throw problem('unit_closed');
      const change = { unit: unit.id, closed: false, reason: body.reason, actor: actorOf(person) };
      await setUnitClosed(tx, change, clock);
      return described(tx, person, unit.id);
    });
  });
}

/** A unit that the caller keeps. Throws `not_found`, on record where there is one. */
async function keptUnit(db: Executor, request: FastifyRequest, id: string): Promise<UnitRecord> {
  const unit = await findUnit(db, id);
  if (unit && reaches(personOf(request), unit)) return unit;
  if (unit) await recordDenial(request, { code: 'not_found', subject: { kind: 'unit', id } });
  throw problem('not_found');
}

/** An open unit that the caller keeps, to put another below. Throws `unit_unknown`, `unit_closed`. */
async function parentFor(db: Executor, request: FastifyRequest, id: string): Promise<UnitRecord> {
  const unit = await findUnit(db, id);
  if (!unit || !reaches(personOf(request), unit)) {
    if (unit) await recordDenial(request, { code: 'unit_unknown', subject: { kind: 'unit', id } });
    throw problem('unit_unknown');
  }
  if (unit.closedAt) throw problem('unit_closed');
  return unit;
}

const reaches = (person: Person, unit: UnitRecord) => heldIn(person, keepers).some((held) => unit.path.includes(held));

/** Whether the caller keeps a unit by the role in it alone, and not by one further up. */
const isTop = (person: Person, unit: UnitRecord) =>
  !heldIn(person, keepers).some((held) => held !== unit.id && unit.path.includes(held));

async function described(db: Executor, person: Person, id: string): Promise<Unit> {
  const unit = await findUnit(db, id);
  if (!unit) throw new Error('A unit just written is not there');
  const above = unit.path.at(-2);
  // A parent outside what the reader can see is not told.
  const visible = person.roles.some((held) => above !== undefined && unit.path.slice(0, -1).includes(held.unit));
  return {
    id: unit.id,
    parent: visible ? unit.parent : null,
    name: unit.name,
    code: unit.code,
    closedAt: unit.closedAt?.toISOString() ?? null,
  };
}
