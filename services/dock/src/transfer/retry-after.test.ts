import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Enrolment } from '../home/home.ts';
import { createServer as createApi } from '../offload/server.ts';
import type { TokenSource } from '../token/token-source.ts';
import { type TransientError, withRetries } from './retry.ts';
import { createTusClient } from './tus-client.ts';

const tokens: TokenSource = { token: async () => 'token', observe: () => undefined, clockOffsetMs: 0 };
const busy = JSON.stringify({
  code: 'too_many_requests',
  title: 'Busy',
  detail: 'Try again after Retry-After.',
  status: 429,
});

let server: Server;
let url: string;
/** what is still refused with 429, and the Retry-After it is refused with */
let refusals: string[] = [];
/** the method of each request that came */
let requests: string[] = [];
beforeAll(async () => {
  server = createServer((request, response) => {
    requests.push(request.method ?? '');
    const retryAfter = refusals.shift();
    if (retryAfter !== undefined) {
      response.writeHead(429, { 'retry-after': retryAfter, 'content-type': 'application/problem+json' });
      return response.end(request.method === 'HEAD' ? undefined : busy);
    }
    const headers = { 'upload-offset': '5', location: '/files/a', 'content-type': 'application/json' };
    return response.writeHead(request.method === 'POST' ? 201 : 200, headers).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());
beforeEach(() => {
  refusals = [];
  requests = [];
});

/** How long each further attempt was put off, in ms, until one got through. */
async function waitsOf(attempt: () => Promise<unknown>): Promise<number[]> {
  const waits: number[] = [];
  const { signal } = new AbortController();
  const onRetry = (_: TransientError, waitMs: number) => void waits.push(waitMs);
  await withRetries({ patienceMs: 60_000, signal, onRetry }, attempt);
  return waits;
}

describe('an agent that is told to wait', () => {
  test('waits as long as Retry-After says before it creates, asks or announces again', async () => {
    const { signal } = new AbortController();
    const client = createTusClient({ endpoint: `${url}/files`, tokens, signal, sockets: 1 });
    const api = createApi({ url } as Enrolment, tokens, signal);
    refusals = ['1', '0'];
    expect(await waitsOf(() => client.create(5, {}))).toEqual([1000, 0]);
    refusals = ['0'];
    expect(await waitsOf(() => client.offset(`${url}/files/a`))).toEqual([0]);
    refusals = ['0'];
    expect(await waitsOf(() => api.offload('0192f000-0000-7000-8000-000000000000'))).toEqual([0]);
    expect(requests).toEqual(['POST', 'POST', 'POST', 'HEAD', 'HEAD', 'GET', 'GET']);
    client.close();
  });

  test('takes the wait from every call of the API', async () => {
    refusals = ['7'];
    const api = createApi({ url } as Enrolment, tokens, new AbortController().signal);
    await expect(api.receipt('0192f000-0000-7000-8000-000000000000')).rejects.toMatchObject({
      name: 'TransientError',
      retryAfterMs: 7000,
    });
  });
});
