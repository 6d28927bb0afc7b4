import { createHash, randomBytes } from 'node:crypto';
import { newId } from '@fengcun/catalog';
import type { IssuedCopy, Play, Redaction } from '@fengcun/contracts';
import { makePerson, type TestPerson } from '@fengcun/identity/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeBureau, requestsOf, type TestBureau } from '../testing/bureau.ts';
import { eventsOf } from '../testing/events.ts';
import { type Harness, startHarness } from '../testing/harness.ts';
import { makeCopyReady } from '../testing/make-copy.ts';
import { type EvidenceOptions, makeEvidence, type TestEvidence } from '../testing/make-evidence.ts';
import { makeRenderReady, makeStillReady } from '../testing/make-render.ts';
import { publishLog } from '../testing/publish-log.ts';

let harness: Harness;
let bureau: TestBureau;
let api: ReturnType<typeof requestsOf>;
let item: TestEvidence;
/** the officer whose recording it is */
let officer: TestPerson;
const bytes = randomBytes(50_000);

beforeAll(async () => {
  harness = await startHarness();
  bureau = await makeBureau(harness);
  api = requestsOf(harness);
  officer = await makePerson(harness.owner, 'officer', {
    unit: bureau.section,
    now: harness.clock.now(),
    name: '王警官',
  });
  item = await recording();
  await publishLog(harness);
});
afterAll(() => harness.close());

const film = [
  { type: 'video', index: 0, width: 1280, height: 720 },
  { type: 'audio', index: 1, channels: 2 },
];

/** A recording of the officer's, and what the probe would have said of it. */
async function recording(options: EvidenceOptions = {}, probe: object = {}): Promise<TestEvidence> {
  const { officer_number } = await harness.owner
    .selectFrom('account')
    .select('officer_number')
    .where('id', '=', officer.id)
    .executeTakeFirstOrThrow();
  const made = await makeEvidence(harness, { unit: bureau.section, officer: officer_number ?? '', ...options });
  const playable = { state: 'ready-as-is' };
  const data = { kind: 'video', container: 'mov', durationMs: 18_000, streams: film, playable, raw: {}, ...probe };
  await harness.owner
    .updateTable('derivative')
    .set({ data: JSON.stringify(data) })
    .where('evidence_id', '=', made.id)
    .where('kind', '=', 'probe')
    .execute();
  return made;
}

const cover = { kind: 'region', style: 'solid', x: 0.5, y: 0, w: 0.25, h: 0.5, from: 1000, to: 5000, reason: 'face' };
const begin = (as: TestPerson, body: object = {}, evidence = item.id) =>
  api.call('POST', `/api/evidence/${evidence}/redactions`, as, { name: '公开版', marks: [cover], ...body });
async function begun(as: TestPerson = officer, body: object = {}, evidence = item.id): Promise<Redaction> {
  const reply = await begin(as, body, evidence);
  expect(reply.status, JSON.stringify(reply.body)).toBe(201);
  return reply.body;
}
const on = (redaction: { id: string }, what = '') => `/api/redactions/${redaction.id}${what}`;
const read = async (as: TestPerson, redaction: { id: string }): Promise<Redaction> =>
  (await api.call('GET', on(redaction), as)).body;
const render = (as: TestPerson, redaction: { id: string }, version = 1) =>
  api.call('POST', on(redaction, '/renders'), as, { version });
/** One that was rendered and waits for review. */
async function rendered(evidence = item.id): Promise<Redaction> {
  const redaction = await begun(officer, {}, evidence);
  const { body } = await render(officer, redaction);
  await makeRenderReady(harness, body.render.id, bytes);
  return read(officer, redaction);
}
const supervising = { purpose: 'supervision' };
const play = (as: TestPerson, redaction: { id: string }, body: object = supervising) =>
  api.call('POST', on(redaction, '/plays'), as, body);
