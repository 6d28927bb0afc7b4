import { type Static, Type } from 'typebox';
import { findingsField } from '../finding/finding.ts';
import { Page, pageQuery } from '../http/page.ts';
import { IdParams, Instant, Line, Nullable, Uuid } from '../http/primitives.ts';
import { defineRoute } from '../http/route.ts';

export const alarmKinds = [
  'quarantined',
  'verification_failed',
  'sequence_gap',
  'device_unexpected',
  'vault',
  'concealed',
  'ledger',
  'urgent_unconfirmed',
] as const;

/** Something a person must look at. It stays until someone acknowledges it, by name. */
export const Alarm = Type.Object({
  id: Uuid,
  kind: Type.Enum([...alarmKinds]),
  unit: Nullable(Type.Object({ id: Uuid, name: Type.String() })),
  subject: Nullable(Type.Object({ kind: Type.String(), id: Type.String() })),
  /** in English */
  detail: Type.String(),
  ...findingsField,
  raisedAt: Instant,
  acknowledged: Nullable(Type.Object({ by: Type.String(), at: Instant, note: Type.String() })),
});
export type Alarm = Static<typeof Alarm>;

export const listAlarms = defineRoute({
  method: 'GET',
  path: '/api/alarms',
  summary: 'Alarms the reader can see, open ones first, newest first',
  tag: 'alarm',
  rule: { who: 'person', roles: [] },
  query: Type.Object({ ...pageQuery, open: Type.Optional(Type.Boolean()) }, { additionalProperties: false }),
  reply: Page(Alarm),
});

export const acknowledgeAlarm = defineRoute({
  method: 'POST',
  path: '/api/alarms/:id/acknowledgement',
  summary: 'Acknowledge an alarm, on record',
  tag: 'alarm',
  rule: { who: 'person', roles: ['supervisor', 'auditor', 'archivist', 'security_admin'] },
  params: IdParams,
  body: Type.Object({ note: Line(500) }, { additionalProperties: false }),
  reply: Alarm,
  problems: ['not_found', 'already_acknowledged'],
});
