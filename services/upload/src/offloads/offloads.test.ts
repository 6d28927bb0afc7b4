import { createHash, randomBytes } from 'node:crypto';
import { newId } from '@fengcun/catalog';
import type { Offload, OffloadSummary } from '@fengcun/contracts';
import { makeDock, makePerson, type TestDock, type TestPerson } from '@fengcun/identity/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventsOf, type Harness, idOf, metadata, patch, rowOf, startHarness, tusHeaders } from '../../tests/harness.ts';
import { seal } from '../../tests/seal.ts';
import { missingRanges } from './find-gaps.ts';

let harness: Harness;
let officer: TestPerson;
beforeAll(async () => {
  harness = await startHarness();
  officer = await makePerson(harness.owner, 'officer', { unit: harness.dock.unit });
});
afterAll(() => harness.close());

interface TestFile {
  readonly name: string;
  readonly bytes: Buffer<ArrayBuffer>;
  readonly sequence?: number;
}
const file = (name: string, size: number, sequence?: number): TestFile => ({
  name,
  bytes: randomBytes(size),
  ...(sequence === undefined ? {} : { sequence }),
});
const sha256Of = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const announce = ({ name, bytes, sequence }: TestFile) => ({
  name,
  size: bytes.length,
  sha256: sha256Of(bytes),
  kind: 'video',
  ...(sequence === undefined ? {} : { sequence }),
});
let serial = 0;
const newSerial = () => `BWC-${++serial}-${newId().slice(-6)}`;