const get = (url: string, as: TestPerson) => harness.app.inject({ url, headers: { cookie: as.cookie } });
async function watch(as: TestPerson, redaction: { id: string }, pieces = [0, 1, 2]): Promise<Play> {
  const { body } = await play(as, redaction);
  for (const n of pieces) expect((await get(`/api/plays/${body.id}/segments/${n}.m4s`, as)).statusCode).toBe(200);
  return body;
}
const review = (as: TestPerson, redaction: Redaction, body: object = { verdict: 'approved' }) =>
  api.call('POST', on(redaction, '/review'), as, { render: redaction.render?.id, ...body });
async function approved(evidence = item.id): Promise<Redaction> {
  const redaction = await rendered(evidence);
  await watch(bureau.supervisor, redaction);
  const reply = await review(bureau.supervisor, redaction);
  expect(reply.status, JSON.stringify(reply.body)).toBe(200);
  return reply.body;
}
const denialsOf = async (person: TestPerson) =>
  (await eventsOf(harness, 'access.denied')).filter(({ actor }) => actor === person.id).map(({ data }) => data.code);

describe('who may make a redacted version', () => {
  it('is the case’s own officer, and a supervisor of the subtree', async () => {
    for (const who of [officer, bureau.supervisor]) expect((await begin(who)).status).toBe(201);
  });

  it('is not an officer whose case it is not: denied, on record', async () => {
    expect((await begin(bureau.colleague)).body).toMatchObject({ status: 403, code: 'denied', rule: 'no_rule_allows' });
    expect(await denialsOf(bureau.colleague)).toContain('denied');
  });

  it('is the legal office only where it may see the recording', async () => {
    expect((await begin(bureau.legal)).body).toMatchObject({ status: 403, code: 'cannot_see' });
    expect(await denialsOf(bureau.legal)).toContain('cannot_see');
    const asked = await api.ask(bureau.legal, [item.id], { operations: ['play'], uses: 1 });
    await api.approve(bureau.head, asked.id);
    const redaction = await begun(bureau.legal);
    // Its last use is gone, and who has begun to watch goes on working on what they saw.
    expect((await api.call('POST', `/api/evidence/${item.id}/plays`, bureau.legal, {})).status).toBe(201);
    const saved = await api.call('POST', on(redaction, '/plans'), bureau.legal, { basedOn: 1, marks: [cover, cover] });
    expect(saved.body).toMatchObject({ version: 2, marks: 2 });
    const last = (await eventsOf(harness, 'redaction.saved')).at(-1);
    expect(last).toMatchObject({ actor: bureau.legal.id, data: { version: 2, rule: 'own_unit_redact' } });
  });

  it('is nobody of another unit: there is no such item, and no such version', async () => {
    expect((await begin(bureau.stranger)).status).toBe(404);
    const redaction = await begun();
    for (const url of ['', '/plans/1'])
      expect((await api.call('GET', on(redaction, url), bureau.stranger)).status).toBe(404);
    expect((await play(bureau.stranger, redaction)).status).toBe(404);
  });

  it('is told on the item’s page', async () => {
    const actionsOf = async (as: TestPerson) => (await api.call('GET', `/api/evidence/${item.id}`, as)).body.actions;
    expect(await actionsOf(officer)).toMatchObject({
      redact: { allowed: true, rule: 'own_case_redact' },
      review_redaction: { allowed: false },
    });
    expect(await actionsOf(bureau.auditor)).toMatchObject({
      redact: { allowed: false, rule: 'administrators_never_open_footage' },
    });
  });
});

