import { randomUUID } from 'node:crypto';
import type { CallReply, DeviceDetail, DeviceFacts, EventType } from '@fengcun/contracts';
import { type Answers, refuse } from './answer.ts';
import { entryOf } from './case-answers.ts';
import { iso, now } from './clock.ts';
import { type Person, people, units, uuidOf } from './people.ts';

type DeviceAnswers = Pick<
  Answers,
  'listDevices' | 'getDevice' | 'createDevice' | 'changeDevice' | 'setDeviceState' | 'getDeviceHistory'
>;

type History = CallReply<'getDeviceHistory'>['items'];

/** The register of an invented bureau, and one device in it that nobody has registered. */
export function deviceWorld(
  known: readonly Pick<DeviceDetail, 'id' | 'serial' | 'kind' | 'name' | 'unit'>[],
): DeviceDetail[] {
  const usual: Omit<DeviceDetail, 'id' | 'serial' | 'kind' | 'name' | 'unit'> = {
    model: 'DSJ-V8',
    holder: null,
    state: 'in_use',
    firstSeenAt: iso(now - 200 * 86_400_000),
    lastOffloadAt: iso(now),
    lastDock: { id: uuidOf('dock 1'), name: '城东所 1 号采集站' },
    clockOffsetMs: -2300,
    clockNote: null,
    stateReason: null,
    revision: 1,
    changed: null,
    items: 3,
    serialOpen: false,
    actions: { change: true },
  };
  const unknown = {
    id: uuidOf('device 9'),
    serial: 'XC-77120',
    kind: 'other',
    name: 'XC-77120',
    unit: units.east,
  } as const;
  return [
    ...known.map((device) => ({ ...usual, ...device })),
    { ...usual, ...unknown, model: null, state: 'unregistered', clockOffsetMs: 83_400 },
  ];
}

export function deviceAnswers(devices: DeviceDetail[]): DeviceAnswers {
  const histories = new Map<string, History>();
  const found = (id: string) => devices.find((device) => device.id === id) ?? refuse(404, 'not_found');
  const personOf = (id: string | null) => {
    const person = people.find((each) => each.id === id);
    return person ? { id: person.id, name: person.name, officerNumber: person.officerNumber } : null;
  };
  const rowOf = ({ unit, holder, ...facts }: DeviceFacts) => ({
    ...facts,
    unit: Object.values(units).find(({ id }) => id === unit) ?? refuse(400, 'unit_unknown'),
    holder: personOf(holder),
  });
  const note = (
    device: DeviceDetail,
    me: Person,
    type: EventType,
    data: object,
    opened: Record<string, string> = {},
  ) => {
    const entry = entryOf(type, device.id, iso(now), me, { data, opened }, 'device');
    histories.set(device.id, [...(histories.get(device.id) ?? []), entry]);
  };
  const change = (id: string, basedOn: number, me: Person, to: Partial<DeviceDetail>): DeviceDetail => {
    const device = found(id);
    if (device.revision !== basedOn) return refuse(409, 'device_changed');
    return Object.assign(device, to, {
      revision: basedOn + 1,
      changed: { by: { id: me.id, name: me.name }, at: iso(now) },
    });
  };
  return {
    listDevices: ({ query }) => {
      const is = (key: string, value: string) => query.get(key) === null || query.get(key) === value;
      return {
        items: devices.filter(
          (device) =>
            is('state', device.state) &&
            is('kind', device.kind) &&
            is('unit', device.unit.id) &&
            `${device.serial} ${device.name}`.includes(query.get('q') ?? ''),
        ),
        next: null,
        unregistered: devices.filter(({ state }) => state === 'unregistered').length,
      };
    },
    getDevice: ({ params }) => found(params.id),
    getDeviceHistory: ({ params }) => ({ items: histories.get(found(params.id).id) ?? [], next: null }),
    createDevice: ({ body, me }) => {
      if (devices.some(({ serial }) => serial === body.serial)) return refuse(409, 'serial_taken');
      const device: DeviceDetail = {
        ...{ ...rowOf(body), id: randomUUID(), state: 'in_use', firstSeenAt: iso(now), lastOffloadAt: null },
        ...{ lastDock: null, clockOffsetMs: null, stateReason: null, revision: 1, items: 0, serialOpen: true },
        ...{ changed: null, actions: { change: true } },
      };
      devices.push(device);
      note(device, me, 'device.registered', { state: 'in_use', unit: body.unit });
      return device;
    },
    changeDevice: ({ params, body, me }) => {
      const { basedOn, ...facts } = body;
      const before = found(params.id);
      const was = { name: before.name, unit: before.unit.id };
      const isNew = before.state === 'unregistered';
      const device = change(params.id, basedOn, me, { ...rowOf(facts), state: isNew ? 'in_use' : before.state });
      if (isNew) note(device, me, 'device.registered', { state: 'in_use', unit: facts.unit });
      else note(device, me, 'device.changed', { ...facts, was });
      return device;
    },
    setDeviceState: ({ params, body, me }) => {
      const was = found(params.id).state;
      const { state, reason } = body;
      const device = change(params.id, body.basedOn, me, { state, stateReason: reason });
      note(device, me, 'device.state_changed', { was, state }, { '/data/reason': reason });
      return device;
    },
  };
}
