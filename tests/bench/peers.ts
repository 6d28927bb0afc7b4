import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import http from 'node:http';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** `openssl dgst`, one process for each file and one after the other: one core. */
export async function openssl(digest: 'sm3' | 'sha256', paths: readonly string[]): Promise<void> {
  for (const path of paths) await execute('openssl', ['dgst', `-${digest}`, path]);
}

/** `@tus/server` with `@tus/file-store` in a process of its own. */
export interface TusPeer extends AsyncDisposable {
  /** Uploads a file in one PATCH, read in 1 MiB blocks, as our own agent does. Answers where the server keeps it. */
  upload(path: string): Promise<string>;
}

export async function startTusPeer(directory: string): Promise<TusPeer> {
  const server = fork(fileURLToPath(new URL('tus-peer.ts', import.meta.url)), [directory]);
  const [port] = (await once(server, 'message')) as [number];
  const send = async (url: string, options: http.RequestOptions, path?: string) => {
    const request = http.request(url, { ...options, headers: { 'tus-resumable': '1.0.0', ...options.headers } });
    const answered = once(request, 'response') as Promise<[http.IncomingMessage]>;
    if (path) await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), request);
    else request.end();
    const [reply] = await answered;
    reply.resume();
    if (reply.statusCode !== 201 && reply.statusCode !== 204)
      throw new Error(`the tus peer answered ${reply.statusCode}`);
    return reply;
  };
  return {
    async upload(path) {
      const { size } = await stat(path);
      const created = await send(`http://127.0.0.1:${port}/files`, {
        method: 'POST',
        headers: { 'upload-length': size },
      });
      const location = new URL(created.headers.location ?? '', `http://127.0.0.1:${port}/files`);
      const headers = { 'content-type': 'application/offset+octet-stream', 'upload-offset': 0, 'content-length': size };
      await send(location.href, { method: 'PATCH', headers }, path);
      return `${directory}/${location.pathname.split('/').at(-1)}`;
    },
    async [Symbol.asyncDispose]() {
      server.kill();
      await once(server, 'exit');
    },
  };
}