describe('a plan', () => {
  it('is on record as its digest, with what it hides counted and its name committed to', async () => {
    const redaction = await begun(officer, { name: '通报用', marks: [cover, { ...cover, reason: 'plate' }, cover] });
    expect(redaction).toMatchObject({ state: 'draft', version: 1, marks: 3, render: null, review: null, watched: 0 });
    expect(redaction.may).toMatchObject({ change: true, render: true, review: false, watch: false });
    expect(redaction.recording).toEqual({
      durationMs: 18_000,
      still: false,
      width: 1280,
      height: 720,
      hasPicture: true,
      hasSound: true,
    });
    const event = (await eventsOf(harness, 'redaction.saved')).find(({ data }) => data.redaction === redaction.id);
    expect(event?.data).toMatchObject({
      plan: redaction.plan.sha256,
      marks: [
        { kind: 'region', reason: 'face', count: 2 },
        { kind: 'region', reason: 'plate', count: 1 },
      ],
    });
    expect(JSON.stringify(event)).not.toContain('通报用');
  });

  it.each([
    ['nothing', [], 'nothing_marked'],
    ['a rectangle outside the picture', [{ ...cover, x: 0.9 }], 'outside_the_picture'],
    ['a rectangle like a hair', [{ ...cover, w: 0.001 }], 'too_small'],
    ['a span the wrong way round', [{ ...cover, from: 5000, to: 1000 }], 'empty_span'],
    ['an empty span', [{ ...cover, to: 1000 }], 'empty_span'],
    ['a span after the end', [{ ...cover, from: 18_000, to: 19_000 }], 'after_the_end'],
    ['something else without saying what', [{ ...cover, reason: 'other' }], 'note_missing'],
    ['everything left out', [{ kind: 'cut', from: 0, to: 17_500, reason: 'voice' }], 'nothing_left'],
  ] as const)('of %s is refused with the mark that is wrong', async (_, marks, code) => {
    const { status, body } = await begin(officer, { marks });
    expect([status, body.code]).toEqual([400, 'marks_invalid']);
    expect(body.faults.map((fault: { code: string }) => fault.code)).toContain(code);
  });

  it.each([
    ['too many marks', Array.from({ length: 201 }, () => cover)],
    ['a fraction beyond one', [{ ...cover, h: 1.5 }]],
    ['a fraction that is none', [{ ...cover, h: null }]],
    ['half a millisecond', [{ ...cover, from: 0.5 }]],
    ['a style there is not', [{ ...cover, style: 'clear' }]],
    ['a reason there is not', [{ ...cover, reason: 'because' }]],
    ['a note that breaks lines', [{ ...cover, note: 'a\nb' }]],
    ['a filter for the tool', [{ ...cover, x: '0:v];movie=/etc/passwd' }]],
  ] as const)('of %s is refused', async (_, marks) => {
    expect((await begin(officer, { marks })).body).toMatchObject({ status: 400, code: 'invalid_input' });
  });

  it('that ends after the recording’s end covers up to its end', async () => {
    expect((await begin(officer, { marks: [{ ...cover, from: 17_000, to: 60_000 }] })).status).toBe(201);
  });

  it('of sound only takes no rectangles, of pictures only no silence', async () => {
    const sound = await recording({ kind: 'audio' }, { kind: 'audio', streams: [film[1]] });
    expect((await begin(officer, {}, sound.id)).body).toMatchObject({
      code: 'marks_invalid',
      faults: [{ mark: 0, code: 'no_picture' }],
    });
    const silent = await recording({}, { streams: [film[0]] });
    const mute = { kind: 'sound', style: 'mute', from: 0, to: 1000, reason: 'voice' };
    expect((await begin(officer, { marks: [mute] }, silent.id)).body).toMatchObject({
      faults: [{ mark: 0, code: 'no_sound' }],
    });
    expect((await begin(officer, { marks: [mute] }, sound.id)).status).toBe(201);
  });

  it.each([
    [
      'a still picture that nothing here decodes',
      {},
      { kind: 'image', container: null, streams: [], playable: { state: 'nothing-to-play', reason: 'image' } },
      'nothing_to_redact',
    ],
    [
      'a document',
      {},
      { kind: 'document', streams: [], playable: { state: 'nothing-to-play', reason: 'document' } },
      'nothing_to_redact',
    ],
    ['an item in quarantine', { quarantined: true }, {}, 'not_sealed'],
  ] as const)('of %s is refused', async (_, options, probe, code) => {
    const other = await recording(options, probe);
    expect((await begin(officer, {}, other.id)).body).toMatchObject({ status: 409, code });
  });

  it('of an item that was disposed of is neither made nor rendered', async () => {
    const gone = await recording();
    const redaction = await begun(officer, {}, gone.id);
    await harness.owner
      .updateTable('evidence_retention')
      .set({ disposal: 'under_way' })
      .where('evidence_id', '=', gone.id)
      .execute();
    expect((await render(officer, redaction)).body).toMatchObject({ status: 409, code: 'nothing_to_redact' });
  });

  it('of an item under a hold is made like any other: nothing happens to the original', async () => {
    const held = await recording();
    await harness.owner
      .updateTable('evidence_retention')
      .set({ held: true })
      .where('evidence_id', '=', held.id)
      .execute();
    const redaction = await begun(officer, {}, held.id);
    expect((await render(officer, redaction)).status).toBe(202);
  });

  it('sent twice under one client id is one', async () => {
    const clientId = newId();
    const [one, other] = await Promise.all([begun(officer, { clientId }), begun(officer, { clientId })]);
    expect(one.id).toBe(other.id);
    const elsewhere = await recording();
    expect((await begin(officer, { clientId }, elsewhere.id)).body).toMatchObject({ code: 'client_id_used' });
  });

  it('is saved as a new version, each readable; two who save at once do not overwrite each other', async () => {
    const redaction = await begun();
    const save = (to: number) =>
      api.call('POST', on(redaction, '/plans'), officer, { basedOn: 1, marks: [{ ...cover, to }] });
    const statuses = (await Promise.all([save(6000), save(7000)])).map(({ status }) => status).sort();
    expect(statuses).toEqual([200, 409]);
    expect((await api.call('GET', on(redaction, '/plans/1'), officer)).body.marks).toEqual([cover]);
    expect((await read(officer, redaction)).version).toBe(2);
    expect((await api.call('GET', on(redaction, '/plans/3'), officer)).status).toBe(404);
  });

  it('of an item is listed for whoever sees the item', async () => {
    const other = await recording();
    const [first, second] = [await begun(officer, {}, other.id), await begun(officer, { name: '第二版' }, other.id)];
    const list = (query = '') => api.call('GET', `/api/evidence/${other.id}/redactions${query}`, bureau.colleague);
    expect((await list()).body.items.map(({ id }: { id: string }) => id)).toEqual([second.id, first.id]);
    const { body } = await list('?limit=1');
    expect((await list(`?limit=1&cursor=${body.next}`)).body.items[0].id).toBe(first.id);
    expect((await list('?cursor=x')).body).toMatchObject({ code: 'cursor_invalid' });
  });
});

