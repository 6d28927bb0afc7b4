import { once } from 'node:events';
import { get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { notify } from '@fengcun/catalog';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeBureau, requestsOf, type TestBureau } from '../testing/bureau.ts';
import { type Harness, startHarness } from '../testing/harness.ts';

let harness: Harness;
let b: TestBureau;
let api: ReturnType<typeof requestsOf>;

beforeAll(async () => {
  harness = await startHarness();
  b = await makeBureau(harness);
  api = requestsOf(harness);
});
afterAll(() => harness.close());

const tell = (to: Parameters<typeof notify>[1], number = 1) =>
  harness.database
    .as('fengcun_access')
    .transaction()
    .execute((trx) =>
      notify(
        trx,
        to,
        { kind: 'request_to_decide', subject: { kind: 'request', id: b.bureau.id }, data: { number } },
        harness.clock,
      ),
    );
const list = async (as = b.officer, query = '') => (await api.call('GET', `/api/notifications${query}`, as)).body;

describe('notifications', () => {
  it('reach everybody who holds the role over the unit, once each, and nobody else', async () => {
    await harness.owner
      .insertInto('account_role')
      .values({ account_id: b.head.id, unit_id: b.bureau.id, role: 'legal' })
      .execute();
    const told = await tell({ roles: ['bureau_head', 'legal'], unit: b.section.id, except: b.legal.id });
    expect(told).toBe(2);
    expect((await list(b.head)).items).toHaveLength(1);
    expect((await list(b.bureauHead)).items).toHaveLength(1);
    for (const other of [b.legal, b.stranger, b.officer]) expect((await list(other)).items).toEqual([]);
  });

  it('page newest first, count what is unread, and are marked as read by their own reader', async () => {
    for (let n = 1; n <= 5; n++) {
      harness.clock.advance(1000);
      await tell({ account: b.officer.id }, n);
    }
    const first = await list(b.officer, '?limit=3');
    expect(first.items.map((each: { data: { number: number } }) => each.data.number)).toEqual([5, 4, 3]);
    const rest = await list(b.officer, `?limit=3&cursor=${first.next}`);
    expect(rest).toMatchObject({ items: [{ data: { number: 2 } }, { data: { number: 1 } }], next: null, unread: 5 });
    const ids = [first.items[0].id];
    const read = (as: typeof b.officer, body: object) => api.call('POST', '/api/notifications/read', as, body);
    expect((await read(b.colleague, { ids })).body).toEqual({ unread: 0 });
    expect((await list()).unread).toBe(5);
    expect((await read(b.officer, { ids })).body).toEqual({ unread: 4 });
    expect((await list(b.officer, '?unread=true')).items).toHaveLength(4);
    expect((await list(b.officer, '?unread=false')).items).toMatchObject([{ id: ids[0], readAt: expect.any(String) }]);
    expect((await read(b.officer, {})).body).toEqual({ unread: 0 });
  });

  it.each(['?cursor=x', '?limit=0', '?unread=perhaps'])('refuse %s', async (query) => {
    expect((await api.call('GET', `/api/notifications${query}`, b.officer)).status).toBe(400);
  });

  it('come over the live stream of the person they are for, and of nobody else', async () => {
    await harness.app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = harness.app.server.address() as AddressInfo;
    const open = async (as: typeof b.officer) => {
      const request = get({ port, host: '127.0.0.1', path: '/api/stream', headers: as.headers });
      const [response] = (await once(request, 'response')) as [import('node:http').IncomingMessage];
      let text = '';
      const arrived = Promise.withResolvers<void>();
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.includes('event: notification')) arrived.resolve();
      });
      return { arrived: arrived.promise, text: () => text, close: () => request.destroy() };
    };
    const [mine, other] = [await open(b.officer), await open(b.colleague)];
    await tell({ account: b.officer.id });
    await mine.arrived;
    // Whatever was for the other page has arrived with or before this.
    await tell({ account: b.colleague.id });
    await other.arrived;
    expect(mine.text().match(/event: notification/g)).toHaveLength(1);
    expect(other.text().match(/event: notification/g)).toHaveLength(1);
    expect(other.text()).not.toContain(b.officer.id);
    mine.close();
    other.close();
  });
});
