import { defineRoute } from '@fengcun/contracts';
import { Type } from 'typebox';
import { describe, expect, test } from 'vitest';
import { createLogger } from '../logging/logger.ts';
import { createMetrics } from '../metrics/metrics.ts';
import { Problem } from './problem.ts';
import { createHttpServer, route } from './server.ts';

const open = { who: 'public' } as const;
const server = (health: Parameters<typeof createHttpServer>[0]['health'] = []) =>
  createHttpServer({ logger: createLogger({ name: 'test', level: 'silent' }), metrics: createMetrics('test'), health });

const order = defineRoute({
  method: 'POST',
  path: '/api/orders/:id',
  summary: 'test',
  tag: 'test',
  rule: open,
  params: Type.Object({ id: Type.String({ format: 'uuid' }) }),
  query: Type.Object({ limit: Type.Optional(Type.Integer({ maximum: 9 })) }, { additionalProperties: false }),
  body: Type.Object({ count: Type.Integer() }, { additionalProperties: false }),
  reply: Type.Object({ count: Type.Integer(), limit: Type.Integer() }),
  status: 201,
});
const id = '0190a000-0000-7000-8000-000000000000';

describe('createHttpServer', () => {
  test('does not start with a route that has no rule', () => {
    expect(() => server().get('/api/secret', () => 'x')).toThrow(/has no rule/);
  });

  test('answers what a contract says, reading numbers out of the query', async () => {
    const app = server();
    route(app, order, async ({ body, query }) => ({ count: body.count, limit: query.limit ?? 0, secret: 'dropped' }));
    const reply = await app.inject({ method: 'POST', url: `/api/orders/${id}?limit=3`, payload: { count: 2 } });
    expect(reply.statusCode).toBe(201);
    expect(reply.json()).toEqual({ count: 2, limit: 3 });
  });

  test.each([
    ['a number sent as text', { count: '2' }, ''],
    ['an unknown field', { count: 2, admin: true }, ''],
    ['an unknown query field', { count: 2 }, '?x=1'],
    ['a number out of range', { count: 2 }, '?limit=10'],
  ])('refuses %s with a problem that names it', async (_, payload, query) => {
    const app = server();
    route(app, order, async () => ({ count: 0, limit: 0 }));
    const reply = await app.inject({ method: 'POST', url: `/api/orders/${id}${query}`, payload });
    expect(reply.statusCode).toBe(400);
    expect(reply.headers['content-type']).toContain('application/problem+json');
    expect(reply.json()).toMatchObject({
      code: 'invalid_input',
      errors: [expect.anything()],
      requestId: expect.any(String),
    });
  });

  test.each([
    ['longer than any id', `/api/orders/${'9'.repeat(400)}`, 414],
    ['not well-formed', '/api/orders/%', 400],
  ])('refuses an address %s with a problem too', async (_, url, status) => {
    const app = server();
    route(app, order, async () => ({ count: 0, limit: 0 }));
    const reply = await app.inject({ method: 'POST', url, payload: { count: 1 } });
    expect(reply.statusCode).toBe(status);
    expect(reply.headers['content-type']).toContain('application/problem+json');
    expect(reply.json().code).toMatch(/^[a-z_]+$/);
  });

  test('passes problems on with their headers, and hides what broke inside', async () => {
    const app = server();
    app.get('/busy', { config: { rule: open } }, () => {
      throw new Problem({ status: 429, code: 'busy', title: 'Busy', detail: 'Wait.', headers: { 'retry-after': '3' } });
    });
    app.get('/broken', { config: { rule: open } }, () => {
      throw new Error('password=hunter2');
    });
    const busy = await app.inject('/busy');
    expect([busy.statusCode, busy.headers['retry-after'], busy.json().type]).toEqual([
      429,
      '3',
      'urn:fengcun:problem:busy',
    ]);
    const broken = await app.inject('/broken');
    expect(broken.statusCode).toBe(500);
    expect(broken.body).not.toContain('hunter2');
  });

  test('is ready only when every check passes in time', async () => {
    const app = server([
      { name: 'database', check: async () => undefined },
      { name: 'vault', check: () => Promise.reject(new Error('gone')) },
    ]);
    const reply = await app.inject('/health/ready');
    expect([reply.statusCode, reply.json()]).toEqual([
      503,
      { ready: false, checks: { database: 'passed', vault: 'failed' } },
    ]);
    expect((await app.inject('/health/live')).statusCode).toBe(200);
  });

  test('answers an unknown address with a problem', async () => {
    const reply = await server().inject('/nowhere');
    expect([reply.statusCode, reply.json().code]).toEqual([404, 'no_such_route']);
  });
});
