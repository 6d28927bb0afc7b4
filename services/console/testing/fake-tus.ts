import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** One upload as the fake site has it. */
export interface FakeUpload {
  readonly id: string;
  readonly length: number;
  readonly metadata: Record<string, string>;
  chunks: Buffer[];
  offset: number;
}

/** Just enough of tus 1.0 (core, creation, termination) in memory to try a client against. */
export class FakeTus {
  readonly uploads = new Map<string, FakeUpload>();
  /** offsets that PATCH requests began at, in order */
  readonly patches: number[] = [];
  /** cut the connection once an upload has this many bytes; null = never */
  cutAt: number | null = null;
  readonly #onComplete: (upload: FakeUpload) => void;

  constructor(onComplete: (upload: FakeUpload) => void) {
    this.#onComplete = onComplete;
  }

  async handle(request: IncomingMessage, response: ServerResponse, id: string): Promise<void> {
    response.setHeader('Tus-Resumable', '1.0.0');
    if (request.method === 'POST') return this.#create(request, response);
    const upload = this.uploads.get(id);
    if (!upload) return void response.writeHead(404).end();
    response.setHeader('Upload-Offset', upload.offset).setHeader('Upload-Length', upload.length);
    if (request.method === 'HEAD') return void response.writeHead(200, { 'cache-control': 'no-store' }).end();
    if (request.method === 'DELETE') {
      this.uploads.delete(id);
      return void response.writeHead(204).end();
    }
    await this.#append(request, response, upload);
  }

  #create(request: IncomingMessage, response: ServerResponse): void {
    const upload: FakeUpload = {
      id: randomUUID(),
      length: Number(request.headers['upload-length']),
      metadata: metadataOf(String(request.headers['upload-metadata'] ?? '')),
      chunks: [],
      offset: 0,
    };
    this.uploads.set(upload.id, upload);
    if (upload.length === 0) this.#onComplete(upload);
    response.writeHead(201, { Location: `/files/${upload.id}` }).end();
  }

  async #append(request: IncomingMessage, response: ServerResponse, upload: FakeUpload): Promise<void> {
    if (Number(request.headers['upload-offset']) !== upload.offset) return void response.writeHead(409).end();
    this.patches.push(upload.offset);
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) {
        upload.chunks.push(chunk);
        upload.offset += chunk.length;
        if (this.cutAt !== null && upload.offset >= this.cutAt) return void request.socket.destroy();
      }
    } catch {
      return; // The client went away; what arrived is kept.
    }
    response.setHeader('Upload-Offset', upload.offset);
    response.writeHead(204).end();
    if (upload.offset === upload.length) this.#onComplete(upload);
  }
}

function metadataOf(header: string): Record<string, string> {
  const pairs = header
    .split(',')
    .filter(Boolean)
    .map((pair) => pair.trim().split(' '));
  return Object.fromEntries(
    pairs.map(([key = '', value = '']) => [key, Buffer.from(value, 'base64').toString('utf8')]),
  );
}
