import { type ActorDraft, type Device, type DeviceFacts, type EventDataOf, personal } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import { sql } from 'kysely';
import type { Database, Executor } from '../database/connect.ts';
import { newId } from '../id/id.ts';
import { appendEvent } from '../ledger/append-event.ts';
import { workOnLine } from '../unit/list-colleagues.ts';
import { handedOver } from './read-devices.ts';

/** Why the register of devices stays as it is. `changed`: somebody else changed the device since `basedOn` was read. */
export type DeviceRefusal =
  | 'serial_taken'
  | 'serial_fixed'
  | 'unknown_holder'
  | 'unit_closed'
  | 'changed'
  | 'unregistered'
  | 'in_state';

interface By {
  readonly account: string;
  readonly actor: ActorDraft;
}

interface Row {
  readonly id: string;
  readonly serial: string;
  readonly kind: Device['kind'];
  readonly name: string;
  readonly model: string | null;
  readonly unit_id: string;
  readonly state: Device['state'];
  readonly holder_id: string | null;
  readonly holder_name: string | null;
  readonly clock_note: string | null;
  readonly handed_over: boolean;
}

/** Writes a device into the register before it is used, on record. */
export async function registerNewDevice(
  db: Database,
  { facts, account, actor }: By & { readonly facts: DeviceFacts },
  clock: Clock,
): Promise<{ readonly id: string } | DeviceRefusal> {
  return db.transaction().execute(async (trx) => {
    const holder = await holderOf(trx, facts);
    if (holder === undefined) return 'unknown_holder';
    if (!(await stillOpen(trx, facts.unit))) return 'unit_closed';
    const now = clock.now();
    const row = await trx
      .insertInto('device')
      .values({ id: newId(), ...columnsOf(facts), state: 'in_use', created_at: now, ...changedBy(account, now) })
      .onConflict((known) => known.column('serial').doNothing())
      .returning('id')
      .executeTakeFirst();
    if (!row) return 'serial_taken';
    await appendRegistered(trx, row.id, facts, holder, actor, clock);
    return row;
  });
}

/** Changes what the register says of a device, on record; one that nobody has registered is in use from then on. */
export async function changeDeviceFacts(
  db: Database,
  change: By & { readonly id: string; readonly basedOn: number; readonly facts: DeviceFacts },
  clock: Clock,
): Promise<'done' | DeviceRefusal> {
  const { id, facts, account, actor } = change;
  return db.transaction().execute(async (trx) => {
    const before = await lockAsRead(trx, change);
    if (!before) return 'changed';
    if (facts.serial !== before.serial) {
      if (before.handed_over) return 'serial_fixed';
      if (await trx.selectFrom('device').select('id').where('serial', '=', facts.serial).executeTakeFirst()) {
        return 'serial_taken';
      }
    }
    // Whoever left may stay written down; nobody else who has left is written down anew.
    const holder =
      facts.holder !== null && facts.holder === before.holder_id
        ? { id: facts.holder, name: before.holder_name ?? '' }
        : await holderOf(trx, facts);
    if (holder === undefined) return 'unknown_holder';
    const enters = facts.unit !== before.unit_id || before.state === 'unregistered';
    if (enters && !(await stillOpen(trx, facts.unit))) return 'unit_closed';
    const state = before.state === 'unregistered' ? 'in_use' : before.state;
    const { revision } = await trx
      .updateTable('device')
      .set({ ...columnsOf(facts), state, revision: sql`revision + 1`, ...changedBy(account, clock.now()) })
      .where('id', '=', id)
      .returning('revision')
      .executeTakeFirstOrThrow();
    if (before.state === 'unregistered') await appendRegistered(trx, id, facts, holder, actor, clock);
    else {
      const data = { ...told(facts, holder), revision, was: differences(before, facts) };
      await appendEvent(trx, { type: 'device.changed', actor, subject: { kind: 'device', id }, data }, clock);
    }
    return 'done';
  });
}

