import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makePerson, makeUnit, type TestPerson, type TestUnit } from '@fengcun/identity/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventsOf } from '../testing/events.ts';
import { type Harness, startHarness } from '../testing/harness.ts';
import { makeEvidence, type TestEvidence } from '../testing/make-evidence.ts';
import { publishLog } from '../testing/publish-log.ts';
import { csvRecord } from './csv.ts';

const run = promisify(execFile);
let harness: Harness;
let county: TestUnit;
let officer: TestPerson;
let auditor: TestPerson;
let outsider: TestPerson;
let item: TestEvidence;
let elsewhere: TestEvidence;

const get = (as: TestPerson, url: string) => harness.app.inject({ url, headers: as.headers });
const describeItem = (basedOn: number, title: string, id = item.id) =>
  harness.app.inject({
    method: 'PUT',
    url: `/api/evidence/${id}/description`,
    headers: officer.headers,
    payload: { basedOn, title, place: null, tags: [], note: null, case: null, matter: null },
  });

beforeAll(async () => {
  harness = await startHarness();
  const { owner } = harness;
  const bureau = await makeUnit(owner, { name: '市局' });
  county = await makeUnit(owner, { name: '县局', parent: bureau });
  const other = await makeUnit(owner, { name: '邻县局', parent: bureau });
  officer = await makePerson(owner, 'officer', { unit: county, name: '=cmd|王警官' });
  auditor = await makePerson(owner, 'auditor', { unit: county, name: '审计员' });
  outsider = await makePerson(owner, 'auditor', { unit: other });
  item = await makeEvidence(harness, { unit: county, name: 'REC-旧名.mp4' });
  elsewhere = await makeEvidence(harness, { unit: other, name: '邻县录像.mp4' });
  await get(officer, `/api/evidence/${item.id}`);
  await describeItem(0, '查封甲店');
  await get(auditor, `/api/evidence/${item.id}`);
  await describeItem(1, '查封乙店');
  // Refused: nobody asked for it, nobody approved it.
  await harness.app.inject({
    method: 'POST',
    url: `/api/evidence/${item.id}/plays`,
    headers: officer.headers,
    payload: {},
  });
  await get(officer, `/api/evidence/${elsewhere.id}`);
  await publishLog(harness);
});
afterAll(() => harness.close());

const lines = async (as: TestPerson, query = '') => (await get(as, `/api/register?${query}`)).json().items;
const types = async (as: TestPerson, query = '') =>
  (await lines(as, `item=${item.id}&${query}`)).map((line: { type: string }) => line.type);

