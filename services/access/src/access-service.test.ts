import { api, type RouteContract } from '@fengcun/contracts';
import { createHttpServer, createLogger, createMetrics } from '@fengcun/runtime';
import type { RouteOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessService, defaultAccessLimits } from './index.ts';
import { type Harness, startHarness } from './testing/harness.ts';

let harness: Harness;
const routes: RouteOptions[] = [];

beforeAll(async () => {
  harness = await startHarness();
  const app = createHttpServer({
    logger: createLogger({ name: 'test', level: 'silent' }),
    metrics: createMetrics('test'),
    health: [],
  });
  app.addHook('onRoute', (route) => void routes.push(route));
  await app.register(accessService, {
    config: {
      ...defaultAccessLimits,
      siteSecret: new Uint8Array(32),
      site: { id: 's', name: 's', version: '0', timeZone: 'UTC', maxUploadSize: 1, logOrigin: 'l' },
      logKeys: [],
    },
    catalog: harness.database.as('fengcun_access'),
    vault: harness.vault,
  });
  await app.ready();
  await app.close();
});
afterAll(() => harness.close());

describe('every route of the service', () => {
  it('has the rule, and the address, of its contract', () => {
    const contracts = new Map((Object.values(api) as RouteContract[]).map((c) => [`${c.method} ${c.path}`, c]));
    const own = routes.filter(({ method }) => method !== 'HEAD');
    expect(own.length).toBeGreaterThan(20);
    for (const route of own) {
      if (route.url === '/api/openapi.json') continue;
      const contract = contracts.get(`${String(route.method)} ${route.url}`);
      expect(contract, `${String(route.method)} ${route.url}`).toBeDefined();
      expect(route.config?.rule).toEqual(contract?.rule);
    }
  });

  it('is in the OpenAPI document it serves', async () => {
    const reply = await harness.app.inject({ url: '/api/openapi.json' });
    const { openapi, paths } = reply.json();
    expect(openapi).toBe('3.1.0');
    for (const route of routes) {
      if (route.url === '/api/openapi.json' || route.method === 'HEAD') continue;
      expect(paths[route.url.replace(/:(\w+)/g, '{$1}')]?.[String(route.method).toLowerCase()]).toBeDefined();
    }
  });

  it('that is not public refuses a stranger', async () => {
    const closed = routes.filter(({ config }) => config?.rule?.who !== 'public');
    for (const route of closed) {
      const url = route.url.replace(':kind', 'proxy').replace(':picture', 'poster').replace(':segment', '0');
      const reply = await harness.app.inject({
        method: route.method as 'GET',
        url: url.replace(':id', '00000000-0000-7000-8000-000000000000'),
      });
      expect(reply.statusCode, url).toBe(401);
    }
  });
});

describe('the site', () => {
  it('says its name, limits and how well its vault protects, to anybody', async () => {
    const reply = await harness.app.inject({ url: '/api/site' });
    expect(reply.json()).toEqual({
      id: 'test-site',
      name: '测试局',
      version: '0.0.0',
      timeZone: 'Asia/Shanghai',
      uploads: '/files',
      maxUploadSize: 1e12,
      protection: 'advisory',
      logOrigin: 'log.test.example',
      signIn: { setUp: true, oidc: null },
    });
  });

  it('sends the headers that keep pages of others out', async () => {
    const { headers } = await harness.app.inject({ url: '/api/site' });
    expect(headers['content-security-policy']).toContain("script-src 'self';");
    expect(headers['content-security-policy']).not.toContain('unsafe-eval');
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
    expect(headers).not.toHaveProperty('access-control-allow-origin');
  });
});