/** Puts a device into another state, on record. `unregistered`: nobody has registered it, so it can only be retired. */
export async function changeDeviceState(
  db: Database,
  change: By & {
    readonly id: string;
    readonly basedOn: number;
    readonly state: Exclude<Device['state'], 'unregistered'>;
    readonly reason: string;
  },
  clock: Clock,
): Promise<'done' | DeviceRefusal> {
  const { id, state, reason, account, actor } = change;
  return db.transaction().execute(async (trx) => {
    const before = await lockAsRead(trx, change);
    if (!before) return 'changed';
    if (before.state === state) return 'in_state';
    if (before.state === 'unregistered' && state !== 'retired') return 'unregistered';
    const equipment = state === 'in_use' || state === 'in_repair';
    if (equipment && !(await stillOpen(trx, before.unit_id))) return 'unit_closed';
    const { revision } = await trx
      .updateTable('device')
      .set({ state, state_reason: reason, revision: sql`revision + 1`, ...changedBy(account, clock.now()) })
      .where('id', '=', id)
      .returning('revision')
      .executeTakeFirstOrThrow();
    const data = { revision, unit: before.unit_id, state, was: before.state, reason: personal(reason) };
    await appendEvent(trx, { type: 'device.state_changed', actor, subject: { kind: 'device', id }, data }, clock);
    return 'done';
  });
}

type Holder = { readonly id: string; readonly name: string } | null;

const columnsOf = (facts: DeviceFacts) => ({
  serial: facts.serial,
  kind: facts.kind,
  name: facts.name,
  model: facts.model,
  unit_id: facts.unit,
  holder_id: facts.holder,
  clock_note: facts.clockNote,
});

const changedBy = (account: string, at: Date) => ({ changed_by: account, changed_at: at });

const committed = (text: string | null) => (text === null ? null : personal(text));
const named = (holder: Holder) => holder && { id: holder.id, name: personal(holder.name) };

const told = ({ serial, kind, name, model, unit, clockNote }: DeviceFacts, holder: Holder) => ({
  serial,
  kind,
  name,
  model,
  unit,
  holder: named(holder),
  clockNote: committed(clockNote),
});

/** What was different before. */
function differences(before: Row, now: DeviceFacts) {
  const holder = before.holder_id === null ? null : { id: before.holder_id, name: before.holder_name ?? '' };
  return {
    ...(before.serial === now.serial ? {} : { serial: before.serial }),
    ...(before.kind === now.kind ? {} : { kind: before.kind }),
    ...(before.name === now.name ? {} : { name: before.name }),
    ...(before.model === now.model ? {} : { model: before.model }),
    ...(before.unit_id === now.unit ? {} : { unit: before.unit_id }),
    ...(before.holder_id === now.holder ? {} : { holder: named(holder) }),
    ...(before.clock_note === now.clockNote ? {} : { clockNote: committed(before.clock_note) }),
  };
}

async function appendRegistered(
  trx: Executor,
  id: string,
  facts: DeviceFacts,
  holder: Holder,
  actor: ActorDraft,
  clock: Clock,
): Promise<void> {
  const state: EventDataOf<'device.registered'>['state'] = 'in_use';
  const data = { ...told(facts, holder), state };
  await appendEvent(trx, { type: 'device.registered', actor, subject: { kind: 'device', id }, data }, clock);
}

/** The device as it was read, kept so until the transaction ends. */
async function lockAsRead(trx: Executor, read: { readonly id: string; readonly basedOn: number }) {
  const { rows } = await sql<Row>`
    select d.id, d.serial, d.kind, d.name, d.model, d.unit_id, d.state, d.holder_id, d.clock_note,
      (select name from account where id = d.holder_id) as holder_name, ${handedOver} as handed_over
    from device d where d.id = ${read.id} and d.revision = ${read.basedOn} for update of d`.execute(trx);
  return rows[0];
}

/** Null: nobody; undefined: nobody who works where the device belongs. */
async function holderOf(
  trx: Executor,
  { holder: id, unit }: Pick<DeviceFacts, 'holder' | 'unit'>,
): Promise<Holder | undefined> {
  if (id === null) return null;
  if (!(await workOnLine(trx, unit, [id]))) return undefined;
  return trx
    .selectFrom('account')
    .select(['id', 'name'])
    .where('id', '=', id)
    .where('disabled_at', 'is', null)
    .executeTakeFirst();
}

/** Whether the unit takes devices; keeps it from being closed until the transaction ends. */
async function stillOpen(trx: Executor, unit: string): Promise<boolean> {
  const row = await trx
    .selectFrom('unit')
    .select('id')
    .where('id', '=', unit)
    .where('closed_at', 'is', null)
    .forKeyShare()
    .executeTakeFirst();
  return row !== undefined;
}
