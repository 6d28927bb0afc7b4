import { generateKeyPairSync } from 'node:crypto';
import type { Dock } from '@fengcun/contracts';
import { makePerson, makeUnit, type TestPerson } from '@fengcun/identity/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventsOf, type Harness, startHarness } from '../../tests/harness.ts';
import { enrolmentCodeHash, newEnrolmentCode } from './enrolment-code.ts';

let harness: Harness;
let admin: TestPerson;
beforeAll(async () => {
  harness = await startHarness();
  admin = await makePerson(harness.owner, 'security_admin');
});
afterAll(() => harness.close());
afterEach(() => {
  harness.clock.at = null;
});

async function call(method: string, path: string, headers: Record<string, string>, body?: unknown) {
  const reply = await fetch(harness.url + path, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: reply.status, headers: reply.headers, body: (await reply.json()) as Record<string, unknown> };
}
const create = (name: string, unit = admin.unit.id) => call('POST', '/api/docks', admin.headers, { name, unit });
const newKey = () => generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x ?? '';
const enrol = (code: unknown, publicKey = newKey()) => call('POST', '/api/docks/enrolment', {}, { code, publicKey });

describe('a one-time code', () => {
  it('has 80 random bits, and forgives how it was typed', () => {
    const code = newEnrolmentCode();
    expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
    expect(newEnrolmentCode()).not.toBe(code);
    const spelled = code.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l');
    expect(enrolmentCodeHash(spelled)).toEqual(enrolmentCodeHash(code));
  });
});

describe('a dock', () => {
  it('is created, enrolled once with its code, and known from then on, all on record', async () => {
    const created = await create('采集站 1');
    expect(created.status).toBe(201);
    const dock = created.body.dock as Dock;
    expect(dock).toMatchObject({ name: '采集站 1', state: 'awaiting_enrolment', unit: { id: admin.unit.id } });
    const { code_hash } = await harness.owner
      .selectFrom('dock')
      .selectAll()
      .where('id', '=', dock.id)
      .executeTakeFirstOrThrow();
    expect(code_hash).toEqual(enrolmentCodeHash(String(created.body.code)));
    const key = newKey();
    const enrolled = await enrol(created.body.code, key);
    expect(enrolled).toMatchObject({
      status: 201,
      body: {
        dock: { id: dock.id, state: 'enrolled' },
        audience: 'test-site',
        logKeys: ['mock.example/log+00000000+AAAA'],
      },
    });
    expect(await enrol(created.body.code)).toMatchObject({ status: 403, body: { code: 'code_invalid' } });
    const row = await harness.owner.selectFrom('dock').selectAll().where('id', '=', dock.id).executeTakeFirstOrThrow();
    expect([row.public_key?.toString('base64url'), row.code_hash]).toEqual([key, null]);
    expect(await eventsOf(harness, 'dock.created', dock.id)).toMatchObject([{ actor: { id: admin.id } }]);
    expect(await eventsOf(harness, 'dock.enrolled', dock.id)).toMatchObject([
      { actor: { id: dock.id }, data: { publicKey: key } },
    ]);
    const list = await call('GET', '/api/docks', admin.headers);
    expect(list.body.items).toMatchObject([{ id: dock.id, state: 'enrolled' }]);
  });

  it('cannot be created in a unit out of reach, nor by anybody else', async () => {
    const elsewhere = await makeUnit(harness.owner);
    expect(await create('x', elsewhere.id)).toMatchObject({ status: 404, body: { code: 'unit_unknown' } });
    const officer = await makePerson(harness.owner, 'officer', { unit: admin.unit });
    const reply = await call('POST', '/api/docks', officer.headers, { name: 'x', unit: admin.unit.id });
    expect(reply).toMatchObject({ status: 403, body: { code: 'role_required' } });
  });

  it('cannot be enrolled when its code has expired or it was revoked before', async () => {
    const late = await create('采集站 2');
    harness.clock.at = new Date(Date.now() + 24 * 3_600_000 + 1000);
    expect(await enrol(late.body.code)).toMatchObject({ status: 403, body: { code: 'code_invalid' } });
    harness.clock.at = null;
    const revoked = await create('采集站 3');
    const { id } = revoked.body.dock as Dock;
    expect(await call('POST', `/api/docks/${id}/revocation`, admin.headers, { reason: '未使用' })).toMatchObject({
      status: 200,
      body: { state: 'revoked' },
    });
    expect(await enrol(revoked.body.code)).toMatchObject({ status: 403 });
  });

  it('is revoked once, by those who can see it', async () => {
    const { id } = (await create('采集站 4')).body.dock as Dock;
    const other = await makePerson(harness.owner, 'security_admin');
    const revoke = (person: TestPerson) =>
      call('POST', `/api/docks/${id}/revocation`, person.headers, { reason: '报废' });
    expect(await revoke(other)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect((await eventsOf(harness, 'access.denied', id)).map(({ actor }) => actor.id)).toEqual([other.id]);
    expect(await revoke(admin)).toMatchObject({ status: 200 });
    expect(await revoke(admin)).toMatchObject({ status: 409, body: { code: 'already_revoked' } });
    expect(await eventsOf(harness, 'dock.revoked', id)).toHaveLength(1);
  });
});

describe('guessing codes', () => {
  it('ends after ten wrong ones for a quarter of an hour, with every right one refused meanwhile', async () => {
    const guessed = await startHarness();
    const guess = (code: string) =>
      fetch(`${guessed.url}/api/docks/enrolment`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ code, publicKey: newKey() }),
      });
    for (let i = 0; i < 10; i++) expect((await guess(newEnrolmentCode())).status).toBe(403);
    const refused = await guess(newEnrolmentCode());
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(800);
    expect((await eventsOf(guessed, 'access.denied')).length).toBeGreaterThan(0);
    guessed.clock.at = new Date(Date.now() + 16 * 60_000);
    expect((await guess(newEnrolmentCode())).status).toBe(403);
    await guessed.close();
  });
});