describe('a still picture', () => {
  const area = { kind: 'area', style: 'pixelate', x: 0.1, y: 0.1, w: 0.3, h: 0.2, reason: 'plate' };
  const picture = randomBytes(3000);
  const photograph = async () => {
    const { officer_number } = await harness.owner
      .selectFrom('account')
      .select('officer_number')
      .where('id', '=', officer.id)
      .executeTakeFirstOrThrow();
    const options = { name: '现场照片 DSJ-77810.jpg', kind: 'image', still: picture } as const;
    return makeEvidence(harness, { unit: bureau.section, officer: officer_number ?? '', ...options });
  };

  it('is looked at on record, by whoever may play a recording, and counts as shown only when its bytes were asked for', async () => {
    const photo = await photograph();
    const look = (as: TestPerson, body: object = {}) => api.call('POST', `/api/evidence/${photo.id}/plays`, as, body);
    expect((await look(bureau.colleague)).body).toMatchObject({ code: 'approval_required' });
    const { body: begunPlay } = await look(officer);
    const uri = `/api/plays/${begunPlay.id}/pictures/still`;
    expect(begunPlay).toMatchObject({ playlist: null, still: { uri, width: 600, height: 800 }, poster: null });
    // Nothing but the picture itself is there, and asking for anything else is not having seen it.
    for (const other of ['index.m3u8', 'key', 'segments/0.m4s', 'segments/init.mp4', 'pictures/poster'])
      expect((await get(`/api/plays/${begunPlay.id}/${other}`, officer)).statusCode, other).toBe(404);
    expect((await get(uri, bureau.supervisor)).statusCode).toBe(404);
    const served = async () => {
      const row = await harness.owner
        .selectFrom('play')
        .select('served')
        .where('id', '=', begunPlay.id)
        .executeTakeFirstOrThrow();
      return String(row.served);
    };
    expect(await served()).toBe('{}');
    const reply = await get(uri, officer);
    expect(reply.rawPayload).toEqual(picture);
    expect(reply.headers).toMatchObject({ 'content-type': 'image/jpeg', 'cache-control': 'no-store' });
    expect(await served()).toBe('{[0,1)}');
    await api.call('POST', `/api/plays/${begunPlay.id}/end`, officer, { watched: [{ from: 0, to: 1 }] });
    const end = (await eventsOf(harness, 'play.ended')).find(({ data }) => data.play === begunPlay.id);
    expect(end?.data).toMatchObject({ watched: [{ from: 0, to: 1 }], served: [{ from: 0, to: 1 }] });
    expect((await get(uri, officer)).json()).toMatchObject({ code: 'play_over' });
    // A recording has no such picture.
    const film = await api.call('POST', `/api/evidence/${item.id}/plays`, officer, {});
    expect((await get(`/api/plays/${film.body.id}/pictures/still`, officer)).statusCode).toBe(404);
  });

  it('takes areas with a reason and nothing that has a time; a recording takes no areas', async () => {
    const photo = await photograph();
    const faultsOf = async (marks: readonly object[], evidence: string) => {
      const { status, body } = await begin(officer, { marks }, evidence);
      expect([status, body.code]).toEqual([400, 'marks_invalid']);
      return body.faults;
    };
    expect(await faultsOf([cover, area], photo.id)).toEqual([{ mark: 0, code: 'not_of_a_still' }]);
    expect(await faultsOf([{ ...area, x: 0.9 }], photo.id)).toEqual([{ mark: 0, code: 'outside_the_picture' }]);
    expect(await faultsOf([area], item.id)).toEqual([{ mark: 0, code: 'of_stills_only' }]);
    expect((await begin(officer, { marks: [{ ...area, from: 0 }] }, photo.id)).body.code).toBe('invalid_input');
    const redaction = await begun(officer, { marks: [area] }, photo.id);
    expect(redaction.recording).toEqual({
      durationMs: null,
      still: true,
      width: 600,
      height: 800,
      hasPicture: true,
      hasSound: false,
    });
    const event = (await eventsOf(harness, 'redaction.saved')).find(({ data }) => data.redaction === redaction.id);
    expect(event?.data.marks).toEqual([{ kind: 'area', reason: 'plate', count: 1 }]);
  });

  it('is approved by somebody else who was shown the result, and published byte for byte', async () => {
    const photo = await photograph();
    const redaction = await begun(officer, { marks: [area] }, photo.id);
    const result = randomBytes(2000);
    await makeStillReady(harness, (await render(officer, redaction)).body.render.id, result);
    const ready = await read(bureau.supervisor, redaction);
    expect(ready).toMatchObject({ watched: 0, reviewBlocker: 'not_watched', render: { result: { durationMs: 0 } } });
    const begunPlay = (await play(bureau.supervisor, redaction)).body as Play;
    expect((await review(bureau.supervisor, ready)).body).toMatchObject({ code: 'not_watched' });
    // What the reviewer sees is the file that is published.
    expect((await get(begunPlay.still?.uri ?? '', bureau.supervisor)).rawPayload).toEqual(result);
    expect((await review(bureau.supervisor, ready)).body).toMatchObject({ state: 'approved' });
    const asked = await api.ask(officer, [photo.id], { operations: ['publish'], purpose: 'publication', uses: 1 });
    await api.approve(bureau.legal, asked.id);
    await api.approve(bureau.head, asked.id);
    const copy = await api.call('POST', `/api/evidence/${photo.id}/copies`, officer, { operation: 'publish' });
    expect(copy.status, JSON.stringify(copy.body)).toBe(202);
    await makeCopyReady(harness, copy.body.id, result);
    const reply = await get(`/api/copies/${copy.body.id}/content`, officer);
    expect(createHash('sha256').update(reply.rawPayload).digest('hex')).toBe(ready.render?.result?.sha256);
    expect(reply.headers['content-type']).toBe('image/jpeg');
    expect(decodeURIComponent(String(reply.headers['content-disposition']))).toMatch(/脱敏件_\w+\.jpg/);
  });
});

