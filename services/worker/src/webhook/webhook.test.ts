import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  changeWebhook,
  type Database,
  enqueueWebhooks,
  insertWebhook,
  listWebhookDeliveries,
  newId,
  notify,
} from '@fengcun/catalog';
import { createTestDatabase, type TestDatabase } from '@fengcun/catalog/testing';
import { testPostgresUrl } from '@fengcun/local/testing';
import { createLogger } from '@fengcun/runtime';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { send, signatureOf, targetOf } from './send.ts';
import { deliver, startNotifier } from './start-notifier.ts';

let database: TestDatabase;
let access: Database;
let worker: Database;
const admin = { id: newId(), unit: { id: newId() } };
let receiver: Server;
let url: string;

interface Received {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}
let received: Received[] = [];
/** how the receiver answers; `hang`: not at all */
let answer: number | 'hang' | 'redirect' = 200;

let now = Date.now();
const clock = { now: () => new Date(now) };
const actor = { kind: 'system', id: 'test', name: null } as const;
const logger = createLogger({ name: 'test', level: 'silent' });

beforeAll(async () => {
  database = await createTestDatabase(testPostgresUrl());
  access = database.as('fengcun_access');
  worker = database.as('fengcun_worker');
  const owner = database.as('owner');
  const { id: unit } = admin.unit;
  await owner
    .insertInto('unit')
    .values({ id: unit, parent_id: null, name: '市局', code: unit, path: [unit] })
    .execute();
  await owner
    .insertInto('account')
    .values({
      id: admin.id,
      login: admin.id,
      name: '管理员',
      officer_number: null,
      unit_id: unit,
      password_hash: '',
      locked_until: null,
      disabled_at: null,
      created_at: clock.now(),
    })
    .execute();
  receiver = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      received.push({ headers: request.headers, body });
      if (answer === 'hang') return;
      if (answer === 'redirect') response.writeHead(302, { location: url }).end();
      else response.writeHead(answer).end('a reply nobody reads');
    });
  });
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
});
afterAll(async () => {
  receiver.closeAllConnections();
  receiver.close();
  await database.drop();
});
beforeEach(() => {
  received = [];
  answer = 200;
});

async function hook(more: { kinds?: readonly 'request_approved'[]; url?: string } = {}) {
  const secret = randomBytes(32);
  const { kinds = [] } = more;
  const draft = { name: '办公系统', url: more.url ?? url, kinds, secret, account: admin.id, actor };
  const id = await insertWebhook(access, draft, 100, clock);
  expect(id).toBeDefined();
  return { id: id ?? '', secret };
}
const disable = (id: string) => changeWebhook(access, { id, name: 'x', kinds: [], disabled: true, actor }, clock);
const message = (kind: 'test' | 'request_approved' | 'request_refused' = 'test') => ({
  kind,
  at: clock.now().toISOString(),
  subject: { kind: 'request', id: admin.unit.id },
  number: 7,
  due: null,
  recipients: [admin.id],
});
const round = (more: object = {}) => deliver({ catalog: worker, clock, logger, allowLoopback: true, ...more });
const outcomes = async (id: string) =>
  (await listWebhookDeliveries(access, id, {}, { cursor: undefined, limit: 50 })).items;

