import { createServer, request as forward, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The calls of S3 that faults are named by. */
export type S3Operation =
  | 'CreateMultipartUpload'
  | 'UploadPart'
  | 'CompleteMultipartUpload'
  | 'AbortMultipartUpload'
  | 'ListParts'
  | 'PutObject'
  | 'GetObject'
  | 'HeadObject'
  | 'DeleteObject'
  | 'DeleteObjects'
  | 'Retention'
  | 'LegalHold'
  | 'Versioning'
  | 'Other';

/** One request as it came in, its body complete. */
export interface ProxiedRequest {
  readonly operation: S3Operation;
  readonly method: string;
  /** path without query: `/bucket/key` */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export interface ProxiedReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/**
 * What the way to an engine, or an engine, can do wrong. Each armed fault happens so often and is then over. Requests pass unchanged, their
 * `Host` included, so that signatures stay valid.
 */
export interface S3Proxy {
  /** `http://127.0.0.1:PORT`; give it to the driver instead of the engine's */
  readonly endpoint: string;
  /** operations in the order they arrived */
  readonly operations: readonly S3Operation[];
  /** The next `times` calls are answered so without reaching the engine. Default: 503 SlowDown, once. */
  refuse(
    operation: S3Operation,
    options?: { readonly times?: number; readonly status?: number; readonly code?: string },
  ): void;
  /** The next `times` calls take effect, but the connection breaks before their answer. */
  loseAnswer(operation: S3Operation, times?: number): void;
  /** The next call is read and never answered. */
  stayDumb(operation: S3Operation): void;
  /** The next call's body arrives with one byte changed. */
  damageBody(operation: S3Operation): void;
  /** The next `times` answers to GetObject break off after so many bytes of body. */
  cutReads(afterBytes: number, times?: number): void;
  /** Every GetObject that passes this position (bytes from the object's start) sees that byte changed; only of keys that end so. Null: none. */
  flipByteOnRead(position: number | null, keySuffix?: string): void;
  /** Replies in the engine's place where `answer` gives something; `afterwards` may change what the engine replied. */
  pretend(rules: {
    readonly answer?: (request: ProxiedRequest) => ProxiedReply | null;
    readonly afterwards?: (request: ProxiedRequest, reply: ProxiedReply) => ProxiedReply;
  }): void;
  /** While on, nothing is answered: connections are refused as if the engine were down. */
  setDown(down: boolean): Promise<void>;
  close(): Promise<void>;
}

type Fault = 'lose' | 'dumb' | 'damage' | { readonly status: number; readonly code: string };

/** Starts a proxy on 127.0.0.1 in front of the engine at `target` (`http://host:port`). */
export async function startS3Proxy(target: string): Promise<S3Proxy> {
  const { hostname, port } = new URL(target);
  const operations: S3Operation[] = [];
  const faults = new Map<S3Operation, Fault[]>();
  const cuts: number[] = [];
  let flip: { readonly position: number; readonly suffix: string } | null = null;
  let rules: Parameters<S3Proxy['pretend']>[0] = {};

  const arm = (operation: S3Operation, fault: Fault, times = 1) =>
    void faults.set(operation, [...(faults.get(operation) ?? []), ...Array.from({ length: times }, () => fault)]);

  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const body = await bodyOf(incoming);
    const { pathname, searchParams } = new URL(incoming.url ?? '/', target);
    const method = incoming.method ?? 'GET';
    const operation = operationOf(method, pathname, searchParams);
    const request = { operation, method, path: pathname, query: searchParams, headers: incoming.headers, body };
    operations.push(operation);
    const fault = faults.get(operation)?.shift();
    if (fault === 'dumb') return;
    if (typeof fault === 'object') {
      reply(outgoing, { status: fault.status, body: `<Error><Code>${fault.code}</Code></Error>` });
      return;
    }
    const pretended = rules.answer?.(request) ?? null;
    if (pretended !== null) {
      reply(outgoing, pretended);
      return;
    }
    const sent = fault === 'damage' ? changedAt(body, 0) : body;
    const onward = forward({ hostname, port, method, path: incoming.url, headers: incoming.headers }, (answer) => {
      void passOn(answer, outgoing, request, fault === 'lose').catch(() => outgoing.destroy());
    });
    onward.on('error', () => outgoing.destroy());
    onward.end(sent);
  };

  const passOn = async (answer: IncomingMessage, outgoing: ServerResponse, request: ProxiedRequest, lost: boolean) => {
    if (request.operation !== 'GetObject' || lost || rules.afterwards !== undefined) {
      const whole = { status: answer.statusCode ?? 502, headers: plain(answer.headers), body: await bodyOf(answer) };
      if (lost) outgoing.destroy();
      else reply(outgoing, rules.afterwards?.(request, whole) ?? whole, request.method === 'HEAD');
      return;
    }
    // Streamed: these may be large.
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    const start = Number(/^bytes (\d+)-/.exec(answer.headers['content-range'] ?? '')?.[1] ?? 0);
    const ok = answer.statusCode === 200 || answer.statusCode === 206;
    const cut = ok ? (cuts.shift() ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
    let passed = 0;
    for await (const piece of answer) {
      const chunk: Buffer = piece;
      const flipAt = flip !== null && request.path.endsWith(flip.suffix) ? flip.position - start - passed : -1;
      const bytes = ok && flipAt >= 0 && flipAt < chunk.length ? changedAt(chunk, flipAt) : chunk;
      if (passed + bytes.length >= cut) {
        await new Promise<void>((done) => outgoing.write(bytes.subarray(0, cut - passed), () => done()));
        answer.destroy();
        outgoing.destroy();
        return;
      }
      passed += bytes.length;
      if (!outgoing.write(bytes)) await drained(outgoing);
      if (outgoing.destroyed) return;
    }
    outgoing.end();
  };

  const server = createServer((incoming, outgoing) => void handle(incoming, outgoing).catch(() => outgoing.destroy()));
  await listen(server, 0);
  const own = (server.address() as AddressInfo).port;

  return {
    endpoint: `http://127.0.0.1:${own}`,
    operations,
    refuse: (operation, { times = 1, status = 503, code = 'SlowDown' } = {}) => arm(operation, { status, code }, times),
    loseAnswer: (operation, times) => arm(operation, 'lose', times),
    stayDumb: (operation) => arm(operation, 'dumb'),
    damageBody: (operation) => arm(operation, 'damage'),
    cutReads: (afterBytes, times = 1) => void cuts.push(...Array.from({ length: times }, () => afterBytes)),
    flipByteOnRead: (position, keySuffix = '') => {
      flip = position === null ? null : { position, suffix: keySuffix };
    },
    pretend: (added) => {
      rules = added;
    },
    async setDown(down) {
      if (down) await close(server);
      else await listen(server, own);
    },
    close: () => close(server),
  };
}

function operationOf(method: string, path: string, query: URLSearchParams): S3Operation {
  const onObject = path.split('/').filter((segment) => segment !== '').length > 1;
  if (query.has('retention')) return 'Retention';
  if (query.has('legal-hold')) return 'LegalHold';
  if (query.has('versioning')) return 'Versioning';
  if (method === 'POST' && query.has('delete')) return 'DeleteObjects';
  if (!onObject) return 'Other';
  if (query.has('uploads')) return 'CreateMultipartUpload';
  if (query.has('uploadId')) {
    const calls = {
      POST: 'CompleteMultipartUpload',
      PUT: 'UploadPart',
      DELETE: 'AbortMultipartUpload',
      GET: 'ListParts',
    } as const;
    return calls[method as keyof typeof calls] ?? 'Other';
  }
  const calls = { PUT: 'PutObject', GET: 'GetObject', HEAD: 'HeadObject', DELETE: 'DeleteObject' } as const;
  return calls[method as keyof typeof calls] ?? 'Other';
}

function reply(outgoing: ServerResponse, { status, headers = {}, body = '' }: ProxiedReply, bodiless = false): void {
  const { 'transfer-encoding': _, ...kept } = headers;
  outgoing.writeHead(status, bodiless ? kept : { ...kept, 'content-length': String(Buffer.byteLength(body)) });
  outgoing.end(bodiless ? undefined : body);
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Resolves when more may be written, or nobody listens any more. */
const drained = (outgoing: ServerResponse) =>
  new Promise<void>((resolve) => {
    const done = () => {
      outgoing.off('drain', done).off('close', done);
      resolve();
    };
    outgoing.on('drain', done).on('close', done);
  });

function plain(headers: IncomingMessage['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}

function changedAt(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ 1;
  return changed;
}

const listen = (server: Server, port: number) =>
  new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });

const close = (server: Server) =>
  new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