describe('a rendering', () => {
  it('is asked for once, given up on record, and asked for again', async () => {
    const redaction = await begun();
    const first = (await render(officer, redaction)).body as Redaction;
    expect(first).toMatchObject({ state: 'rendering', render: { state: 'pending', version: 1 } });
    expect((await render(officer, redaction)).body.render.id).toBe(first.render?.id);
    expect((await render(officer, redaction, 2)).body).toMatchObject({ code: 'redaction_changed' });
    const cancel = () => api.call('POST', on(redaction, '/render/cancel'), officer);
    expect((await cancel()).body).toMatchObject({ state: 'draft', render: null });
    expect((await cancel()).body).toMatchObject({ code: 'not_rendering' });
    expect((await render(officer, redaction)).body.render.id).not.toBe(first.render?.id);
    const types = (
      await Promise.all(
        ['redaction.render_requested', 'redaction.render_cancelled'].map((type) => eventsOf(harness, type)),
      )
    ).map((events) => events.filter(({ data }) => data.redaction === redaction.id).length);
    expect(types).toEqual([2, 1]);
  });

  it('under way is set aside by a new plan', async () => {
    const redaction = await begun();
    const { body } = await render(officer, redaction);
    await api.call('POST', on(redaction, '/plans'), officer, { basedOn: 1, marks: [cover] });
    await expect(makeRenderReady(harness, body.render.id, bytes)).rejects.toThrow('cannot be claimed');
    expect(await read(officer, redaction)).toMatchObject({ state: 'draft', version: 2, render: null });
  });

  it('is watched on record, piece by piece, under the rules of the recording itself', async () => {
    const redaction = await begun();
    const asked = (await render(officer, redaction)).body as Redaction;
    expect((await play(bureau.supervisor, redaction)).body).toMatchObject({ code: 'not_rendered' });
    const { pieces, key } = await makeRenderReady(harness, asked.render?.id ?? '', bytes);
    expect((await play(bureau.colleague, redaction, {})).body).toMatchObject({ code: 'approval_required' });
    expect((await play(bureau.supervisor, redaction, {})).body).toMatchObject({ code: 'purpose_required' });
    const begunPlay = await watch(bureau.supervisor, redaction, [1]);
    expect(begunPlay).toMatchObject({ evidence: item.id, poster: null, thumbnails: null, purpose: 'supervision' });
    const event = (await eventsOf(harness, 'play.started')).find(({ data }) => data.play === begunPlay.id);
    expect(event?.data).toMatchObject({ redaction: { redaction: redaction.id, render: asked.render?.id } });
    // What comes is the rendering's, and nothing of the recording.
    const part = (name: string) => get(`/api/plays/${begunPlay.id}/${name}`, bureau.supervisor);
    expect((await part('segments/1.m4s')).rawPayload).toEqual(pieces.subarray(1100, 2100));
    expect((await part('key')).rawPayload).toEqual(key);
    for (const picture of ['poster', 'waveform', 'thumbnails'])
      expect((await part(`pictures/${picture}`)).statusCode).toBe(404);
    expect(await read(bureau.supervisor, redaction)).toMatchObject({ watched: 33, reviewBlocker: 'not_watched' });
  });
});

