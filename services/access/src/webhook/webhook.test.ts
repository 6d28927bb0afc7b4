import { makePerson, type TestPerson } from '@fengcun/identity/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeBureau, requestsOf, type TestBureau } from '../testing/bureau.ts';
import { eventsOf } from '../testing/events.ts';
import { type Harness, startHarness } from '../testing/harness.ts';

let harness: Harness;
let b: TestBureau;
let admin: TestPerson;
let api: ReturnType<typeof requestsOf>;

beforeAll(async () => {
  harness = await startHarness();
  b = await makeBureau(harness);
  api = requestsOf(harness);
  admin = await makePerson(harness.owner, 'system_admin', { unit: b.bureau, now: harness.clock.now() });
});
afterAll(() => harness.close());

const create = (more: object = {}, as = admin) =>
  api.call('POST', '/api/webhooks', as, { name: '办公系统', url: 'https://oa.example/hook', ...more });

describe('webhooks', () => {
  it('are kept by the system administrator, on record, and show their secret once', async () => {
    const made = await create({ kinds: ['request_to_decide'] });
    expect(made).toMatchObject({ status: 201, body: { kinds: ['request_to_decide'], disabledAt: null, last: null } });
    expect(Buffer.from(made.body.secret, 'base64url')).toHaveLength(32);
    const { body } = await api.call('GET', '/api/webhooks', admin);
    expect(body.items).toEqual([expect.not.objectContaining({ secret: expect.anything() })]);
    expect(await eventsOf(harness, 'webhook.created')).toMatchObject([
      { actor: admin.id, subject: made.body.id, data: { url: 'https://oa.example/hook' } },
    ]);
    const url = `/api/webhooks/${made.body.id}`;
    const change = (disabled: boolean) => api.call('PUT', url, admin, { name: '新名称', kinds: [], disabled });
    expect((await change(true)).body).toMatchObject({ name: '新名称', kinds: [], disabledAt: expect.any(String) });
    expect((await api.call('POST', `${url}/test`, admin)).body.code).toBe('webhook_disabled');
    expect((await change(false)).body.disabledAt).toBeNull();
    const sent = await api.call('POST', `${url}/test`, admin);
    expect(sent.status).toBe(202);
    const deliveries = await api.call('GET', `${url}/deliveries?state=pending`, admin);
    expect(deliveries.body.items).toMatchObject([{ id: sent.body.delivery, kind: 'test', attempts: [] }]);
    for (const other of [b.securityAdmin, b.auditor, b.officer]) {
      expect((await api.call('GET', '/api/webhooks', other)).status).toBe(403);
      expect((await create({}, other)).status).toBe(403);
    }
  });

  it.each(['https://user:secret@oa.example/', 'https://[', 'http://'])('refuse %s', async (url) => {
    expect((await create({ url })).status).toBe(400);
  });

  it('are told in the transaction of what they are told of', async () => {
    const before = await harness.owner.selectFrom('webhook_delivery').select('id').execute();
    const { makeEvidence } = await import('../testing/make-evidence.ts');
    const item = await makeEvidence(harness, { unit: b.section });
    const { number } = await api.ask(b.colleague, [item.id]);
    const [delivery] = await harness.owner
      .selectFrom('webhook_delivery')
      .selectAll()
      .where('kind', '=', 'request_to_decide')
      .execute();
    expect(JSON.parse(delivery?.body ?? '{}')).toMatchObject({
      number,
      recipients: expect.arrayContaining([b.head.id]),
    });
    expect(delivery?.body).not.toContain(b.colleague.name);
    expect(before).toHaveLength(1);
  });

  it('are twenty at most', async () => {
    const replies = await Promise.all(Array.from({ length: 22 }, () => create()));
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(19);
    expect(replies.find(({ status }) => status === 409)?.body.code).toBe('too_many_webhooks');
  });
});
