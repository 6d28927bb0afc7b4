import { newId } from '@fengcun/catalog';
import { makePerson, makeUnit, type TestPerson, type TestUnit } from '@fengcun/identity/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventsOf } from '../testing/events.ts';
import { type Harness, startHarness } from '../testing/harness.ts';
import { makeEvidence, type TestEvidence } from '../testing/make-evidence.ts';

let harness: Harness;
let county: TestUnit;
let officer: TestPerson;
let colleague: TestPerson;
let stranger: TestPerson;
let item: TestEvidence;

const nothing = { title: null, place: null, tags: [], note: null, case: null, matter: null };

beforeAll(async () => {
  harness = await startHarness();
  county = await makeUnit(harness.owner, { name: '县局' });
  officer = await makePerson(harness.owner, 'officer', { unit: county, name: '李警官' });
  colleague = await makePerson(harness.owner, 'supervisor', { unit: county });
  stranger = await makePerson(harness.owner, 'supervisor', { unit: await makeUnit(harness.owner) });
  item = await makeEvidence(harness, { unit: county, name: 'REC1.mp4' });
});
afterAll(() => harness.close());

const call = async (as: TestPerson, method: 'GET' | 'PUT' | 'POST', url: string, body?: object) => {
  const reply = await harness.app.inject({ method, url, headers: as.headers, ...(body ? { payload: body } : {}) });
  return { status: reply.statusCode, body: reply.json() };
};
const say = (as: TestPerson, basedOn: number, said: object, id = item.id) =>
  call(as, 'PUT', `/api/evidence/${id}/description`, { ...nothing, basedOn, ...said });
const search = async (as: TestPerson, query: string) =>
  (await call(as, 'GET', `/api/evidence?${query}`)).body.items.map(({ id }: { id: string }) => id);

const openCase = (as: TestPerson, more: object = {}) =>
  call(as, 'POST', '/api/cases', {
    number: `豫商执罚字〔2026〕第${newId()}号`,
    unit: county.id,
    title: '无证经营案',
    subject: '张三',
    officers: [],
    ...more,
  });

describe('describing an item', () => {
  it('says nothing at first, and whether the reader may', async () => {
    const { status, body } = await call(officer, 'GET', `/api/evidence/${item.id}/description`);
    expect([status, body]).toMatchObject([
      200,
      { ...nothing, version: 0, by: null, actions: { describe: { allowed: true, rule: 'own_unit_describe' } } },
    ]);
  });

  it('keeps every version, on record with personal data committed, and is found by what it says', async () => {
    const first = await say(officer, 0, {
      title: '现场检查 张记餐馆',
      place: '人民路1号',
      tags: ['夜查', '夜 查 ', ' 夜查'],
    });
    expect(first).toMatchObject({ status: 200, body: { version: 1, tags: ['夜查', '夜 查'], by: { name: '李警官' } } });
    expect(await search(officer, `q=${encodeURIComponent('张记餐馆')}`)).toEqual([item.id]);
    const second = await say(officer, 1, { title: '现场检查 李记餐馆', note: '第一行\n第二行' });
    expect(second).toMatchObject({ status: 200, body: { version: 2, tags: [], note: '第一行\n第二行' } });
    expect(await search(officer, `q=${encodeURIComponent('张记餐馆')}`)).toEqual([]);
    expect(await search(officer, `q=${encodeURIComponent('李记')}`)).toEqual([item.id]);
    const events = (await eventsOf(harness, 'evidence.described')).filter((event) => event.subject === item.id);
    expect(events.map(({ data }) => data.version)).toEqual([1, 2]);
    expect(JSON.stringify(events)).not.toContain('餐馆');
    const versions = (await call(officer, 'GET', `/api/evidence/${item.id}/descriptions?limit=1`)).body;
    expect(versions.items.map((each: { title: string }) => each.title)).toEqual(['现场检查 李记餐馆']);
    const older = (await call(officer, 'GET', `/api/evidence/${item.id}/descriptions?cursor=${versions.next}`)).body;
    expect(older).toMatchObject({ items: [{ version: 1, place: '人民路1号' }], next: null });
    const shown = (await call(officer, 'GET', `/api/evidence/${item.id}`)).body;
    expect(shown).toMatchObject({ name: 'REC1.mp4', title: '现场检查 李记餐馆' });
  });

  it('loses nobody’s words: of two who write at once one is told to read again', async () => {
    const two = await makeEvidence(harness, { unit: county });
    const replies = await Promise.all([
      say(officer, 0, { title: '甲' }, two.id),
      say(colleague, 0, { title: '乙' }, two.id),
    ]);
    expect(replies.map(({ status }) => status).toSorted()).toEqual([200, 409]);
    expect(replies.find(({ status }) => status === 409)?.body.code).toBe('description_changed');
  });

  it('of another unit is not there; an auditor may read and not write', async () => {
    expect((await say(stranger, 0, { title: 'x' })).status).toBe(404);
    const auditor = await makePerson(harness.owner, 'auditor', { unit: county });
    expect((await say(auditor, 2, { title: 'x' })).status).toBe(403);
    expect((await call(auditor, 'GET', `/api/evidence/${item.id}/description`)).body.actions.describe.allowed).toBe(
      false,
    );
  });

  it('says tags in use', async () => {
    const three = await makeEvidence(harness, { unit: county });
    await say(officer, 0, { tags: ['专项整治', '夜查'] }, three.id);
    expect((await call(officer, 'GET', `/api/tags?q=${encodeURIComponent('专项')}`)).body.items).toEqual([
      { tag: '专项整治', items: 1 },
    ]);
    expect((await call(stranger, 'GET', '/api/tags')).body.items).toEqual([]);
    await say(officer, 1, {}, three.id);
    expect((await call(officer, 'GET', `/api/tags?q=${encodeURIComponent('专项')}`)).body.items).toEqual([]);
  });

  it('with a matter raises how long the item is kept, and never lowers it', async () => {
    const matter = newId();
    await harness.owner
      .insertInto('matter')
      .values({
        id: matter,
        unit_id: county.id,
        stage: '调查',
        title: '查封',
        level: 'full',
        class_code: 'permanent',
        updated_at: new Date(),
      } as never)
      .execute();
    const kept = async () =>
      await harness.owner
        .selectFrom('evidence_retention')
        .selectAll()
        .where('evidence_id', '=', item.id)
        .executeTakeFirstOrThrow();
    expect((await kept()).retain_until).not.toBeNull();
    expect(await say(officer, 2, { matter })).toMatchObject({
      status: 200,
      body: { matter: { id: matter, title: '查封' } },
    });
    expect(await kept()).toMatchObject({ class_code: 'permanent', retain_until: null, matter_id: matter });
    await say(officer, 3, { matter: null });
    expect((await kept()).retain_until).toBeNull();
    expect(await search(officer, `matter=${matter}`)).toEqual([]);
  });

  it.each([
    ['case', 'unknown_case'],
    ['matter', 'unknown_matter'],
  ])('refuses a %s that is not there', async (field, code) => {
    const other = await makeEvidence(harness, { unit: county });
    expect(await say(officer, 0, { [field]: newId() }, other.id)).toMatchObject({ status: 422, body: { code } });
  });
});