describe('a review', () => {
  it('is nobody’s who wrote a version of the plan or had it rendered, and that they tried is on record', async () => {
    const redaction = await begun();
    await api.call('POST', on(redaction, '/plans'), bureau.supervisor, { basedOn: 1, marks: [cover] });
    const { body } = await render(officer, redaction, 2);
    await makeRenderReady(harness, body.render.id, bytes);
    const now = await read(bureau.supervisor, redaction);
    expect(now).toMatchObject({ reviewBlocker: 'made_it', may: { review: false } });
    await watch(bureau.supervisor, redaction);
    for (const verdict of ['approved', 'rejected']) {
      const reply = await review(bureau.supervisor, now, { verdict, reason: 'x' });
      expect(reply.body).toMatchObject({ status: 403, code: 'own_redaction' });
    }
    expect(await denialsOf(bureau.supervisor)).toContain('own_redaction');
    expect((await review(officer, now)).body).toMatchObject({ code: 'denied' });
  });

  it('approves only what was shown to the reviewer whole', async () => {
    const redaction = await rendered();
    expect((await review(bureau.supervisor, redaction)).body).toMatchObject({ status: 409, code: 'not_watched' });
    await watch(bureau.supervisor, redaction, [0, 2]);
    expect((await review(bureau.supervisor, redaction)).body).toMatchObject({ code: 'not_watched' });
    await watch(bureau.supervisor, redaction, [1]);
    const { body } = await review(bureau.supervisor, redaction, { verdict: 'approved', reason: '已核对' });
    expect(body).toMatchObject({
      state: 'approved',
      review: { verdict: 'approved', by: { id: bureau.supervisor.id }, reason: '已核对' },
    });
    expect(body.may).toMatchObject({ change: false, render: false, review: false, withdraw: true });
    const event = (await eventsOf(harness, 'redaction.reviewed')).find(({ data }) => data.redaction === redaction.id);
    expect(event?.data).toMatchObject({
      verdict: 'approved',
      sha256: redaction.render?.result?.sha256,
      rule: 'own_unit_review_redaction',
    });
    expect(JSON.stringify(event)).not.toContain('已核对');
    const told = await harness.owner
      .selectFrom('notification')
      .select('kind')
      .where('account_id', '=', officer.id)
      .execute();
    expect(told.map(({ kind }) => kind)).toContain('redaction_approved');
    for (const again of [review(bureau.supervisor, redaction), render(officer, redaction)])
      expect((await again).status).toBe(409);
    expect(
      (await api.call('POST', on(redaction, '/plans'), officer, { basedOn: 1, marks: [cover] })).body,
    ).toMatchObject({ code: 'redaction_settled' });
  });

  it('rejects with a reason, and the next plan begins anew', async () => {
    const redaction = await rendered();
    expect((await review(bureau.supervisor, redaction, { verdict: 'rejected' })).body).toMatchObject({
      code: 'reason_required',
    });
    const { body } = await review(bureau.supervisor, redaction, { verdict: 'rejected', reason: '第 8 秒露出车牌' });
    expect(body).toMatchObject({ state: 'rejected', review: { verdict: 'rejected', reason: '第 8 秒露出车牌' } });
    const saved = await api.call('POST', on(redaction, '/plans'), officer, {
      basedOn: 1,
      marks: [cover, { ...cover, reason: 'plate' }],
    });
    expect(saved.body).toMatchObject({ state: 'draft', version: 2, review: null });
  });

  it('of a rendering that is no longer the present one is refused', async () => {
    const redaction = await rendered();
    const stale = { ...redaction, render: redaction.render && { ...redaction.render, id: newId() } };
    expect((await review(bureau.supervisor, stale)).body).toMatchObject({ code: 'redaction_changed' });
  });
});

