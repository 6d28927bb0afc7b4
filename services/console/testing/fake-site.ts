import { createHash, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Api, api, type Change, type Problem } from '@fengcun/contracts';
import { type Answers, FakeProblem, sessionCookie } from './answer.ts';
import { answersOf } from './answers.ts';
import type { Clip } from './clip.ts';
import { FakeTus, type FakeUpload } from './fake-tus.ts';
import { type Person, people, units } from './people.ts';
import { mediaReply } from './play-media.ts';
import { digestOf, iso, makeWorld, type World } from './world.ts';

export interface FakeSiteOptions {
  /** built console */
  readonly consoleDir: string;
  /** made when something is first played */
  readonly clip: () => Promise<Clip>;
  readonly port?: number;
}

/** A site that exists only for looking at the console and for trying it: typed by the contracts, filled with invented data. */
export interface FakeSite {
  readonly url: string;
  readonly world: World;
  readonly tus: FakeTus;
  /** every request as `METHOD path`, in order of arrival */
  readonly requests: string[];
  /** those of them that said that nobody's hand caused them */
  readonly background: string[];
  /** bodies of what was posted, by `METHOD path` */
  readonly bodies: Map<string, unknown>;
  /** makes a route fail from now on, or work again */
  fail(route: keyof Api, problem: Partial<Problem> | null): void;
  /** makes a route wait for ever, or answer again */
  stall(route: keyof Api, stalled: boolean): void;
  /** tells it to whoever follows the stream of changes, once somebody does */
  emit(change: Change): Promise<void>;
  /** as if the connection of everybody who follows the changes had broken; they may come back */
  breakStreams(): void;
  /** a session of `login` without the form; the value of the session cookie */
  beginSession(login: string): string;
  /** as if every session had run out */
  endSessions(): void;
  close(): Promise<void>;
}

/** What the real server sends with every page of the console. */
const policy =
  "default-src 'self'; script-src 'self'; worker-src 'self' blob:; media-src 'self' blob:; connect-src 'self'; img-src 'self' blob: data:; style-src 'self' 'unsafe-inline'; frame-src 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

export async function startFakeSite(options: FakeSiteOptions): Promise<FakeSite> {
  const world = makeWorld();
  const sessions = new Map<string, Person>();
  const failing = new Map<keyof Api, Partial<Problem>>();
  const stalled = new Set<keyof Api>();
  const streams = new Set<ServerResponse>();
  const requests: string[] = [];
  const background: string[] = [];
  const bodies = new Map<string, unknown>();
  const emit = (change: Change) => {
    for (const stream of streams) stream.write(`event: ${change.kind}\ndata: ${JSON.stringify(change)}\n\n`);
  };
  let made: Promise<Clip> | undefined;
  const clip = () => (made ??= options.clip());
  const tus = new FakeTus((upload) => seal(world, upload, emit));
  const answers = answersOf(world, sessions, emit);

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      if (error instanceof FakeProblem) sendProblem(response, error.problem);
      else sendProblem(response, { status: 500, code: 'internal_fault', title: 'Fault', detail: String(error) });
    });
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://fake');
    const line = `${request.method} ${url.pathname}${url.search}`;
    requests.push(line);
    if (request.headers['fengcun-background'] !== undefined) background.push(line);
    if (url.pathname.startsWith('/files')) return tus.handle(request, response, url.pathname.split('/').at(-1) ?? '');
    if (url.pathname === '/ledger/checkpoint') return sendText(response, checkpointText);
    if (url.pathname === '/ledger/keys')
      return sendText(response, 'fengcun.linjiang.example/log+3a8c1f07+AZ3fJ0l6rU1sXk0Wc5qv6dQ1hJm4b2nT9oYp7eLr8sKc\n');
    if (!url.pathname.startsWith('/api/')) return sendFile(response, options.consoleDir, url.pathname);
    await callRoute(request, response, url);
  }

  async function callRoute(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const found = findRoute(request.method ?? 'GET', url.pathname);
    if (!found)
      return sendProblem(response, { status: 404, code: 'not_found', title: 'Not found', detail: 'No such route.' });
    const { name, params } = found;
    if (stalled.has(name)) return;
    const problem = failing.get(name);
    if (problem) return sendProblem(response, problem);
    const me = sessions.get(sessionOf(request));
    if (api[name].rule.who !== 'public' && !me) {
      return sendProblem(response, {
        status: 401,
        code: 'sign_in_required',
        title: 'Not signed in',
        detail: 'Sign in.',
      });
    }
    if (name === 'streamChanges') return openStream(response);
    if (api[name].media) return mediaReply(response, await clip(), name, params);
    const body = await bodyOf(request);
    if (body !== undefined) bodies.set(`${request.method} ${url.pathname}`, body);
    const answer = answers[name as keyof Answers] as ((call: object) => unknown) | undefined;
    if (!answer) throw new FakeProblem(404, 'no_such_route');
    const reply = await answer({ params, query: url.searchParams, body, me, session: sessionOf(request), response });
    const { status } = api[name];
    if (reply === undefined) return void response.writeHead(status).end();
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(reply));
  }

  function openStream(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(': open\n\n');
    streams.add(response);
    response.on('close', () => streams.delete(response));
  }

  const ticking = setInterval(() => tick(world, emit), 700);
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    world,
    tus,
    requests,
    background,
    bodies,
    fail: (route, problem) => void (problem ? failing.set(route, problem) : failing.delete(route)),
    stall: (route, on) => void (on ? stalled.add(route) : stalled.delete(route)),
    emit: async (change) => {
      while (streams.size === 0) await delay(20);
      emit(change);
    },
    breakStreams: () => {
      for (const stream of streams) stream.destroy();
    },
    beginSession: (login) => {
      const person = people.find((known) => known.login === login);
      if (!person) throw new Error(`The fake site knows nobody called ${login}.`);
      const session = randomUUID();
      sessions.set(session, person);
      return session;
    },
    endSessions: () => sessions.clear(),
    close: async () => {
      clearInterval(ticking);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const checkpointText = `fengcun.linjiang.example/log\n48291\n${createHash('sha256').update('root').digest('base64')}\n\n— fengcun.linjiang.example/log OowfB4m0Hq3xVt8Rk1Yw5n2bT7cLp9sZd6gJf0aQeUiXoMvNrKhCySlDzWtBpEjGqA8uFc3P\n`;

function findRoute(method: string, path: string): { name: keyof Api; params: Record<string, string> } | null {
  for (const name of Object.keys(api) as (keyof Api)[]) {
    const route = api[name];
    const pattern = new RegExp(`^${route.path.replace(/[.]/g, '\\.').replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`);
    const match = route.method === method ? pattern.exec(path) : null;
    if (match) return { name, params: { ...match.groups } };
  }
  return null;
}

const sessionOf = ({ headers }: IncomingMessage): string =>
  new RegExp(`${sessionCookie}=([^;]+)`).exec(headers.cookie ?? '')?.[1] ?? '';

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString('utf8')) : undefined;
}

