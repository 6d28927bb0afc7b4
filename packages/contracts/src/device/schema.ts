import { type Static, Type } from 'typebox';
import { CustodyEntry } from '../evidence/schema.ts';
import { Page, pageQuery } from '../http/page.ts';
import { IdParams, Instant, Line, Nullable, Uuid } from '../http/primitives.ts';
import { defineRoute } from '../http/route.ts';

export const deviceKinds = ['body_camera', 'camcorder', 'voice_recorder', 'interview_room', 'other'] as const;
export const DeviceKind = Type.Enum([...deviceKinds]);

/**
 * `unregistered`: docks report it and nobody has said what it is. `in_use`, `in_repair`: equipment of its unit. `lost`, `retired`: so no
 * more. The footage of a device is taken whatever its state: one that was lost and hands something over raises an alarm.
 */
export const deviceStates = ['unregistered', 'in_use', 'in_repair', 'lost', 'retired'] as const;
export const DeviceState = Type.Enum([...deviceStates]);

const Named = Type.Object({ id: Uuid, name: Type.String() });

/** A recorder. */
export const Device = Type.Object({
  id: Uuid,
  serial: Type.String(),
  kind: DeviceKind,
  name: Type.String(),
  /** 型号 */
  model: Nullable(Type.String()),
  unit: Named,
  state: DeviceState,
  /** 领用人 */
  holder: Nullable(Type.Object({ ...Named.properties, officerNumber: Nullable(Type.String()) })),
  /** when a dock or a person first handed something of it over, or it was written down */
  firstSeenAt: Instant,
  lastOffloadAt: Nullable(Instant),
  /** which dock took its last offload; null: none, or a person */
  lastDock: Nullable(Named),
  /** device's clock minus dock's at its last offload, ms; null where either did not say */
  clockOffsetMs: Nullable(Type.Integer()),
});
export type Device = Static<typeof Device>;

export const DeviceDetail = Type.Object({
  ...Device.properties,
  /** what is known of its clock, in words */
  clockNote: Nullable(Type.String()),
  /** why it is in this state, where somebody put it there */
  stateReason: Nullable(Type.String()),
  revision: Type.Integer({ minimum: 1 }),
  changed: Nullable(Type.Object({ by: Named, at: Instant })),
  /** recordings of it that are kept */
  items: Type.Integer(),
  /** the serial number can be corrected: nothing was sealed under it yet */
  serialOpen: Type.Boolean(),
  /** what the reader may do now */
  actions: Type.Object({ change: Type.Boolean() }),
});
export type DeviceDetail = Static<typeof DeviceDetail>;

const readers = { who: 'person', roles: [] } as const;
/** Equipment is kept by system administrators, each for the subtree of the units in which they hold that role. */
const keepers = { who: 'person', roles: ['system_admin'] } as const;
const strict = { additionalProperties: false } as const;

/** As engraved or reported: what docks say and what people write has to agree letter by letter. */
const Serial = Line(64);

const facts = {
  serial: Serial,
  kind: DeviceKind,
  name: Line(100),
  model: Nullable(Line(100)),
  unit: Uuid,
  /** an account that is in use */
  holder: Nullable(Uuid),
  clockNote: Nullable(Line(500)),
};
export const DeviceFacts = Type.Object(facts, strict);
export type DeviceFacts = Static<typeof DeviceFacts>;

/** the revision that was read: refused with `device_changed` when somebody changed it since */
const basedOn = Type.Integer({ minimum: 1, maximum: 2_147_483_647 });

export const listDevices = defineRoute({
  method: 'GET',
  path: '/api/devices',
  summary:
    'Recorders of the units the reader can see, by serial number; `unregistered` counts those that nobody has registered',
  tag: 'device',
  rule: readers,
  query: Type.Object(
    {
      ...pageQuery,
      /** part of serial number, name, model or holder's name */
      q: Type.Optional(Line(64)),
      /** this unit and everything below it */
      unit: Type.Optional(Uuid),
      kind: Type.Optional(DeviceKind),
      state: Type.Optional(DeviceState),
      holder: Type.Optional(Uuid),
    },
    strict,
  ),
  reply: Type.Object({ ...Page(Device).properties, unregistered: Type.Integer() }),
  rate: 'search',
  problems: ['cursor_invalid'],
});

export const getDevice = defineRoute({
  method: 'GET',
  path: '/api/devices/:id',
  summary: 'One recorder',
  tag: 'device',
  rule: readers,
  params: IdParams,
  reply: DeviceDetail,
  problems: ['not_found'],
});

const refusals = ['unit_unknown', 'unit_closed', 'serial_taken', 'unknown_holder', 'not_recorded'] as const;

export const createDevice = defineRoute({
  method: 'POST',
  path: '/api/devices',
  summary: 'Register a recorder before it is used',
  tag: 'device',
  rule: keepers,
  body: DeviceFacts,
  reply: DeviceDetail,
  status: 201,
  problems: refusals,
});

export const changeDevice = defineRoute({
  method: 'PUT',
  path: '/api/devices/:id',
  summary:
    'Change what the register says of a recorder, or hand it to another unit; one that nobody registered is registered by it',
  tag: 'device',
  rule: keepers,
  params: IdParams,
  body: Type.Object({ basedOn, ...facts }, strict),
  reply: DeviceDetail,
  problems: ['not_found', 'device_changed', 'serial_fixed', ...refusals],
});

export const setDeviceState = defineRoute({
  method: 'POST',
  path: '/api/devices/:id/state',
  summary: 'Send a recorder to repair, put it into use again, note it as lost or retire it',
  tag: 'device',
  rule: keepers,
  params: IdParams,
  body: Type.Object(
    { basedOn, state: Type.Enum(['in_use', 'in_repair', 'lost', 'retired']), reason: Line(500) },
    strict,
  ),
  reply: DeviceDetail,
  problems: ['not_found', 'device_changed', 'device_unregistered', 'device_in_state', 'unit_closed', 'not_recorded'],
});

export const getDeviceHistory = defineRoute({
  method: 'GET',
  path: '/api/devices/:id/history',
  summary: 'Everything that happened to the recorder itself, oldest first, from the ledger',
  tag: 'device',
  rule: readers,
  params: IdParams,
  query: Type.Object({ ...pageQuery }, strict),
  reply: Page(CustodyEntry),
  problems: ['not_found', 'cursor_invalid'],
});
