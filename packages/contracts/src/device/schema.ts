import { type Static, Type } from 'typebox';
import { Nullable, Uuid } from '../http/primitives.ts';
import { defineRoute } from '../http/route.ts';

export const deviceKinds = ['body_camera', 'camcorder', 'voice_recorder', 'interview_room', 'other'] as const;

/** A recorder. One that docks report and nobody has registered is kept as `unregistered`: its footage is never refused. */
export const Device = Type.Object({
  id: Uuid,
  serial: Type.String(),
  kind: Type.Enum([...deviceKinds]),
  name: Type.String(),
  unit: Type.Object({ id: Uuid, name: Type.String() }),
  state: Type.Enum(['in_use', 'unregistered', 'retired']),
  lastOffloadAt: Nullable(Type.String({ format: 'date-time' })),
});
export type Device = Static<typeof Device>;

export const listDevices = defineRoute({
  method: 'GET',
  path: '/api/devices',
  summary: 'Recorders of the units the reader can see',
  tag: 'device',
  rule: { who: 'person', roles: [] },
  reply: Type.Object({ items: Type.Array(Device) }),
});