function sendProblem(response: ServerResponse, problem: Partial<Problem>): void {
  const { status = 500, code = 'internal_fault', title = 'Fault', detail = 'Something failed.' } = problem;
  response.writeHead(status, { 'content-type': 'application/problem+json' });
  response.end(
    JSON.stringify({ type: `urn:fengcun:problem:${code}`, status, code, title, detail, requestId: 'req-4f2a' }),
  );
}

function sendText(response: ServerResponse, text: string): void {
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(text);
}

async function sendFile(response: ServerResponse, dir: string, path: string): Promise<void> {
  const ending = extname(path);
  const file = ending ? join(dir, normalize(path)) : join(dir, 'index.html');
  const content = await readFile(file).catch(() => null);
  if (!content) return void response.writeHead(404).end();
  response.writeHead(200, {
    'content-type': types[extname(file)] ?? 'application/octet-stream',
    'content-security-policy': policy,
    'x-content-type-options': 'nosniff',
  });
  response.end(content);
}

/** Moves the running uploads on, so that there is something live to see. */
function tick(world: World, emit: (change: Change) => void): void {
  for (const upload of world.uploads) {
    if (upload.state !== 'receiving' || upload.size === null) continue;
    upload.offset = Math.min(upload.size - 1, upload.offset + 900_000);
    emit({
      kind: 'upload',
      id: upload.id,
      unit: upload.unit.id,
      offload: upload.offload,
      name: upload.name,
      state: 'receiving',
      offset: upload.offset,
      size: upload.size,
    });
  }
}

/** A received upload becomes evidence, as the worker would make it. */
function seal(world: World, upload: FakeUpload, emit: (change: Change) => void): void {
  const sha256 = createHash('sha256').update(Buffer.concat(upload.chunks)).digest('hex');
  const declared = upload.metadata.sha256 ?? null;
  const at = iso(Date.now());
  world.evidence.unshift({
    id: upload.id,
    name: upload.metadata.filename ?? '',
    title: null,
    place: null,
    tags: [],
    case: null,
    kind: 'other',
    state: declared === null || declared === sha256 ? 'sealed' : 'quarantined',
    size: upload.length,
    unit: units.bureau,
    device: null,
    officer: null,
    keyMark: false,
    capturedAt: upload.metadata.recordedFrom ?? at,
    sealedAt: at,
    durationMs: null,
    proxy: 'nothing_to_play',
  });
  world.details.set(upload.id, {
    uploadedBy: { id: people[0]?.id ?? randomUUID(), name: '陈静' },
    digests: {
      declared: declared === null ? null : { sha256: declared },
      received: { parts: 1, sha256 },
      readBack: {
        bytes: upload.length,
        sha256,
        sm3: digestOf(sha256),
        tree: { leafSize: 4_194_304, root: digestOf('tree') },
      },
    },
  });
  emit({ kind: 'evidence', id: upload.id, unit: units.bureau.id });
}