describe('a webhook', () => {
  it('is sent what people are told, signed, once, without names or reasons', async () => {
    const { id, secret } = await hook();
    await access.transaction().execute((trx) =>
      notify(
        trx,
        { account: admin.id },
        {
          kind: 'request_refused',
          subject: { kind: 'request', id: admin.unit.id },
          data: { number: 12, name: '王某', reason: '与案件无关' },
        },
        clock,
      ),
    );
    await Promise.all([round(), round()]);
    expect(received).toHaveLength(1);
    const [{ headers, body } = { headers: {}, body: '' }] = received;
    expect(JSON.parse(body)).toEqual({
      id: headers['fengcun-delivery'],
      kind: 'request_refused',
      at: clock.now().toISOString(),
      subject: { kind: 'request', id: admin.unit.id },
      number: 12,
      due: null,
      recipients: [admin.id],
    });
    const t = Math.floor(now / 1000);
    const expected = createHmac('sha256', secret).update(`${t}.${body}`).digest('hex');
    expect(headers['fengcun-signature']).toBe(`t=${t},v1=${expected}`);
    expect(await outcomes(id)).toMatchObject([
      { kind: 'request_refused', state: 'delivered', nextAt: null, attempts: [{ status: 200, error: null }] },
    ]);
    await disable(id);
  });

  it('is told only what it wants, and nothing while it is disabled', async () => {
    const picky = await hook({ kinds: ['request_approved'] });
    const off = await hook();
    await disable(off.id);
    await enqueueWebhooks(access, message('request_refused'));
    await enqueueWebhooks(access, message('request_approved'));
    await round();
    expect(received.map(({ body }) => JSON.parse(body).kind)).toEqual(['request_approved']);
    expect(await outcomes(off.id)).toEqual([]);
    await disable(picky.id);
  });

  it('is tried again, less and less often, with the same id, and is given up after a day', async () => {
    const { id } = await hook();
    answer = 503;
    await enqueueWebhooks(access, message(), id);
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 8; attempt++) {
      await round();
      const [delivery] = await outcomes(id);
      expect(delivery?.attempts).toHaveLength(attempt);
      if (delivery?.nextAt) {
        const next = Date.parse(delivery.nextAt);
        waits.push(next - now);
        now = next - 1;
        await round();
        now = next;
      }
    }
    expect(received).toHaveLength(8);
    expect(new Set(received.map(({ headers }) => headers['fengcun-delivery'])).size).toBe(1);
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    expect(await outcomes(id)).toMatchObject([{ state: 'failed', nextAt: null }]);
    await round();
    expect(received).toHaveLength(8);
    await disable(id);
  });

  it('that comes back gets what it missed', async () => {
    const { id } = await hook();
    answer = 'redirect';
    await enqueueWebhooks(access, message(), id);
    await round();
    answer = 204;
    now += 15_000;
    await round();
    expect(await outcomes(id)).toMatchObject([{ state: 'delivered', attempts: [{ status: 302 }, { status: 204 }] }]);
    expect(received).toHaveLength(2);
    await disable(id);
  });

  it('that does not answer is not waited for', async () => {
    const { id } = await hook();
    answer = 'hang';
    await enqueueWebhooks(access, message(), id);
    await round({ timeoutMs: 50 });
    expect(await outcomes(id)).toMatchObject([
      {
        state: 'pending',
        attempts: [
          {
            status: null,
            error: 'No reply within 50 ms.',
            findings: [{ code: 'delivery_timed_out', facts: { ms: 50 } }],
          },
        ],
      },
    ]);
    await disable(id);
  });

  it('whose sender died is sent again when its claim has run out', async () => {
    const { id } = await hook();
    await enqueueWebhooks(access, message(), id);
    const { claimDeliveries } = await import('@fengcun/catalog');
    const until = new Date(now + 30_000);
    expect(await claimDeliveries(worker, { now: clock.now(), until, limit: 10 })).toHaveLength(1);
    await round();
    expect(received).toHaveLength(0);
    now += 30_000;
    await round();
    expect(await outcomes(id)).toMatchObject([{ state: 'delivered', attempts: [{ status: 200 }] }]);
    await disable(id);
  });

  it('is served by the notifier as long as it runs', async () => {
    const { id } = await hook();
    const arrived = once(receiver, 'request');
    const notifier = startNotifier({ catalog: worker, clock, logger, everyMs: 20, allowLoopback: true });
    await enqueueWebhooks(access, message(), id);
    await arrived;
    await notifier.close();
    expect((await outcomes(id))[0]?.attempts).toHaveLength(1);
    await disable(id);
  });

  it('has a secret that the service which makes it cannot read', async () => {
    await expect(access.selectFrom('webhook').select('secret').execute()).rejects.toThrow('permission denied');
  });
});

describe('where a webhook may go', () => {
  it.each([
    'http://example.com/',
    'http://127.0.0.1/',
    'http://localhost/',
    'http://10.0.0.8/',
    'https://127.0.0.1/',
    'https://127.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::]/',
    'https://0.0.0.0/',
    'https://169.254.169.254/latest/meta-data',
    'https://[fe80::1]/',
    'https://[fd00:ec2::254]/',
    'https://255.255.255.255/',
    'https://224.0.0.1/',
    'https://user:secret@example.com/',
    'ftp://example.com/',
    'file:///etc/passwd',
    'nonsense',
  ])('not to %s', (text) => {
    expect(targetOf(text, false)).toHaveProperty('refused');
  });

  it.each(['https://example.com/hook', 'https://10.0.0.8/hook', 'https://oa.bureau.example:8443/x'])(
    'to %s',
    (text) => {
      expect(targetOf(text, false)).toHaveProperty('url');
    },
  );

  it('to this machine itself only where that is allowed, and by no other name of it', async () => {
    expect(targetOf(url, true)).toHaveProperty('url');
    expect(targetOf('http://example.com/', true)).toHaveProperty('refused');
    const text = { id: 'x', secret: Buffer.alloc(32), body: '{}' };
    const options = { allowLoopback: false, timeoutMs: 1000, now: clock.now() };
    expect(await send({ ...text, url }, options)).toMatchObject({ status: null });
    // A name that resolves to this machine is judged by what it resolves to.
    const named = await send({ ...text, url: `https://localhost:${new URL(url).port}/` }, options);
    expect(named).toMatchObject({ status: null, findings: [{ code: 'delivery_refused_address' }] });
    expect(received).toEqual([]);
  });
});

describe('a signature', () => {
  it('covers time and body', () => {
    const key = Buffer.alloc(32, 1);
    const at = new Date(1_700_000_000_999);
    const [signature, ...others] = [
      signatureOf(key, '{}', at),
      signatureOf(key, '{} ', at),
      signatureOf(key, '{}', new Date(1_700_000_001_000)),
      signatureOf(Buffer.alloc(32, 2), '{}', at),
    ];
    expect(signature).toMatch(/^t=1700000000,v1=[0-9a-f]{64}$/);
    for (const other of others) expect(other).not.toBe(signature);
  });
});
