import {
  changeDeviceFacts,
  changeDeviceState,
  type DeviceEntry,
  type DeviceRefusal,
  findDeviceEntry,
  findUnit,
  listDevices,
  listSubjectEvents,
  registerNewDevice,
  unitScope,
} from '@fengcun/catalog';
import {
  changeDevice,
  createDevice,
  type DeviceDetail,
  type DeviceFacts,
  getDevice,
  getDeviceHistory,
  listDevices as listDevicesRoute,
  setDeviceState,
} from '@fengcun/contracts';
import { actorOf, type Person, personOf, recordDenial } from '@fengcun/identity';
import { route } from '@fengcun/runtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Access } from '../access.ts';
import { heldIn } from '../account/reach.ts';
import { problem } from '../errors.ts';
import { custodyPage } from '../evidence/custody-entry.ts';
import { onRecord } from '../evidence/item.ts';
import { defaultLimit } from '../list-query.ts';

const keepers = ['system_admin'] as const;

/** The register of recorders, kept by system administrators, each below the units in which they hold that role. */
export function deviceRoutes(app: FastifyInstance, { catalog, clock }: Access): void {
  const keeps = (person: Person, unitPath: readonly string[]) =>
    heldIn(person, keepers).some((held) => unitPath.includes(held));

  const shown = async (person: Person, id: string): Promise<DeviceDetail> => {
    const entry = await findDeviceEntry(catalog, id);
    if (!entry) throw problem('not_found');
    const { unitPath, ...device } = entry;
    return { ...device, actions: { change: keeps(person, unitPath) } };
  };

  /** The device, for whom `reached` says so; for anybody else there is none, and that they asked is on record. */
  const found = async (
    request: FastifyRequest,
    id: string,
    reached: (person: Person, unitPath: readonly string[]) => boolean,
  ): Promise<DeviceEntry> => {
    const entry = await findDeviceEntry(catalog, id);
    if (entry && reached(personOf(request), entry.unitPath)) return entry;
    if (entry) await recordDenial(request, { code: 'not_found', subject: { kind: 'device', id } });
    throw problem('not_found');
  };

  /** Throws `unit_unknown` for a unit that the caller does not keep. */
  const requireUnit = async (request: FastifyRequest, id: string) => {
    const unit = await findUnit(catalog, id);
    if (unit && keeps(personOf(request), unit.path)) return;
    if (unit) await recordDenial(request, { code: 'unit_unknown', subject: { kind: 'unit', id } });
    throw problem('unit_unknown');
  };

  route(app, listDevicesRoute, async ({ query, request }) => {
    const { cursor, limit = defaultLimit, unit, ...filter } = query;
    const roots = [...new Set(personOf(request).roles.map((held) => held.unit))];
    const { units } = await unitScope(catalog, roots);
    const within = unit === undefined ? units : (await unitScope(catalog, roots, unit)).units;
    return listDevices(catalog, { units, within }, filter, { cursor, limit });
  });

  route(app, getDevice, async ({ params, request }) => {
    const { id } = await found(request, params.id, isVisible);
    return shown(personOf(request), id);
  });

  route(app, getDeviceHistory, async ({ params, query, request }) => {
    const { id } = await found(request, params.id, isVisible);
    const page = { cursor: query.cursor, limit: query.limit ?? defaultLimit };
    return custodyPage(await listSubjectEvents(catalog, { kind: 'device', id }, page));
  });

  route(app, createDevice, async ({ body, request }) => {
    const person = personOf(request);
    await requireUnit(request, body.unit);
    const by = { account: person.account.id, actor: actorOf(person) };
    const outcome = await onRecord(registerNewDevice(catalog, { ...by, facts: trimmed(body) }, clock));
    return shown(person, typeof outcome === 'string' ? refuse(outcome) : outcome.id);
  });

  route(app, changeDevice, async ({ params, body, request }) => {
    const person = personOf(request);
    const { id, unit } = await found(request, params.id, keeps);
    if (body.unit !== unit.id) await requireUnit(request, body.unit);
    const { basedOn, ...facts } = body;
    const change = { id, basedOn, facts: trimmed(facts), account: person.account.id, actor: actorOf(person) };
    const outcome = await onRecord(changeDeviceFacts(catalog, change, clock));
    if (outcome !== 'done') refuse(outcome);
    return shown(person, id);
  });

  route(app, setDeviceState, async ({ params, body, request }) => {
    const person = personOf(request);
    const { id } = await found(request, params.id, keeps);
    const { basedOn, state } = body;
    const by = { account: person.account.id, actor: actorOf(person) };
    const change = { id, basedOn, state, reason: body.reason.trim(), ...by };
    const outcome = await onRecord(changeDeviceState(catalog, change, clock));
    if (outcome !== 'done') refuse(outcome);
    return shown(person, id);
  });
}

const isVisible = (person: Person, unitPath: readonly string[]) =>
  person.roles.some((held) => unitPath.includes(held.unit));

// The serial number stays letter by letter what a dock reports.
function trimmed(facts: DeviceFacts): DeviceFacts {
  return {
    ...facts,
    name: facts.name.trim() || facts.serial,
    model: facts.model?.trim() || null,
    clockNote: facts.clockNote?.trim() || null,
  };
}

const codes = {
  serial_taken: 'serial_taken',
  serial_fixed: 'serial_fixed',
  unknown_holder: 'unknown_holder',
  unit_closed: 'unit_closed',
  changed: 'device_changed',
  unregistered: 'device_unregistered',
  in_state: 'device_in_state',
} as const satisfies Record<DeviceRefusal, string>;

function refuse(refusal: DeviceRefusal): never {
  throw problem(codes[refusal]);
}
