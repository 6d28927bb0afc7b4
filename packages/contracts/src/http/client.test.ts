import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClient, urlOf } from './client.ts';
import { openApiDocument } from './openapi.ts';

describe('client', () => {
  const requests: { method: string | undefined; url: string | undefined; headers: object; body: string }[] = [];
  const replies: { status: number; type: string; body: string }[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    requests.push({ method: request.method, url: request.url, headers: request.headers, body });
    const reply = replies.shift();
    response.writeHead(reply?.status ?? 500, { 'content-type': reply?.type ?? 'text/plain' }).end(reply?.body);
  });
  let baseUrl: string;
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  test.each([200, 409])('calls a reply of status %i that breaks off unreachable, not an answer', async (status) => {
    const breaking = createServer((_, response) => {
      response.writeHead(status, { 'content-type': 'application/json', 'content-length': '100' });
      response.write('{"items":[', () => response.destroy());
    });
    await new Promise<void>((resolve) => breaking.listen(0, '127.0.0.1', resolve));
    const { port } = breaking.address() as AddressInfo;
    const client = createClient({ baseUrl: `http://127.0.0.1:${port}` });
    const call = client.call('listEvidence');
    await expect(call).rejects.toMatchObject({ name: 'ApiError', problem: { status: 0, code: 'unreachable' } });
    breaking.close();
  });

  test('says so when a reply that should be JSON is not', async () => {
    replies.push({ status: 200, type: 'text/html', body: '<html>' });
    const call = createClient({ baseUrl }).call('listEvidence');
    await expect(call).rejects.toMatchObject({ name: 'ApiError', problem: { code: 'unexpected_reply' } });
  });

  test('fills path, query and body, and adds fresh headers to every call', async () => {
    replies.push({ status: 200, type: 'application/json', body: '{"items":[],"next":null}' });
    const client = createClient({ baseUrl, headers: async () => ({ authorization: 'Bearer t' }) });
    const page = await client.call('listEvidence', {
      query: { limit: 20, q: '现场 执法', cursor: undefined as never },
    });
    expect(page).toEqual({ items: [], next: null });
    expect(requests.at(-1)).toMatchObject({ method: 'GET', headers: { authorization: 'Bearer t' } });
    expect(new URL(requests.at(-1)?.url ?? '', baseUrl).searchParams.get('q')).toBe('现场 执法');
  });

  test('answers the response itself where a route is not JSON', async () => {
    replies.push({ status: 200, type: 'application/vnd.apple.mpegurl', body: '#EXTM3U' });
    const params = { id: '0190c7a2-0000-7000-8000-000000000000' };
    const reply: Response = await createClient({ baseUrl }).call('getPlaylist', { params });
    expect(await reply.text()).toBe('#EXTM3U');
    expect(requests.at(-1)).toMatchObject({ headers: { accept: 'application/vnd.apple.mpegurl' } });
    replies.push({ status: 204, type: 'text/plain', body: '' });
    const nothing: undefined = await createClient({ baseUrl }).call('endPlay', { params, body: { watched: [] } });
    expect(nothing).toBeUndefined();
  });

  test('rejects with the problem the server sent', async () => {
    const problem = {
      type: 'urn:fengcun:problem:locked_out',
      title: 'Locked',
      status: 423,
      code: 'locked_out',
      detail: 'Wait.',
    };
    replies.push({ status: 423, type: 'application/problem+json', body: JSON.stringify(problem) });
    const call = createClient({ baseUrl }).call('signIn', { body: { login: 'a', password: 'b' } });
    await expect(call).rejects.toMatchObject({ name: 'ApiError', problem });
  });

  test('makes a problem of a reply that is not one', async () => {
    replies.push({ status: 502, type: 'text/html', body: '<h1>Bad gateway</h1>' });
    await expect(createClient({ baseUrl }).call('whoAmI')).rejects.toMatchObject({
      problem: { status: 502, code: 'unexpected_reply' },
    });
  });

  test('says that nobody answered', async () => {
    await expect(createClient({ baseUrl: 'http://127.0.0.1:1' }).call('whoAmI')).rejects.toMatchObject({
      problem: { status: 0, code: 'unreachable' },
    });
  });

  test('escapes what stands in a path', () => {
    expect(urlOf('/api/evidence/:id', { id: '../x?y' })).toBe('/api/evidence/..%2Fx%3Fy');
    expect(() => urlOf('/api/evidence/:id')).toThrow(/Missing parameter id/);
  });
});

test('the OpenAPI document lists every route once, with who may call it', () => {
  const document = openApiDocument({ version: '1' }) as {
    paths: Record<string, Record<string, Record<string, unknown>>>;
  };
  const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
  expect(new Set(operations.map((o) => o['operationId'])).size).toBe(operations.length);
  expect(operations.every((o) => o['x-fengcun-rule'] !== undefined && o['summary'])).toBe(true);
  expect(document.paths['/api/evidence/{id}']?.['get']?.['parameters']).toMatchObject([
    { name: 'id', in: 'path', required: true },
  ]);
});