describe('the register', () => {
  it('tells who did what with what it was called at the time', async () => {
    const found = await lines(auditor, `item=${item.id}`);
    const told = found.map((line: { type: string; actor: { name: string }; item: { title: string } }) => [
      line.type,
      line.actor.name,
      line.item.title,
    ]);
    expect(told).toEqual([
      ['access.denied', officer.name, '查封乙店'],
      ['evidence.described', officer.name, '查封乙店'],
      ['evidence.viewed', '审计员', '查封甲店'],
      ['evidence.described', officer.name, '查封甲店'],
      ['evidence.viewed', officer.name, 'REC-旧名.mp4'],
    ]);
    expect(found[0]).toMatchObject({ kind: 'denial', index: expect.any(Number), actor: { unit: { name: '县局' } } });
  });

  it.each([
    ['kind', 'kind=view', ['evidence.viewed', 'evidence.viewed']],
    ['kind', 'kind=play', []],
    ['time', 'to=2020-01-01T00:00:00Z', []],
  ])('is narrowed by %s', async (_name, query, expected) => {
    expect(await types(auditor, query)).toEqual(expected);
  });

  it('is narrowed by person and by unit', async () => {
    expect(await types(auditor, `person=${auditor.id}`)).toEqual(['evidence.viewed']);
    expect(await types(auditor, `unit=${county.id}`)).toHaveLength(5);
  });

  it('is read in pages, each once', async () => {
    const seen: number[] = [];
    let cursor = '';
    do {
      const page = (await get(auditor, `/api/register?item=${item.id}&limit=2${cursor}`)).json();
      seen.push(...page.items.map((line: { event: number }) => line.event));
      cursor = page.next ? `&cursor=${encodeURIComponent(page.next)}` : '';
    } while (cursor);
    expect(seen).toHaveLength(5);
    expect(seen).toEqual(seen.toSorted((a, b) => b - a));
    expect((await get(auditor, '/api/register?cursor=eA')).json().code).toBe('cursor_invalid');
  });

  it('shows nobody the accesses of another unit', async () => {
    expect(await lines(outsider, `item=${item.id}`)).toEqual([]);
    // The attempt at the neighbour's recording is told to the neighbour.
    const attempts = await lines(outsider, 'kind=denial');
    expect(attempts).toMatchObject([{ item: { id: elsewhere.id }, actor: { id: officer.id } }]);
    expect((await get(officer, '/api/register')).statusCode).toBe(403);
  });

  it('puts each look at it on record', async () => {
    const before = (await eventsOf(harness, 'register.read')).length;
    const found = await lines(auditor, 'kind=view');
    const looks = await eventsOf(harness, 'register.read');
    expect(looks).toHaveLength(before + 1);
    expect(looks.at(-1)).toMatchObject({
      actor: auditor.id,
      data: { filter: { kind: 'view' }, lines: found.length, last: found.at(-1).event },
    });
    expect((await lines(auditor, 'kind=audit'))[0]).toMatchObject({ type: 'register.read', item: null });
  });
});

