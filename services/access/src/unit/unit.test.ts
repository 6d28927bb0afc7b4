import { makeDock, makePerson, makeUnit, type TestPerson, type TestUnit } from '@fengcun/identity/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventsOf } from '../testing/events.ts';
import { type Harness, startHarness } from '../testing/harness.ts';

let harness: Harness;
let bureau: TestUnit;
let keeper: TestPerson;
beforeAll(async () => {
  harness = await startHarness();
  bureau = await makeUnit(harness.owner);
  keeper = await makePerson(harness.owner, 'system_admin', { unit: bureau });
});
afterAll(() => harness.close());

const ask = async (person: TestPerson, method: 'POST' | 'PATCH', url: string, payload: object) => {
  const reply = await harness.app.inject({ method, url, headers: person.headers, payload });
  return { status: reply.statusCode, body: reply.json() };
};
let made = 0;
const unitBelow = async (parent: string) => {
  const { body } = await ask(keeper, 'POST', '/api/units', { parent, name: `单位 ${++made}`, code: `U-${made}` });
  return body as { id: string; parent: string; name: string };
};
const pathOf = async (id: string) =>
  (await harness.owner.selectFrom('unit').select('path').where('id', '=', id).executeTakeFirstOrThrow()).path;

describe('a unit', () => {
  it('is created below another, with its event', async () => {
    const unit = await unitBelow(bureau.id);
    expect(unit).toMatchObject({ parent: bureau.id, closedAt: null });
    expect(await pathOf(unit.id)).toEqual([bureau.id, unit.id]);
    expect((await eventsOf(harness, 'unit.created')).at(-1)).toMatchObject({ actor: keeper.id, subject: unit.id });
  });

  it('moves with everything below it, and who reaches it changes at the next request', async () => {
    const [from, to] = [await unitBelow(bureau.id), await unitBelow(bureau.id)];
    const moved = await unitBelow(from.id);
    const deep = await unitBelow(moved.id);
    const keeperOfTo = await makePerson(harness.owner, 'officer', {
      unit: { id: to.id, name: to.name, path: [bureau.id, to.id] },
    });
    const seen = async () => {
      const reply = await harness.app.inject({ url: '/api/units', headers: keeperOfTo.headers });
      return reply.json().items.map(({ id }: { id: string }) => id);
    };
    expect(await seen()).toEqual([to.id]);
    const reply = await ask(keeper, 'PATCH', `/api/units/${moved.id}`, { parent: to.id });
    expect(reply.body).toMatchObject({ id: moved.id, parent: to.id });
    expect(await pathOf(deep.id)).toEqual([bureau.id, to.id, moved.id, deep.id]);
    expect(await seen()).toEqual([to.id, moved.id, deep.id]);
    expect((await eventsOf(harness, 'unit.changed')).at(-1)?.data).toMatchObject({
      parent: to.id,
      was: { parent: from.id },
    });
  });

  it('does not move below itself, past the deepest level, or out of the administrator’s hands', async () => {
    const unit = await unitBelow(bureau.id);
    const below = await unitBelow(unit.id);
    const move = (id: string, parent: string, by = keeper) => ask(by, 'PATCH', `/api/units/${id}`, { parent });
    expect((await move(unit.id, below.id)).body.code).toBe('unit_below_itself');
    expect((await move(unit.id, (await makeUnit(harness.owner)).id)).body.code).toBe('unit_unknown');
    expect((await move(bureau.id, unit.id)).body.code).toBe('own_unit');
    const foreign = await makeUnit(harness.owner);
    expect((await move(foreign.id, unit.id)).status).toBe(404);
    let deepest = below.id;
    while ((await pathOf(deepest)).length < 16) deepest = (await unitBelow(deepest)).id;
    expect((await ask(keeper, 'POST', '/api/units', { parent: deepest, name: 'x', code: 'too-deep' })).body.code).toBe(
      'tree_too_deep',
    );
    const other = await unitBelow(bureau.id);
    await unitBelow(other.id);
    const above = (await pathOf(deepest)).at(-2) ?? '';
    expect((await move(other.id, above)).body.code).toBe('tree_too_deep');
  });

  it('keeps its code for itself', async () => {
    const [a, b] = [await unitBelow(bureau.id), await unitBelow(bureau.id)];
    await ask(keeper, 'PATCH', `/api/units/${a.id}`, { code: 'SAME' });
    expect((await ask(keeper, 'PATCH', `/api/units/${b.id}`, { code: 'SAME' })).body.code).toBe('unit_code_taken');
  });

  it('closes only when nobody and nothing belongs to it; then it takes nobody, until it opens again', async () => {
    const { id, name } = await unitBelow(bureau.id);
    const unit = { id, name, path: [bureau.id, id] };
    const dock = await makeDock(harness.owner, { unit });
    const person = await makePerson(harness.owner, 'officer', { unit });
    const close = () => ask(keeper, 'POST', `/api/units/${id}/closure`, { reason: '机构改革' });
    expect((await close()).body).toMatchObject({
      code: 'unit_in_use',
      inUse: { units: 0, accounts: 1, docks: 1, devices: 0 },
    });
    await harness.owner.updateTable('dock').set({ revoked_at: new Date() }).where('id', '=', dock.id).execute();
    await harness.owner.updateTable('account').set({ disabled_at: new Date() }).where('id', '=', person.id).execute();
    expect((await close()).body.closedAt).not.toBeNull();
    await expect(makePerson(harness.owner, 'officer', { unit })).rejects.toMatchObject({ constraint: 'unit_open' });
    expect((await ask(keeper, 'POST', '/api/units', { parent: id, name: 'x', code: 'below-closed' })).body.code).toBe(
      'unit_closed',
    );
    expect((await ask(keeper, 'POST', `/api/units/${id}/reopening`, { reason: '恢复' })).body.closedAt).toBeNull();
    await makePerson(harness.owner, 'officer', { unit });
  });

  it('is not kept by a security administrator', async () => {
    const security = await makePerson(harness.owner, 'security_admin', { unit: bureau });
    const reply = await ask(security, 'POST', '/api/units', { parent: bureau.id, name: 'x', code: 'x' });
    expect([reply.status, reply.body.code]).toEqual([403, 'role_required']);
  });
});