async function call(method: string, path: string, headers: Record<string, string>, body?: unknown): Promise<Response> {
  return fetch(harness.url + path, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}
const bearer = async (dock: TestDock) => ({ authorization: `Bearer ${await dock.token()}` });
const request = (device: string, files: readonly TestFile[], more: object = {}) => ({
  device,
  officer: '031245',
  deviceClock: '2026-03-01T08:00:07.500+08:00',
  dockClock: '2026-03-01T00:00:00.000Z',
  files: files.map(announce),
  ...more,
});
async function open(
  device: string,
  files: readonly TestFile[],
  more: object = {},
  dock = harness.dock,
): Promise<Offload> {
  const reply = await call('POST', '/api/offloads', await bearer(dock), request(device, files, more));
  expect(reply.status).toBe(201);
  return (await reply.json()) as Offload;
}
const get = async (id: string, dock = harness.dock) =>
  (await (await call('GET', `/api/offloads/${id}`, await bearer(dock))).json()) as Offload;

async function createFor(
  offload: Offload,
  { name, bytes }: TestFile,
  more: Record<string, string> = {},
): Promise<Response> {
  const values = metadata({ filename: name, sha256: sha256Of(bytes), offload: offload.id, ...more });
  return fetch(`${harness.url}/files`, {
    method: 'POST',
    headers: await tusHeaders(harness.dock, { 'upload-length': String(bytes.length), 'upload-metadata': values }),
  });
}
const problemOf = async (reply: Response) => [reply.status, ((await reply.json()) as { code: string }).code];

describe('an announcement', () => {
  it('opens an offload on record, registers an unknown device, and says what to send', async () => {
    const device = newSerial();
    const files = [file('DCIM\\录像 1.mp4', 10, 1), file('DCIM\\录像 2.mp4', 20, 2)];
    const offload = await open(device, files);
    expect(offload).toMatchObject({
      device: { serial: device },
      dock: { id: harness.dock.id },
      unit: { id: harness.dock.unit.id },
      officer: '031245',
      deviceClock: '2026-03-01T00:00:07.500Z',
      deviceClockOffsetMs: 7500,
      missing: [0, 1],
      gaps: [],
      complete: false,
    });
    expect(offload.files).toMatchObject([
      { ordinal: 0, name: 'DCIM\\录像 1.mp4', state: 'announced', offset: 0, evidence: null, action: 'upload' },
      { ordinal: 1, name: 'DCIM\\录像 2.mp4', state: 'announced', action: 'upload' },
    ]);
    const [event] = await eventsOf(harness, 'offload.opened', offload.id);
    expect(event).toMatchObject({ actor: { id: harness.dock.id }, data: { files: 2, bytes: 30 } });
    expect(JSON.stringify(event)).not.toContain('031245');
    expect(await eventsOf(harness, 'device.registered', offload.device.id)).toMatchObject([
      { data: { serial: device, state: 'unregistered', unit: harness.dock.unit.id } },
    ]);
  });

  it('sent twice, or ten times at once, or with clocks read again, is one offload', async () => {
    const device = newSerial();
    const files = [file('a.mp4', 10)];
    const first = await open(device, files);
    const others = await Promise.all(
      Array.from({ length: 10 }, () => open(device, files, { dockClock: '2026-03-01T00:05:00.000Z' })),
    );
    for (const other of others) expect(other.id).toBe(first.id);
    expect(await eventsOf(harness, 'offload.opened', first.id)).toHaveLength(1);
    const ids = new Set(
      (await Promise.all(Array.from({ length: 10 }, () => open(newSerialFor(device), files)))).map(({ id }) => id),
    );
    expect(ids.size).toBe(1);
    expect((await open(device, files, { officer: 'another' })).id).not.toBe(first.id);
    expect((await open(device, files, {}, await makeDock(harness.owner))).id).not.toBe(first.id);
  });
  const newSerialFor = (device: string) => `${device}-B`;

  it.each([
    ['retired', 'retired_device_seen'],
    ['lost', 'lost_device_seen'],
  ] as const)(
    'of a device that is %s is taken like any other, with one alarm until somebody has looked',
    async (state, code) => {
      const device = newSerial();
      const { id } = (await open(device, [file('a', 1)])).device;
      const alarms = () =>
        harness.owner.selectFrom('alarm').selectAll().where('subject_id', '=', id).orderBy('id').execute();
      await harness.owner.updateTable('device').set({ state }).where('id', '=', id).execute();
      await open(device, [file('b', 1)]);
      await open(device, [file('c', 1)]);
      const raised = await alarms();
      expect(raised).toMatchObject([{ kind: 'device_unexpected', subject_kind: 'device' }]);
      expect(raised[0]?.detail).toContain(code);
      await harness.owner
        .updateTable('alarm')
        .set({ acknowledged_at: new Date(), acknowledged_by: null })
        .where('subject_id', '=', id)
        .execute();
      await open(device, [file('d', 1)]);
      expect(await alarms()).toHaveLength(2);
    },
  );

  it.each([
    ['no files', { files: [] }],
    ['a bad digest', { files: [{ ...announce(file('a', 1)), sha256: 'x' }] }],
    ['a control character in a name', { files: [{ ...announce(file('a', 1)), name: 'a\nb' }] }],
    ['an unknown field', { extra: 1 }],
    ['no clock', { dockClock: 'noon' }],
  ])('with %s is refused', async (_what, more) => {
    const reply = await call('POST', '/api/offloads', await bearer(harness.dock), request('X', [file('a', 1)], more));
    expect(await problemOf(reply)).toEqual([400, 'invalid_input']);
  });

  it('is seen by its dock and by people of its unit, and by nobody else', async () => {
    const offload = await open(newSerial(), [file('a', 1)]);
    expect((await get(offload.id)).id).toBe(offload.id);
    expect((await call('GET', `/api/offloads/${offload.id}`, officer.headers)).status).toBe(200);
    const stranger = await makePerson(harness.owner, 'officer');
    expect(await problemOf(await call('GET', `/api/offloads/${offload.id}`, stranger.headers))).toEqual([
      404,
      'not_found',
    ]);
    const other = await makeDock(harness.owner, { unit: harness.dock.unit });
    expect(await problemOf(await call('GET', `/api/offloads/${offload.id}`, await bearer(other)))).toEqual([
      404,
      'not_found',
    ]);
    expect((await eventsOf(harness, 'access.denied', offload.id)).map(({ actor }) => actor.id)).toEqual([
      stranger.id,
      other.id,
    ]);
  });
});

describe('a file of an offload', () => {
  it('becomes its upload, with what was announced of it, and is followed to its seal', async () => {
    const films = [file('DCIM/1.mp4', 100, 7), file('DCIM/2.mp4', 50, 8)];
    const [film = file('', 0), other = file('', 0)] = films;
    const offload = await open(newSerial(), films);
    const reply = await createFor(offload, film, { kind: 'audio' });
    expect(reply.status).toBe(201);
    const path = reply.headers.get('location') ?? '';
    expect(await rowOf(harness, path)).toMatchObject({
      offload_id: offload.id,
      offload_ordinal: 0,
      device_id: offload.device.id,
      officer_number: '031245',
      name: '1.mp4',
      kind: 'video',
      sequence: 7,
    });
    await patch(harness, path, 0, film.bytes.subarray(0, 40));
    expect((await get(offload.id)).files[0]).toMatchObject({
      state: 'receiving',
      offset: 40,
      evidence: idOf(path),
      action: 'upload',
    });
    await patch(harness, path, 40, film.bytes.subarray(40));
    expect((await get(offload.id)).files[0]).toMatchObject({ state: 'received', offset: 100, action: 'wait' });
    await seal(harness, path);
    const sealed = await get(offload.id);
    expect(sealed.files[0]).toMatchObject({ state: 'sealed', action: 'none' });
    expect([sealed.missing, sealed.complete]).toEqual([[1], false]);
    const second = (await createFor(offload, other)).headers.get('location') ?? '';
    await patch(harness, second, 0, other.bytes);
    await seal(harness, second);
    expect(await get(offload.id)).toMatchObject({ missing: [], complete: true });
  });

  it('created again answers the same upload, at every stage', async () => {
    const film = file('a.mp4', 100);
    const offload = await open(newSerial(), [film]);
    const locations = await Promise.all(
      Array.from({ length: 8 }, async () => (await createFor(offload, film)).headers.get('location') ?? ''),
    );
    expect(new Set(locations).size).toBe(1);
    const [path = ''] = locations;
    await patch(harness, path, 0, film.bytes.subarray(0, 30));
    expect((await createFor(offload, film)).headers.get('location')).toBe(path);
    const again = await fetch(`${harness.url}/files`, {
      method: 'POST',
      headers: await tusHeaders(harness.dock, {
        'upload-length': '100',
        'upload-metadata': metadata({ filename: 'a.mp4', sha256: sha256Of(film.bytes), offload: offload.id }),
        'content-type': 'application/offset+octet-stream',
      }),
      body: new Uint8Array(film.bytes),
    });
    expect([again.status, again.headers.get('location'), again.headers.get('upload-offset')]).toEqual([
      201,
      path,
      '30',
    ]);
    await patch(harness, path, 30, film.bytes.subarray(30));
    expect((await createFor(offload, film)).headers.get('location')).toBe(path);
    expect(await eventsOf(harness, 'upload.started', idOf(path))).toHaveLength(1);
    let transfers = 0;
    for await (const { key } of harness.vault.transfers()) if (key.endsWith(idOf(path))) transfers++;
    expect(transfers).toBe(1);
  });

  it('that expired is sent anew', async () => {
    const film = file('a.mp4', 100);
    const offload = await open(newSerial(), [film]);
    const path = (await createFor(offload, film)).headers.get('location') ?? '';
    await harness.owner.updateTable('upload').set({ state: 'expired' }).where('id', '=', idOf(path)).execute();
    expect((await get(offload.id)).files[0]).toMatchObject({ state: 'expired', evidence: null, action: 'upload' });
    expect((await createFor(offload, film)).headers.get('location')).not.toBe(path);
  });

  it('that was not announced so is refused', async () => {
    const film = file('a.mp4', 100);
    const offload = await open(newSerial(), [film]);
    for (const wrong of [
      { ...film, name: 'b.mp4' },
      { ...film, bytes: randomBytes(100) },
      { ...film, bytes: randomBytes(99) },
    ])
      expect(await problemOf(await createFor(offload, wrong))).toEqual([409, 'file_not_announced']);
  });

  it('announced twice is two uploads', async () => {
    const film = file('a.mp4', 100);
    const offload = await open(newSerial(), [film, film]);
    const first = (await createFor(offload, film)).headers.get('location') ?? '';
    const second = (await createFor(offload, film)).headers.get('location') ?? '';
    expect(second).not.toBe(first);
    expect([(await rowOf(harness, first)).offload_ordinal, (await rowOf(harness, second)).offload_ordinal]).toEqual([
      0, 1,
    ]);
  });

  it('that the device handed over before is not sent again', async () => {
    const device = newSerial();
    const [film, more] = [file('a.mp4', 100), file('b.mp4', 10)];
    const early = await open(device, [film, more]);
    const first = await open(device, [film]);
    const path = (await createFor(first, film)).headers.get('location') ?? '';
    await patch(harness, path, 0, film.bytes);
    await seal(harness, path);
    const later = await open(device, [more, film]);
    expect(later.files).toMatchObject([
      { action: 'upload', state: 'announced' },
      { action: 'none', state: 'sealed', offset: 100, evidence: idOf(path) },
    ]);
    expect(later.missing).toEqual([0]);
    // An offload opened before the file was sealed sees it too.
    expect((await get(early.id)).files[0]).toMatchObject({ state: 'sealed', evidence: idOf(path), action: 'none' });
    // The same bytes from another device are another recording.
    expect((await open(newSerial(), [film])).files[0]).toMatchObject({ action: 'upload' });
  });
});

describe('sequence numbers', () => {
  it('are ranges of what is missing', () => {
    expect(missingRanges([5, 1, 2, 8, 5])).toEqual([
      { first: 3, last: 4 },
      { first: 6, last: 7 },
    ]);
    expect(missingRanges([])).toEqual([]);
    const many = missingRanges(Array.from({ length: 3000 }, (_, i) => i * 2));
    expect(many).toHaveLength(1000);
    expect(many.at(-1)).toEqual({ first: 1999, last: 5997 });
  });

  it('missing within and since the offload before are gaps, with one alarm, until somebody gives a reason', async () => {
    const device = newSerial();
    const first = await open(device, [file('1', 1, 1), file('2', 1, 2), file('5', 1, 5)]);
    expect(first.gaps).toMatchObject([{ from: 3, to: 4, explained: null }]);
    const second = await open(device, [file('8', 1, 8), file('9', 1, 9)]);
    expect(second.gaps).toMatchObject([{ from: 6, to: 7 }]);
    const alarms = await harness.owner.selectFrom('alarm').selectAll().where('subject_id', '=', second.id).execute();
    expect(alarms).toMatchObject([{ kind: 'sequence_gap', unit_id: harness.dock.unit.id }]);
    expect(alarms[0]?.detail).toContain('6-7');

    const id = second.gaps[0]?.id ?? '';
    const explain = (headers: Record<string, string>) =>
      call('POST', `/api/gaps/${id}/explanation`, headers, { reason: '设备校时测试' });
    const stranger = await makePerson(harness.owner, 'officer');
    expect(await problemOf(await explain(stranger.headers))).toEqual([404, 'not_found']);
    const reply = await explain(officer.headers);
    expect([reply.status, await reply.json()]).toMatchObject([
      200,
      { from: 6, to: 7, explained: { by: officer.name, reason: '设备校时测试' } },
    ]);
    expect(await problemOf(await explain(officer.headers))).toEqual([409, 'already_explained']);
    const [event] = await eventsOf(harness, 'gap.explained', second.id);
    expect(event).toMatchObject({ actor: { id: officer.id }, data: { offload: second.id, from: 6, to: 7 } });
    expect((await get(second.id)).gaps[0]?.explained).toMatchObject({ by: officer.name });
  });

  it('announced before, or starting again from below, are no gaps', async () => {
    const device = newSerial();
    await open(device, [file('1', 1, 1), file('2', 1, 2), file('3', 1, 3)]);
    // The card was not emptied, but 2 was deleted from it: it has been announced, so nothing is missing.
    expect((await open(device, [file('1', 1, 1), file('3', 1, 3), file('4', 1, 4)])).gaps).toEqual([]);
    await open(device, [file('500', 1, 500)]);
    expect((await open(device, [file('x', 1, 1), file('y', 1, 2)])).gaps).toEqual([]);
  });
});

describe('the list of offloads', () => {
  it('shows those of visible units with their sums, newest first, page by page', async () => {
    const dock = await makeDock(harness.owner);
    const reader = await makePerson(harness.owner, 'supervisor', { unit: dock.unit });
    const device = newSerial();
    const ids: string[] = [];
    for (let i = 0; i < 5; i++)
      ids.unshift((await open(device, [file(`${i}`, 10, i * 2), file(`${i}b`, 5)], {}, dock)).id);
    const seen: OffloadSummary[] = [];
    for (let query = '?limit=2'; query !== ''; ) {
      const page = (await (await call('GET', `/api/offloads${query}`, reader.headers)).json()) as {
        items: OffloadSummary[];
        next: string | null;
      };
      seen.push(...page.items);
      query = page.next === null ? '' : `?limit=2&cursor=${page.next}`;
    }
    expect(seen.map(({ id }) => id)).toEqual(ids);
    expect(seen[0]).toMatchObject({ files: 2, sealed: 0, quarantined: 0, openGaps: 1, bytes: 15, bytesReceived: 0 });
    const filtered = (await (await call('GET', `/api/offloads?dock=${harness.dock.id}`, reader.headers)).json()) as {
      items: unknown[];
    };
    expect(filtered.items).toEqual([]);
  });
});
