import { newId } from '@fengcun/catalog';
import type { DeviceDetail } from '@fengcun/contracts';
import { makeDock, makePerson, makeUnit, type TestPerson, type TestUnit } from '@fengcun/identity/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventsOf } from '../testing/events.ts';
import { type Harness, startHarness } from '../testing/harness.ts';

let harness: Harness;
let bureau: TestUnit;
let county: TestUnit;
let other: TestUnit;
let keeper: TestPerson;
let officer: TestPerson;
let stranger: TestPerson;
beforeAll(async () => {
  harness = await startHarness();
  bureau = await makeUnit(harness.owner, { name: '市局' });
  county = await makeUnit(harness.owner, { parent: bureau, name: '县局' });
  other = await makeUnit(harness.owner, { parent: bureau, name: '邻县' });
  keeper = await makePerson(harness.owner, 'system_admin', { unit: bureau });
  officer = await makePerson(harness.owner, 'officer', { unit: county, name: '李警官' });
  stranger = await makePerson(harness.owner, 'system_admin', { unit: await makeUnit(harness.owner) });
});
afterAll(() => harness.close());

const call = async (as: TestPerson, method: 'GET' | 'PUT' | 'POST', url: string, body?: object) => {
  const reply = await harness.app.inject({ method, url, headers: as.headers, ...(body ? { payload: body } : {}) });
  return { status: reply.statusCode, body: reply.json() };
};
let made = 0;
const factsOf = (more: object = {}) => ({
  serial: `8900${String(++made).padStart(3, '0')}`,
  kind: 'body_camera',
  name: '执法记录仪',
  model: 'DSJ-V8',
  unit: county.id,
  holder: null,
  clockNote: null,
  ...more,
});
const register = async (more: object = {}, as = keeper): Promise<DeviceDetail> => {
  const { status, body } = await call(as, 'POST', '/api/devices', factsOf(more));
  expect(status, JSON.stringify(body)).toBe(201);
  return body;
};
/** What a dock leaves behind that hands over the recordings of a device nobody knows. */
async function seenByDock(unit = county, clocks: { device: Date; dock: Date } | null = null): Promise<string> {
  const dock = await makeDock(harness.owner, { unit });
  const [id, offload] = [newId(), newId()];
  const at = harness.clock.now();
  const row = { serial: `UNKNOWN-${++made}`, kind: 'other', name: 'UNKNOWN', unit_id: unit.id, state: 'unregistered' };
  await harness.owner
    .insertInto('device')
    .values({ ...row, id, created_at: at, last_offload_at: at } as never)
    .execute();
  await harness.owner
    .insertInto('offload')
    .values({
      id: offload,
      device_id: id,
      dock_id: dock.id,
      account_id: null,
      unit_id: unit.id,
      officer_number: null,
      announcement: Buffer.from(offload.replaceAll('-', '').padEnd(64, '0'), 'hex'),
      device_clock: clocks?.device ?? null,
      dock_clock: clocks?.dock ?? at,
      opened_at: at,
    })
    .execute();
  return id;
}
const changeOf = ({ revision, serial, kind, name, model, unit, holder, clockNote }: DeviceDetail, more: object) => ({
  basedOn: revision,
  ...{ serial, kind, name, model, unit: unit.id, holder: holder?.id ?? null, clockNote },
  ...more,
});
const change = (device: DeviceDetail, more: object, as = keeper) =>
  call(as, 'PUT', `/api/devices/${device.id}`, changeOf(device, more));
const setState = (device: DeviceDetail, state: string, as = keeper) =>
  call(as, 'POST', `/api/devices/${device.id}/state`, { basedOn: device.revision, state, reason: '例行处理' });
const read = async (id: string, as = keeper): Promise<DeviceDetail> =>
  (await call(as, 'GET', `/api/devices/${id}`)).body;

