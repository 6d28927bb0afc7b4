import { newId, raiseAlarm } from '@fengcun/catalog';
import { finding } from '@fengcun/contracts';
import { makePerson, makeUnit, type TestPerson, type TestUnit } from '@fengcun/identity/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventsOf } from '../testing/events.ts';
import { type Harness, startHarness } from '../testing/harness.ts';

let harness: Harness;
let unit: TestUnit;
let supervisor: TestPerson;
const alarms: string[] = [];

beforeAll(async () => {
  harness = await startHarness();
  unit = await makeUnit(harness.owner);
  supervisor = await makePerson(harness.owner, 'supervisor', { unit });
  const elsewhere = await makeUnit(harness.owner);
  const raise = (of: string | null) =>
    raiseAlarm(
      harness.owner,
      {
        kind: 'quarantined',
        unit: of,
        subject: { kind: 'evidence', id: newId() },
        findings: [finding('not_declared')],
        by: 'worker',
      },
      { now: () => new Date(harness.clock.now().getTime() + alarms.length * 1000) },
    );
  for (let i = 0; i < 5; i++) alarms.push(await raise(i === 2 ? null : unit.id));
  alarms.push(await raise(elsewhere.id));
});
afterAll(() => harness.close());

const list = async (query: string, as: TestPerson = supervisor) =>
  (await harness.app.inject({ url: `/api/alarms${query}`, headers: { cookie: as.cookie } })).json();
const acknowledge = (id: string, as: TestPerson, note = '已核实') =>
  harness.app.inject({
    method: 'POST',
    url: `/api/alarms/${id}/acknowledgement`,
    headers: as.headers,
    payload: { note },
  });
const idsOf = (page: { items: { id: string }[] }) => page.items.map((alarm) => alarm.id);

describe('alarms', () => {
  it('of the reader’s units and of the site are listed, newest first', async () => {
    expect(idsOf(await list(''))).toEqual(alarms.slice(0, 5).toReversed());
  });

  it('are acknowledged by name, on record, once; then stand behind the open ones', async () => {
    const [, , , , newest = ''] = alarms;
    const replies = await Promise.all([acknowledge(newest, supervisor), acknowledge(newest, supervisor)]);
    expect(replies.map((reply) => reply.statusCode).toSorted()).toEqual([200, 409]);
    expect(replies.find((reply) => reply.statusCode === 200)?.json().acknowledged).toMatchObject({
      by: supervisor.name,
      note: '已核实',
    });
    const [event, ...more] = await eventsOf(harness, 'alarm.acknowledged');
    expect(more).toEqual([]);
    expect(event).toMatchObject({ actor: supervisor.id, subject: newest });
    expect(JSON.stringify(event?.data)).not.toContain('已核实');
    const order = [...alarms.slice(0, 4).toReversed(), newest];
    expect(idsOf(await list(''))).toEqual(order);
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: { items: { id: string }[]; next: string | null } = await list(
        `?limit=1${cursor ? `&cursor=${cursor}` : ''}`,
      );
      seen.push(...idsOf(page));
      cursor = page.next;
    }
    expect(seen).toEqual(order);
    expect(idsOf(await list('?open=true'))).toEqual(alarms.slice(0, 4).toReversed());
    expect(idsOf(await list('?open=false'))).toEqual([newest]);
  });

  it('of another unit are not there', async () => {
    expect((await acknowledge(alarms[5] ?? '', supervisor)).statusCode).toBe(404);
    expect((await acknowledge(newId(), supervisor)).statusCode).toBe(404);
  });

  it('are acknowledged only by roles that answer for them, with a note', async () => {
    const officer = await makePerson(harness.owner, 'officer', { unit });
    expect((await acknowledge(alarms[0] ?? '', officer)).json()).toMatchObject({ code: 'role_required' });
    expect((await acknowledge(alarms[0] ?? '', supervisor, '')).json()).toMatchObject({ code: 'invalid_input' });
  });

  it.each(['x', 'o', 'oxxx', 'z123'])('refuse the cursor %j', async (cursor) => {
    expect(await list(`?cursor=${cursor}`)).toMatchObject({ status: 400, code: 'cursor_invalid' });
  });
});
