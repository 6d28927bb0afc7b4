import { once } from 'node:events';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import { createTusClient } from './tus-client.ts';

test('a file that cannot be read is no fault of the connection', async () => {
  const server = createServer((request) => request.resume()).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const address = server.address();
  const endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/files`;
  const tokens = { token: async () => 'token', observe: () => undefined, clockOffsetMs: 0 };
  const client = createTusClient({ endpoint, tokens, signal: new AbortController().signal, sockets: 1 });
  // A folder can be opened and gives no bytes, as a file on a damaged card does.
  const sending = client.send(`${endpoint}/1`, { path: tmpdir(), size: 10 }, 0, () => undefined);
  await expect(sending).rejects.toMatchObject({ name: 'DockError', code: 'not_sealed' });
  await expect(sending).rejects.toThrow('cannot be read (EISDIR)');
  client.close();
});
