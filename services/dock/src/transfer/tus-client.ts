import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { readRetryAfter } from '@fengcun/contracts';
import { DockError, type Text } from '../errors.ts';
import { problemText } from '../problem-text.ts';
import type { TokenSource } from '../token/token-source.ts';
import { TransientError } from './retry.ts';
import { sendFile } from './send-file.ts';

/**
 * The few requests of tus 1.0 that an agent needs, straight on node:http: one long PATCH per attempt.
 * Faults that may pass reject with `TransientError`, refusals with `DockError` `refused`, a file that cannot be read with `not_sealed`.
 */
export interface TusClient {
  /** Creates the upload, or finds the one an earlier, unanswered request created. Answers its URL. */
  create(size: number, metadata: Readonly<Record<string, string>>): Promise<string>;
  /** bytes the server has made durable */
  offset(upload: string): Promise<number>;
  /** Sends [offset, size). `onSent` is told bytes handed to the network. Answers the new durable offset. */
  send(
    upload: string,
    file: { path: string; size: number },
    offset: number,
    onSent: (bytes: number) => void,
  ): Promise<number>;
  close(): void;
}

const idleMs = 60_000;

export function createTusClient(options: {
  endpoint: string;
  tokens: TokenSource;
  signal: AbortSignal;
  sockets: number;
}): TusClient {
  const endpoint = new URL(options.endpoint);
  const transport = endpoint.protocol === 'https:' ? https : http;
  const agent = new transport.Agent({ keepAlive: true, maxSockets: options.sockets });

  const request = async (
    method: string,
    url: URL,
    headers: Record<string, string>,
    feed?: (outgoing: http.ClientRequest) => void,
  ): Promise<IncomingHttpHeaders> => {
    const authorization = `Bearer ${await options.tokens.token()}`;
    const reply = await new Promise<{ message: IncomingMessage; body: string }>((resolve, reject) => {
      const outgoing = transport.request(url, {
        method,
        agent,
        timeout: idleMs,
        signal: options.signal,
        headers: { 'tus-resumable': '1.0.0', authorization, ...headers },
      });
      outgoing.on('timeout', () => outgoing.destroy(new Error(`no progress for ${idleMs / 1000} s`)));
      outgoing.on('error', (cause) => {
        if (options.signal.aborted) reject(options.signal.reason);
        // The body's own fault, not the network's: the file cannot be read.
        else reject(cause instanceof DockError ? cause : connectionLost(cause));
      });
      outgoing.on('response', (message) => {
        readText(message).then(
          (body) => resolve({ message, body }),
          (cause: Error) => reject(connectionLost(cause)),
        );
      });
      if (feed) feed(outgoing);
      else outgoing.end();
    });
    options.tokens.observe(reply.message.headers.date);
    const status = reply.message.statusCode ?? 0;
    if (status < 200 || status > 299) {
      // A conflict over an offset or a writer passes; one over what was announced does not.
      if (status === 409 && method === 'POST') throw new DockError('refused', saidIn(reply.body, status));
      throw failure(status, reply.message.headers, reply.body);
    }
    return reply.message.headers;
  };

  return {
    async create(size, metadata) {
      const { location } = await request('POST', endpoint, {
        'upload-length': String(size),
        'upload-metadata': encodeMetadata(metadata),
        'content-length': '0',
      });
      if (!location)
        throw new TransientError({
          zh: '服务器没有给出上传地址。',
          en: 'The server created an upload without saying where.',
        });
      return new URL(location, endpoint).href;
    },
    async offset(upload) {
      const { 'upload-offset': text } = await request('HEAD', new URL(upload), {});
      return parseOffset(text);
    },
    async send(upload, file, offset, onSent) {
      const headers = {
        'content-type': 'application/offset+octet-stream',
        'upload-offset': String(offset),
        'content-length': String(file.size - offset),
      };
      const { 'upload-offset': text } = await request('PATCH', new URL(upload), headers, (outgoing) => {
        sendFile(outgoing, file.path, { start: offset, end: file.size }, onSent).catch((cause: Error) =>
          outgoing.destroy(cause),
        );
      });
      return parseOffset(text);
    },
    close: () => agent.destroy(),
  };
}

/** `key base64(value)` pairs (tus 1.0, Upload-Metadata). */
function encodeMetadata(metadata: Readonly<Record<string, string>>): string {
  return Object.entries(metadata)
    .map(([key, value]) => `${key} ${Buffer.from(value, 'utf8').toString('base64')}`)
    .join(',');
}

function parseOffset(text: string | string[] | undefined): number {
  const offset = typeof text === 'string' && /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(offset))
    throw new TransientError({
      zh: '服务器没有说明已收到多少。',
      en: 'The server answered without a usable Upload-Offset.',
    });
  return offset;
}

async function readText(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

export const unreachable: Text = { zh: '连接不上服务器。', en: 'The server cannot be reached.' };

function connectionLost(cause: Error): TransientError {
  const { code } = cause as NodeJS.ErrnoException;
  const nobodyThere =
    code === 'ECONNREFUSED' ||
    code === 'ENOTFOUND' ||
    code === 'EHOSTUNREACH' ||
    code === 'ENETUNREACH' ||
    code === 'EAI_AGAIN';
  return new TransientError(
    nobodyThere
      ? unreachable
      : {
          zh: `连接中断（${code ?? cause.message}）。`,
          en: `The connection broke (${code ?? cause.message}).`,
        },
    { cause, unreachable: nobodyThere },
  );
}

const transientStatuses = new Set([401, 408, 409, 423, 425, 429, 460, 500, 502, 503, 504, 507]);

export function failure(status: number, headers: IncomingHttpHeaders, body: string): TransientError | DockError {
  const text = saidIn(body, status);
  if (!transientStatuses.has(status)) return new DockError('refused', text);
  const seconds = readRetryAfter(headers['retry-after']);
  const retryAfterMs = seconds === null ? undefined : seconds * 1000;
  return new TransientError(text, { retryAfterMs, tokenRefused: status === 401 });
}

/** What a reply that is no success tells: its problem document, or that there was none. */
function saidIn(body: string, status: number): Text {
  return problemIn(body) ?? { zh: `服务器答复 ${status}，没有说明原因。`, en: `The server answered ${status}.` };
}

function problemIn(body: string): Text | undefined {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== 'object' || value === null || !('detail' in value) || typeof value.detail !== 'string')
      return undefined;
    const code = 'code' in value && typeof value.code === 'string' ? value.code : undefined;
    return problemText({ code, detail: value.detail });
  } catch {
    return undefined;
  }
}
