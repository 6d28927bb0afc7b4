import { newId, raiseAlarm } from '@fengcun/catalog';
import { finding } from '@fengcun/contracts';
import { makePerson, makeUnit } from '@fengcun/identity/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Harness, startHarness } from '../testing/harness.ts';
import { makeEvidence } from '../testing/make-evidence.ts';
import { publishLog } from '../testing/publish-log.ts';
import { dayStart } from './day-start.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

describe('the work desk', () => {
  it('counts exactly what the reader can see', async () => {
    const { owner, app, clock } = harness;
    const unit = await makeUnit(owner);
    const below = await makeUnit(owner, { parent: unit });
    const elsewhere = await makeUnit(owner);
    const officer = await makePerson(owner, 'officer', { unit });
    for (const [of, size, quarantined] of [
      [unit, 10, false],
      [below, 20, false],
      [below, 30, true],
      [elsewhere, 40, false],
    ] as const) {
      await makeEvidence(harness, { unit: of, content: Buffer.alloc(size), quarantined, proxy: 'pending' });
    }
    await raiseAlarm(
      owner,
      { kind: 'vault', unit: null, subject: null, findings: [finding('copy_unreadable')], by: 'worker' },
      clock,
    );
    await raiseAlarm(
      owner,
      { kind: 'vault', unit: elsewhere.id, subject: null, findings: [finding('copy_unreadable')], by: 'worker' },
      clock,
    );
    await publishLog(harness);
    const reply = await app.inject({ url: '/api/overview', headers: { cookie: officer.cookie } });
    expect(reply.json()).toEqual({
      evidence: { sealed: 2, quarantined: 1, bytes: 60, sealedToday: 2 },
      uploads: { receiving: 0, sealing: 0 },
      alarms: { open: 1 },
      ledger: {
        size: expect.any(Number),
        root: expect.stringMatching(/^[\w+/]{43}=$/),
        signedAt: clock.now().toISOString(),
        pending: 0,
      },
    });
    // The tally and a count agree.
    const { count } = await owner
      .selectFrom('evidence')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    const tallies = await owner.selectFrom('evidence_tally').selectAll().execute();
    expect(tallies.reduce((sum, row) => sum + row.sealed + row.quarantined, 0)).toBe(Number(count));
  });

  it('of a reader without units is empty', async () => {
    const nobody = await makePerson(harness.owner, []);
    const reply = await harness.app.inject({ url: '/api/overview', headers: { cookie: nobody.cookie } });
    expect(reply.json().evidence).toEqual({ sealed: 0, quarantined: 0, bytes: 0, sealedToday: 0 });
  });
});

describe('units and devices', () => {
  it('are those of the reader’s subtree, parents first, and nothing above is named', async () => {
    const { owner, app } = harness;
    const root = await makeUnit(owner);
    const unit = await makeUnit(owner, { parent: root });
    const below = await makeUnit(owner, { parent: unit });
    for (const of of [root, below]) {
      await owner
        .insertInto('device')
        .values({
          id: newId(),
          serial: of.id,
          kind: 'body_camera',
          name: '记录仪',
          unit_id: of.id,
          state: 'in_use',
          created_at: new Date(),
        })
        .execute();
    }
    const officer = await makePerson(owner, 'officer', { unit });
    const headers = { cookie: officer.cookie };
    const units = (await app.inject({ url: '/api/units', headers })).json();
    expect(units.items.map((it: { id: string; parent: string | null }) => [it.id, it.parent])).toEqual([
      [unit.id, null],
      [below.id, unit.id],
    ]);
    const devices = (await app.inject({ url: '/api/devices', headers })).json();
    expect(devices.items.map((it: { serial: string }) => it.serial)).toEqual([below.id]);
  });
});

describe('the start of the day', () => {
  it.each([
    ['2026-03-05T15:59:59Z', 'Asia/Shanghai', '2026-03-04T16:00:00Z'],
    ['2026-03-05T16:00:00Z', 'Asia/Shanghai', '2026-03-05T16:00:00Z'],
    ['2026-03-05T12:00:00Z', 'UTC', '2026-03-05T00:00:00Z'],
    ['2026-03-29T20:00:00Z', 'Europe/Berlin', '2026-03-28T23:00:00Z'],
    ['2026-10-25T20:00:00Z', 'Europe/Berlin', '2026-10-24T22:00:00Z'],
    ['2026-01-01T00:00:00Z', 'Asia/Kathmandu', '2025-12-31T18:15:00Z'],
  ])('at %s in %s is %s', (now, zone, expected) => {
    expect(dayStart(new Date(now), zone)).toEqual(new Date(expected));
  });
});
