import { newId } from '@fengcun/catalog';
import type { CaseFile } from '@fengcun/contracts';
import { makePerson, makeUnit, type TestPerson, type TestUnit } from '@fengcun/identity/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventsOf } from '../testing/events.ts';
import { type Harness, startHarness } from '../testing/harness.ts';
import { makeEvidence } from '../testing/make-evidence.ts';

let harness: Harness;
let county: TestUnit;
let officer: TestPerson;
let colleague: TestPerson;
let auditor: TestPerson;
let stranger: TestPerson;
beforeAll(async () => {
  harness = await startHarness();
  county = await makeUnit(harness.owner, { name: '县局' });
  officer = await makePerson(harness.owner, 'officer', { unit: county, name: '李警官' });
  colleague = await makePerson(harness.owner, 'supervisor', { unit: county, name: '王队' });
  auditor = await makePerson(harness.owner, 'auditor', { unit: county });
  stranger = await makePerson(harness.owner, 'supervisor', { unit: await makeUnit(harness.owner) });
});
afterAll(() => harness.close());

const call = async (as: TestPerson, method: 'GET' | 'PUT' | 'POST' | 'DELETE', url: string, body?: object) => {
  const reply = await harness.app.inject({ method, url, headers: as.headers, ...(body ? { payload: body } : {}) });
  return { status: reply.statusCode, body: reply.json() };
};
let made = 0;
const open = async (more: object = {}): Promise<CaseFile> => {
  const number = `罚〔2026〕${++made} 号`;
  const facts = { number, title: '占道经营案', subject: '某商户', unit: county.id, officers: [], ...more };
  const { status, body } = await call(colleague, 'POST', '/api/cases', facts);
  expect(status, JSON.stringify(body)).toBe(201);
  return body;
};
const assign = (file: CaseFile, account: TestPerson, period: object = {}, as = colleague) =>
  call(as, 'PUT', `/api/cases/${file.id}/officers/${account.id}`, {
    ...{ basedOn: file.revision, from: null, until: null },
    ...period,
  });
const release = (file: CaseFile, account: TestPerson, as = colleague) =>
  call(as, 'DELETE', `/api/cases/${file.id}/officers/${account.id}?basedOn=${file.revision}`);
const change = ({ id, revision, title, subject, state }: CaseFile, more: object, as = colleague) =>
  call(as, 'PUT', `/api/cases/${id}`, { basedOn: revision, title, subject, state, ...more });
const list = async (query: string, as = colleague): Promise<string[]> =>
  (await call(as, 'GET', `/api/cases?${query}`)).body.items.map(({ id }: CaseFile) => id);
const hours = (count: number) => new Date(harness.clock.now().getTime() + count * 3_600_000).toISOString();

describe('a case file', () => {
  it('says of what kind it is, about which matter, and who changed it last', async () => {
    const matter = newId();
    await harness.owner
      .insertInto('matter')
      .values({
        ...{ id: matter, unit_id: county.id, stage: '调查', title: '查封', level: 'full', class_code: 'permanent' },
        updated_at: new Date(),
      } as never)
      .execute();
    const file = await open({ kind: 'penalty', matter });
    expect(file).toMatchObject({ kind: 'penalty', matter: { id: matter, title: '查封' }, changed: null });
    expect(file.openedBy).toEqual({ id: colleague.id, name: '王队' });
    expect((await change(file, { kind: 'coercion' }, officer)).body).toMatchObject({
      kind: 'coercion',
      matter: { id: matter },
      revision: 2,
      changed: { by: { id: officer.id, name: '李警官' } },
    });
    expect(await list(`kind=coercion&matter=${matter}`)).toEqual([file.id]);
    expect((await change({ ...file, revision: 2 }, { matter: newId() })).body.code).toBe('unknown_matter');
  });

  it('is found by any part of its number, title and subject', async () => {
    const file = await open({
      number: '临公（城东）受案字〔2026〕1187 号',
      title: '夜市噪声扰民',
      subject: 'Blue Bar 酒吧',
    });
    for (const part of ['受案字', '1187', '噪声', '夜', 'blue bar', 'AR 酒', '2026〕11', '（城']) {
      expect(await list(`q=${encodeURIComponent(part)}`), part).toEqual([file.id]);
    }
    expect(await list(`q=${encodeURIComponent('噪音')}`)).toEqual([]);
    for (const part of ['11', '8', 'UE', 'Ａ', '〕1']) {
      expect(await list(`q=${encodeURIComponent(part)}`), part).toContain(file.id);
    }
    expect(await list('q=zq')).toEqual([]);
    expect(await list(`q=${encodeURIComponent('噪声')}`, stranger)).toEqual([]);
  });

  it('is closed and opened again with the reason on record', async () => {
    const file = await open();
    const closed = (await change(file, { state: 'closed', reason: '已作出处罚决定' })).body;
    expect(closed).toMatchObject({ state: 'closed', closedAt: expect.any(String) });
    expect((await change(closed, { state: 'open', reason: '行政复议撤销' })).body).toMatchObject({ closedAt: null });
    const { body } = await call(auditor, 'GET', `/api/cases/${file.id}/history`);
    expect(body.items.map(({ event }: { event: { type: string } }) => event.type)).toEqual([
      'case.opened',
      'case.changed',
      'case.changed',
    ]);
    expect(body.items[1].openings['/data/reason']).toBe('已作出处罚决定');
    expect((await call(stranger, 'GET', `/api/cases/${file.id}/history`)).status).toBe(404);
  });

  it('tells the second of two who change it at once, whatever they change', async () => {
    const file = await open();
    const replies = await Promise.all([change(file, { title: '甲' }), assign(file, officer), assign(file, colleague)]);
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    expect((await release(file, officer)).body.code).toBe('case_changed');
    const now = (await call(officer, 'GET', `/api/cases/${file.id}`)).body;
    expect(now).toMatchObject({ revision: 2, changed: { by: { id: colleague.id } } });
  });
});