describe('the register of devices', () => {
  it('takes a device before it is used, with its holder and its event', async () => {
    const device = await register({ holder: officer.id, clockNote: '每天快 2 秒' });
    expect(device).toMatchObject({
      state: 'in_use',
      revision: 1,
      unit: { id: county.id, name: '县局' },
      holder: { id: officer.id, name: '李警官' },
      serialOpen: true,
      items: 0,
      changed: { by: { id: keeper.id } },
      actions: { change: true },
    });
    const event = (await eventsOf(harness, 'device.registered')).at(-1);
    expect(event).toMatchObject({
      actor: keeper.id,
      subject: device.id,
      data: { serial: device.serial, state: 'in_use' },
    });
    // Names are commitments.
    expect(JSON.stringify(event?.data)).not.toContain('李警官');
    expect(await read(device.id, officer)).toMatchObject({ id: device.id, actions: { change: false } });
  });

  it('registers what a dock reported first, where the recordings it handed over stay as they are', async () => {
    const clocks = { device: new Date('2026-11-22T01:00:04.500Z'), dock: new Date('2026-11-22T01:00:00Z') };
    const id = await seenByDock(county, clocks);
    const before = await read(id);
    expect(before).toMatchObject({ state: 'unregistered', serialOpen: false, clockOffsetMs: 4500 });
    expect(before.lastDock).not.toBeNull();
    const { body } = await call(keeper, 'GET', '/api/devices?state=unregistered');
    expect(body.items.map((each: { id: string }) => each.id)).toContain(id);
    expect(body.unregistered).toBe(body.items.length);
    expect(await change(before, { kind: 'body_camera', name: '城东 1 号', unit: other.id })).toMatchObject({
      status: 200,
      body: { state: 'in_use', name: '城东 1 号', unit: { id: other.id }, revision: 2 },
    });
    expect((await call(keeper, 'GET', '/api/devices')).body.unregistered).toBe(body.unregistered - 1);
    expect(await change(await read(id), { serial: 'X1' })).toMatchObject({
      status: 409,
      body: { code: 'serial_fixed' },
    });
  });

  it('hands a device to another unit, and says in its history what was different before', async () => {
    const device = await register({ holder: officer.id });
    await change(device, { unit: other.id, holder: null });
    const { body } = await call(keeper, 'GET', `/api/devices/${device.id}/history`);
    expect(body.items.map(({ event }: { event: { type: string } }) => event.type)).toEqual([
      'device.registered',
      'device.changed',
    ]);
    const [, { event, openings }] = body.items;
    expect(event.data).toMatchObject({
      unit: other.id,
      holder: null,
      was: { unit: county.id, holder: { id: officer.id } },
    });
    expect(openings['/data/was/holder/name']).toBe('李警官');
    expect(event.data.was).not.toHaveProperty('serial');
    expect((await call(officer, 'GET', `/api/devices/${device.id}`)).status).toBe(404);
  });

  it('corrects a serial number as long as nothing was handed over, and never gives one twice', async () => {
    const [one, two] = [await register(), await register()];
    expect((await change(one, { serial: two.serial })).body.code).toBe('serial_taken');
    expect((await change(one, { serial: `${one.serial}B` })).body).toMatchObject({ serial: `${one.serial}B` });
    expect((await call(keeper, 'POST', '/api/devices', factsOf({ serial: two.serial }))).body.code).toBe(
      'serial_taken',
    );
  });

  it('lets the second of two who change at once see that they are late', async () => {
    const device = await register();
    const replies = await Promise.all(['甲', '乙'].map((name) => change(device, { name })));
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(replies.find(({ status }) => status === 409)?.body.code).toBe('device_changed');
    expect((await setState(device, 'lost')).body.code).toBe('device_changed');
    const { changed, revision } = await read(device.id);
    expect({ by: changed?.by.id, revision }).toEqual({ by: keeper.id, revision: 2 });
  });

  it('puts a device out of service and back, with the reason on record', async () => {
    const device = await register();
    const lost = (await setState(device, 'lost')).body;
    expect(lost).toMatchObject({ state: 'lost', stateReason: '例行处理', revision: 2 });
    expect((await setState(lost, 'lost')).body.code).toBe('device_in_state');
    expect((await eventsOf(harness, 'device.state_changed')).at(-1)?.data).toMatchObject({
      state: 'lost',
      was: 'in_use',
    });
    expect((await setState(lost, 'in_use')).body).toMatchObject({ state: 'in_use' });
    const unknown = await read(await seenByDock());
    expect((await setState(unknown, 'in_use')).body.code).toBe('device_unregistered');
    expect((await setState(unknown, 'retired')).body).toMatchObject({ state: 'retired' });
  });

  it('is searched, narrowed and paged by serial number', async () => {
    const unit = await makeUnit(harness.owner, { parent: bureau });
    const devices = [];
    for (const name of ['甲组', '甲组', '乙组']) devices.push(await register({ unit: unit.id, name }));
    const list = async (query: string) => (await call(keeper, 'GET', `/api/devices?unit=${unit.id}&${query}`)).body;
    const ids = (body: { items: { id: string }[] }) => body.items.map(({ id }) => id);
    const first = await list('limit=2');
    expect(ids(first)).toEqual(devices.slice(0, 2).map(({ id }) => id));
    expect(ids(await list(`limit=2&cursor=${first.next}`))).toEqual([devices[2]?.id]);
    expect(ids(await list(`q=${encodeURIComponent('甲组')}`))).toHaveLength(2);
    expect(ids(await list('kind=camcorder'))).toEqual([]);
    expect((await list('cursor=__')).code).toBe('cursor_invalid');
  });

  it('belongs to those who keep the unit, and to nobody else', async () => {
    const device = await register();
    expect((await change(device, {}, stranger)).status).toBe(404);
    expect((await setState(device, 'lost', stranger)).status).toBe(404);
    expect((await read(device.id, stranger)) as unknown).toMatchObject({ code: 'not_found' });
    expect((await call(stranger, 'POST', '/api/devices', factsOf())).body.code).toBe('unit_unknown');
    expect((await change(device, { unit: stranger.unit.id })).body.code).toBe('unit_unknown');
    expect((await change(device, { holder: newId() })).body.code).toBe('unknown_holder');
    const closed = await makeUnit(harness.owner, { parent: bureau });
    await harness.owner.updateTable('unit').set({ closed_at: new Date() }).where('id', '=', closed.id).execute();
    expect((await change(device, { unit: closed.id })).body.code).toBe('unit_closed');
  });
});

describe('people to choose from', () => {
  it('are those in use whose roles reach the unit and who record and handle cases', async () => {
    const head = await makePerson(harness.owner, 'supervisor', { unit: bureau, name: '王支队' });
    const gone = await makePerson(harness.owner, 'officer', { unit: county, name: '王某' });
    await harness.owner.updateTable('account').set({ disabled_at: new Date() }).where('id', '=', gone.id).execute();
    const names = async (query: string) =>
      (await call(keeper, 'GET', `/api/units/${county.id}/colleagues${query}`)).body.items.map(
        ({ id }: { id: string }) => id,
      );
    expect(await names(`?q=${encodeURIComponent('王')}`)).toEqual([head.id]);
    expect(await names('')).toEqual(expect.arrayContaining([officer.id, head.id]));
    expect(await names('')).not.toContain(keeper.id);
    expect((await call(stranger, 'GET', `/api/units/${county.id}/colleagues`)).status).toBe(404);
  });
});