describe('exports', () => {
  it('CSV opens in a spreadsheet, runs nothing there, and is on record', async () => {
    const reply = await get(auditor, `/api/register/export.csv?item=${item.id}`);
    expect(reply.statusCode, reply.body).toBe(200);
    expect(reply.headers).toMatchObject({ 'content-type': 'text/csv; charset=utf-8', 'cache-control': 'no-store' });
    expect(reply.rawPayload.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
    const records = reply.body.split('\r\n');
    expect(records).toHaveLength(1 + 5 + 1);
    expect(records[0]).toContain('事件号,日志序号,时间');
    expect(records[1]).toContain('"\'=cmd|王警官"');
    expect(records[1]).toMatch(/\+08:00/);
    // Parts of a line are set apart once, also where one is a sentence.
    expect(records[1]).toMatch(/[^。]；请求：/);
    expect((await eventsOf(harness, 'register.exported')).at(-1)).toMatchObject({ data: { format: 'csv' } });
  });

  it.each(['=1+1', '+1', '-1', '@x', '\t=1', ' =1'])('takes the formula out of %j', (text) => {
    expect(csvRecord([text]).startsWith(`"'`)).toBe(true);
  });

  it('XLSX is a workbook with the same lines', async () => {
    const reply = await get(auditor, `/api/register/export.xlsx?item=${item.id}&language=en`);
    expect(reply.statusCode, reply.body).toBe(200);
    const directory = await mkdtemp(join(tmpdir(), 'fengcun-xlsx-'));
    try {
      const file = join(directory, 'register.xlsx');
      await writeFile(file, reply.rawPayload);
      await run('python3', ['-m', 'zipfile', '-e', file, directory]);
      const sheet = await readFile(join(directory, 'xl/worksheets/sheet1.xml'), 'utf8');
      expect(sheet.match(/<row /g)).toHaveLength(6);
      expect(sheet).toContain('orientation="landscape"');
      expect(sheet).toContain('Log index');
      expect(sheet).toContain('=cmd|王警官');
      expect(sheet).not.toContain('<f>');
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('give nothing when they cannot be recorded', async () => {
    const { sql } = await import('kysely');
    await sql`revoke insert on ledger_event from fengcun_access`.execute(harness.owner);
    try {
      for (const url of ['/api/register', '/api/register/export.csv', `/api/evidence/${item.id}/report.pdf`])
        expect((await get(auditor, url)).json(), url).toMatchObject({ status: 503, code: 'not_recorded' });
    } finally {
      await sql`grant insert on ledger_event to fengcun_access`.execute(harness.owner);
    }
  });
});

async function textOf(pdf: Buffer): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'fengcun-pdf-'));
  try {
    await writeFile(join(directory, 'report.pdf'), pdf);
    const { stdout } = await run('pdftotext', ['-layout', join(directory, 'report.pdf'), '-']);
    return stdout;
  } finally {
    await rm(directory, { recursive: true });
  }
}

describe('audit reports', () => {
  it('of an item: titles as they were, indices, the checkpoint, and the count of lines', async () => {
    const reply = await get(auditor, `/api/evidence/${item.id}/report.pdf`);
    expect(reply.statusCode, reply.body.slice(0, 200)).toBe(200);
    expect(reply.rawPayload.subarray(0, 5).toString()).toBe('%PDF-');
    const text = await textOf(reply.rawPayload);
    for (const words of ['证据审计报告', 'REC-旧名.mp4', '查封甲店', '查封乙店', '第1页，共1页', '共6行', item.sha256])
      expect(text.replaceAll(/\s+/g, '')).toContain(words);
    expect((await eventsOf(harness, 'report.made')).at(-1)).toMatchObject({
      subject: item.id,
      data: { format: 'pdf' },
    });
  });

  it('of a person tell what they did, without other units’ items', async () => {
    const reply = await get(auditor, `/api/register/people/${officer.id}/report.pdf`);
    expect(reply.statusCode, reply.body.slice(0, 200)).toBe(200);
    const text = (await textOf(reply.rawPayload)).replaceAll(/\s+/g, ' ');
    expect(text).toContain('查封甲店');
    expect(text).not.toContain('邻县录像');
    expect(text.replaceAll(' ', '')).toContain('另有1行');
    expect((await get(outsider, `/api/register/people/${officer.id}/report.pdf`)).statusCode).toBe(404);
    const csv = await get(auditor, `/api/register/people/${officer.id}/report.csv`);
    expect(csv.body).toContain('查封甲店');
    expect(csv.body).not.toContain('邻县录像');
  });

  it('are refused with what to do when there is no font', async () => {
    const app = await harness.another({ config: { cjkFont: '/nowhere/font.ttc' } });
    const reply = await app.inject({ url: `/api/evidence/${item.id}/report.pdf`, headers: auditor.headers });
    expect(reply.json()).toMatchObject({ status: 503, code: 'no_cjk_font' });
  });
});

describe('who could see an item, and why', () => {
  it('is what the policy answers for everybody', async () => {
    const reply = await get(auditor, `/api/evidence/${item.id}/audience`);
    expect(reply.statusCode, reply.body).toBe(200);
    const { items } = reply.json();
    const of = (person: TestPerson) =>
      items.find((member: { account: { id: string } }) => member.account.id === person.id);
    const played = of(officer).operations.find((each: { action: string }) => each.action === 'play');
    const allowed = (await get(officer, `/api/evidence/${item.id}`)).json().actions.play;
    expect(played).toMatchObject({ outcome: allowed.outcome, rule: allowed.rule, grant: null });
    expect(of(auditor).operations).toContainEqual(
      expect.objectContaining({ action: 'play', outcome: 'deny', rule: 'administrators_never_open_footage' }),
    );
    expect(of(outsider)).toBeUndefined();
    expect((await eventsOf(harness, 'audience.read')).at(-1)).toMatchObject({ actor: auditor.id, subject: item.id });
  });

  it('comes in pages, and not to everybody', async () => {
    const first = (await get(auditor, `/api/evidence/${item.id}/audience?limit=1`)).json();
    expect(first.next).not.toBeNull();
    const second = (await get(auditor, `/api/evidence/${item.id}/audience?limit=1&cursor=${first.next}`)).json();
    expect(second.items[0].account.id).not.toBe(first.items[0].account.id);
    expect((await get(officer, `/api/evidence/${item.id}/audience`)).statusCode).toBe(403);
    expect((await get(outsider, `/api/evidence/${item.id}/audience`)).statusCode).toBe(404);
  });
});