describe('publishing', () => {
  const copies = (evidence: string) => `/api/evidence/${evidence}/copies`;
  /** A grant to publish, through the whole way: two people. */
  async function granted(evidence: string, uses = 10): Promise<string> {
    const asked = await api.ask(officer, [evidence], { operations: ['publish'], purpose: 'publication', uses });
    expect([...asked.needed].sort()).toEqual(['bureau_head', 'legal']);
    await api.approve(bureau.legal, asked.id);
    const { grant } = await api.approve(bureau.head, asked.id);
    return grant?.id ?? '';
  }
  const publish = (evidence: string, more: object = {}) =>
    api.call('POST', copies(evidence), officer, { operation: 'publish', ...more });
  const download = (copy: { id: string }) => get(`/api/copies/${copy.id}/content`, officer);

  it('takes two approvals, and then an approved redacted version: it says so', async () => {
    const other = await recording();
    expect((await publish(other.id)).body).toMatchObject({
      status: 403,
      code: 'approval_required',
      approvers: ['legal', 'bureau_head'],
    });
    await granted(other.id);
    const waiting = await rendered(other.id);
    const refused = await publish(other.id);
    expect(refused.body).toMatchObject({ status: 409, code: 'no_approved_redaction', rule: 'publish_redacted_only' });
    expect(refused.body.detail).toMatch(/have somebody else review it/);
    expect(await denialsOf(officer)).toContain('no_approved_redaction');
    expect((await publish(other.id, { redaction: waiting.id })).body).toMatchObject({ code: 'no_approved_redaction' });
    const { body } = await api.call('GET', `/api/evidence/${other.id}`, officer);
    expect(body.actions.publish).toMatchObject({ allowed: false, rule: 'publish_redacted_only' });
  });

  it('hands out what was approved, byte for byte, with nobody’s name in it', async () => {
    const other = await recording({ name: '王警官-DSJ-77810.mp4' });
    const redaction = await approved(other.id);
    const grant = await granted(other.id, 1);
    const { body } = await api.call('GET', `/api/evidence/${other.id}`, officer);
    expect(body.actions.publish).toMatchObject({ allowed: true, rule: 'granted', grant: { id: grant } });
    const asked = await publish(other.id);
    expect(asked.status, JSON.stringify(asked.body)).toBe(202);
    const copy: IssuedCopy = asked.body;
    expect(copy).toMatchObject({
      form: 'redacted',
      mark: 'picture',
      render: redaction.render?.id,
      authorisation: grant,
      recipient: null,
    });
    const event = (await eventsOf(harness, 'issued_copy.requested')).find(({ data }) => data.copy === copy.id);
    expect(event?.data).toMatchObject({
      redaction: { redaction: redaction.id, render: redaction.render?.id, sha256: redaction.render?.result?.sha256 },
    });
    await makeCopyReady(harness, copy.id, bytes);
    const reply = await download(copy);
    expect(reply.statusCode).toBe(200);
    expect(createHash('sha256').update(reply.rawPayload).digest('hex')).toBe(redaction.render?.result?.sha256);
    expect(decodeURIComponent(String(reply.headers['content-disposition']))).not.toMatch(/王警官|DSJ/);
    // The one use is gone.
    expect((await publish(other.id)).body).toMatchObject({ code: 'approval_required' });
  });

  it('ends with a withdrawal: copies are taken back, and none is made any more', async () => {
    const other = await recording();
    const redaction = await approved(other.id);
    await granted(other.id);
    const copy: IssuedCopy = (await publish(other.id)).body;
    await makeCopyReady(harness, copy.id, bytes);
    const withdraw = (as: TestPerson) =>
      api.call('POST', on(redaction, '/withdrawal'), as, { reason: '第 9 秒露出门牌' });
    expect((await withdraw(bureau.colleague)).body).toMatchObject({ code: 'denied' });
    const { body } = await withdraw(bureau.legal);
    expect(body).toMatchObject({
      state: 'withdrawn',
      withdrawn: { by: { id: bureau.legal.id }, reason: '第 9 秒露出门牌' },
    });
    expect((await download(copy)).json()).toMatchObject({ status: 410, code: 'copy_over' });
    expect((await publish(other.id)).body).toMatchObject({ code: 'no_approved_redaction' });
    expect((await withdraw(bureau.legal)).body).toMatchObject({ code: 'redaction_settled' });
    const events = await eventsOf(harness, 'issued_copy.cancelled');
    expect(events.find(({ data }) => data.copy === copy.id)?.data).toMatchObject({ cause: 'withdrawn' });
    expect((await eventsOf(harness, 'redaction.withdrawn')).at(-1)?.data).toMatchObject({ redaction: redaction.id });
  });

  it('takes the one approved last, unless one is named', async () => {
    const other = await recording();
    const first = await approved(other.id);
    harness.clock.advance(1000);
    const second = await approved(other.id);
    await granted(other.id);
    expect((await publish(other.id)).body.render).toBe(second.render?.id);
    expect((await publish(other.id, { redaction: first.id })).body.render).toBe(first.render?.id);
  });
});