describe('case files', () => {
  it('hold what is described as theirs', async () => {
    const opened = await openCase(colleague, { officers: [officer.id] });
    expect(opened).toMatchObject({
      status: 201,
      body: {
        state: 'open',
        revision: 1,
        items: 0,
        officers: [{ id: officer.id, name: '李警官' }],
        actions: { change: true },
      },
    });
    const { id, number } = opened.body;
    const mine = await makeEvidence(harness, { unit: county });
    expect(await say(colleague, 0, { case: id }, mine.id)).toMatchObject({ body: { case: { id, number } } });
    expect(await search(officer, `case=${id}`)).toEqual([mine.id]);
    expect(await search(officer, `q=${encodeURIComponent(number)}`)).toEqual([mine.id]);
    expect((await call(officer, 'GET', `/api/cases/${id}`)).body.items).toBe(1);
    // Its officer may play it without asking anybody, for somebody else has made them so and has put it there.
    expect((await call(officer, 'GET', `/api/evidence/${mine.id}`)).body.actions.play).toMatchObject({
      allowed: true,
      rule: 'own_case_play',
    });
  });

  it('open nothing to whoever puts a recording into their own case', async () => {
    const { body } = await openCase(officer, { officers: [officer.id] });
    const other = await makeEvidence(harness, { unit: county });
    await say(officer, 0, { case: body.id }, other.id);
    expect((await call(officer, 'GET', `/api/evidence/${other.id}`)).body.actions.play.allowed).toBe(false);
  });

  it('are numbered once, listed by what they say, changed by who has read them', async () => {
    const { body } = await openCase(officer, { title: '占道经营案' });
    expect((await openCase(officer, { number: body.number })).body.code).toBe('case_number_taken');
    const { items } = (await call(colleague, 'GET', `/api/cases?q=${encodeURIComponent('占道')}`)).body;
    expect(items.map((each: { id: string }) => each.id)).toEqual([body.id]);
    const change = (basedOn: number, as = colleague) =>
      call(as, 'PUT', `/api/cases/${body.id}`, {
        basedOn,
        title: '占道经营案',
        subject: null,
        officers: [],
        state: 'closed',
      });
    expect(await change(1)).toMatchObject({
      status: 200,
      body: { state: 'closed', revision: 2, closedAt: expect.any(String) },
    });
    expect((await change(1)).body.code).toBe('case_changed');
    expect((await change(2, stranger)).status).toBe(404);
    expect((await call(stranger, 'GET', '/api/cases')).body.items).toEqual([]);
    expect((await openCase(officer, { officers: [newId()] })).body.code).toBe('unknown_officer');
    expect((await openCase(stranger)).status).toBe(404);
  });
});
