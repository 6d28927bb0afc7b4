import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Harness, startHarness } from '../testing/harness.ts';

let harness: Harness;
let app: FastifyInstance;
let dir: string;
const page = '<!doctype html><title>封存</title><script type="module" src="/assets/app-3f2a.js"></script>';

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'fengcun-console-'));
  await mkdir(join(dir, 'site', 'assets'), { recursive: true });
  await writeFile(join(dir, 'site', 'index.html'), page);
  await writeFile(join(dir, 'site', 'favicon.svg'), '<svg/>');
  await writeFile(join(dir, 'site', '.env'), 'SECRET');
  await writeFile(join(dir, 'site', 'assets', 'app-3f2a.js'), 'export {}');
  await writeFile(join(dir, 'secret.txt'), 'SECRET');
  harness = await startHarness({ consoleDir: join(dir, 'site') });
  app = harness.app;
});
afterAll(async () => {
  await harness.close();
  await rm(dir, { recursive: true });
});

const navigate = (url: string) => app.inject({ url, headers: { accept: 'text/html', 'sec-fetch-mode': 'navigate' } });

describe('the console', () => {
  it.each(['/', '/evidence', '/evidence/0190-x?tab=proof', '/ingest/docks'])('opens at %s', async (url) => {
    const reply = await navigate(url);
    expect([reply.statusCode, reply.body, reply.headers['cache-control']]).toEqual([200, page, 'no-cache']);
    expect(reply.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(reply.headers['content-security-policy']).toContain("frame-ancestors 'none'");
  });

  it('keeps what is named by its content for ever, and nothing else', async () => {
    const asset = await app.inject({ url: '/assets/app-3f2a.js' });
    expect(asset.headers).toMatchObject({ 'cache-control': 'public, max-age=31536000, immutable' });
    expect(asset.headers['content-type']).toContain('javascript');
    expect((await app.inject({ url: '/favicon.svg' })).headers['cache-control']).toBe('no-cache');
  });

  it.each([
    '/api/nothing',
    '/api/evidence.json',
    '/files/x',
    '/ledger/none',
    '/health/none',
    '/assets/gone.js',
    '/gone.png',
  ])('is not the answer at %s', async (url) => {
    const reply = await navigate(url);
    expect(reply.statusCode).toBe(404);
    expect(reply.headers['content-type']).toContain('application/problem+json');
  });

  it('is not the answer to a program', async () => {
    const reply = await app.inject({ url: '/evidence', headers: { accept: 'application/json' } });
    expect(reply.statusCode).toBe(404);
  });

  it.each([
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/.env',
    '/assets/%00.js',
  ])('gives away nothing at %s', async (url) => {
    const reply = await navigate(url);
    expect(reply.body).not.toContain('SECRET');
    expect(reply.statusCode).toBeGreaterThanOrEqual(400);
  });
});