describe('the officers of a case', () => {
  const playable = async (item: string) =>
    (await call(officer, 'GET', `/api/evidence/${item}`)).body.actions.play.allowed as boolean;
  const itemIn = async (file: CaseFile) => {
    const { id } = await makeEvidence(harness, { unit: county });
    const said = { title: null, place: null, tags: [], note: null, matter: null };
    await call(colleague, 'PUT', `/api/evidence/${id}/description`, { basedOn: 0, case: file.id, ...said });
    return id;
  };

  it('are put on it for a period, by somebody, and open its recordings only in that period', async () => {
    const file = await open();
    const item = await itemIn(file);
    const future = (await assign(file, officer, { from: hours(1), until: hours(2) })).body as CaseFile;
    expect(future.officers).toMatchObject([
      { id: officer.id, from: hours(1), until: hours(2), addedBy: { id: colleague.id }, counts: false },
    ]);
    expect(await playable(item)).toBe(false);
    const now = (await assign(future, officer, { from: hours(-1), until: hours(2) })).body as CaseFile;
    expect(now.officers).toMatchObject([{ id: officer.id, counts: true }]);
    expect(await playable(item)).toBe(true);
    const over = (await assign(now, officer, { from: hours(-2), until: hours(-1) })).body as CaseFile;
    expect(await playable(item)).toBe(false);
    const whole = (await assign(over, officer)).body as CaseFile;
    expect(await playable(item)).toBe(true);
    expect((await release(whole, officer)).body.officers).toEqual([]);
    expect(await playable(item)).toBe(false);
    const assigned = await eventsOf(harness, 'case.officer_assigned');
    expect(assigned.filter(({ subject }) => subject === file.id)).toHaveLength(4);
    expect((await eventsOf(harness, 'case.officer_released')).at(-1)).toMatchObject({
      actor: colleague.id,
      subject: file.id,
      data: { officer: officer.id, revision: 6 },
    });
  });

  it('open nothing to themselves: neither by joining nor by lengthening their own period', async () => {
    const file = await open();
    const item = await itemIn(file);
    const joined = (await assign(file, officer, {}, officer)).body as CaseFile;
    expect(joined.officers).toMatchObject([{ addedBy: { id: officer.id }, counts: false }]);
    expect(await playable(item)).toBe(false);
    const given = (await assign(joined, officer, { until: hours(1) })).body as CaseFile;
    expect(await playable(item)).toBe(true);
    await assign(given, officer, { until: null }, officer);
    expect(await playable(item)).toBe(false);
  });

  it('keep their period when the rest of the case is changed', async () => {
    const file = (await assign(await open(), officer, { until: hours(5) })).body as CaseFile;
    const changed = (await change(file, { officers: [officer.id, colleague.id] })).body as CaseFile;
    expect(changed.officers.find(({ id }) => id === officer.id)).toMatchObject({ until: hours(5) });
    expect((await change(changed, { title: '新案名' })).body.officers).toHaveLength(2);
    expect(await list(`officer=${officer.id}&q=${encodeURIComponent('新案名')}`)).toEqual([file.id]);
  });

  it('are people with an account, at a possible time, chosen by those who keep the case', async () => {
    const file = await open();
    expect((await assign(file, officer, { from: hours(2), until: hours(1) })).body.code).toBe('period_invalid');
    expect((await assign(file, { ...officer, id: newId() })).body.code).toBe('unknown_officer');
    expect((await release(file, officer)).body.code).toBe('unknown_officer');
    expect((await assign(file, officer, {}, stranger)).status).toBe(404);
    expect((await assign(file, officer, {}, auditor)).body.code).toBe('role_required');
    expect((await call(colleague, 'GET', `/api/cases/${file.id}`)).body).toMatchObject({ revision: 1, officers: [] });
  });
});