describe('a dock that is looked after', () => {
  it('gets another code when the first ran out, and the first is void', async () => {
    const created = await create('采集站 8');
    const dock = created.body.dock as Dock;
    harness.clock.at = new Date(Date.now() + 25 * 3_600_000);
    expect((await enrol(created.body.code)).body.code).toBe('code_invalid');
    harness.clock.at = null;
    const renewed = await call('POST', `/api/docks/${dock.id}/code`, admin.headers);
    expect(renewed).toMatchObject({ status: 201, body: { dock: { id: dock.id, state: 'awaiting_enrolment' } } });
    expect((renewed.body.dock as Dock).codeExpiresAt).toBe(renewed.body.codeExpiresAt);
    expect((await enrol(created.body.code)).status).toBe(403);
    expect((await enrol(renewed.body.code)).status).toBe(201);
    expect((await call('POST', `/api/docks/${dock.id}/code`, admin.headers)).body.code).toBe('already_enrolled');
    expect(await eventsOf(harness, 'dock.code_renewed', dock.id)).toHaveLength(1);
  });

  it('is renamed and moved, with what was before on record, and only within reach', async () => {
    const dock = (await create('采集站 9')).body.dock as Dock;
    const below = await makeUnit(harness.owner, { parent: admin.unit });
    const moved = await call('PATCH', `/api/docks/${dock.id}`, admin.headers, { name: '前台采集站', unit: below.id });
    expect(moved).toMatchObject({ status: 200, body: { name: '前台采集站', unit: { id: below.id } } });
    expect((await eventsOf(harness, 'dock.changed', dock.id)).at(-1)).toMatchObject({
      data: { name: '前台采集站', unit: below.id, was: { name: '采集站 9', unit: admin.unit.id } },
    });
    const foreign = await makePerson(harness.owner, 'security_admin');
    const change = { name: 'x' };
    expect((await call('PATCH', `/api/docks/${dock.id}`, foreign.headers, change)).status).toBe(404);
    expect((await call('POST', `/api/docks/${dock.id}/code`, foreign.headers)).status).toBe(404);
    const away = { unit: foreign.unit.id };
    expect((await call('PATCH', `/api/docks/${dock.id}`, admin.headers, away)).body.code).toBe('unit_unknown');
    await call('POST', `/api/docks/${dock.id}/revocation`, admin.headers, { reason: '更换' });
    expect((await call('PATCH', `/api/docks/${dock.id}`, admin.headers, change)).body.code).toBe('already_revoked');
    expect((await call('POST', `/api/docks/${dock.id}/code`, admin.headers)).body.code).toBe('already_revoked');
  });
});
