import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { testAudience } from '@fengcun/identity/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  create,
  type Harness,
  head,
  offsetOf,
  partSize,
  patch,
  rawPatch,
  rowOf,
  startHarness,
  storedBytes,
  until,
} from '../tests/harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

const main = fileURLToPath(new URL('./main.ts', import.meta.url));

interface Server {
  readonly child: ChildProcess;
  readonly url: string;
  readonly port: number;
}

function environment(): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    FENGCUN_SITE_ID: testAudience,
    FENGCUN_LOG_KEYS: 'mock.example/log+00000000+AAAA',
    FENGCUN_UPLOAD_PART_SIZE: String(partSize),
    FENGCUN_PORT: '0',
    FENGCUN_DATABASE_URL: harness.database.url('fengcun_upload'),
    FENGCUN_VAULT_ROOT: harness.vaultRoot,
    // A killed server's lease would last this long if nobody noticed the death.
    FENGCUN_UPLOAD_LEASE_SECONDS: '600',
  };
}

async function startServer(): Promise<Server> {
  const child = spawn(process.execPath, [main], { env: environment(), stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    const { address } = JSON.parse(line) as { address?: string };
    if (address === undefined) continue;
    child.stdout.resume();
    return { child, url: address, port: Number(new URL(address).port) };
  }
  throw new Error('The server ended before it listened');
}

async function kill({ child }: Server, signal: NodeJS.Signals): Promise<number | null> {
  const exited = once(child, 'exit');
  child.kill(signal);
  const [code] = await exited;
  return code as number | null;
}

describe('the server by itself', () => {
  it('killed in the middle of a body loses nothing it acknowledged, and its successor goes on at once', async () => {
    const bytes = randomBytes(12 * partSize + 321);
    let server = await startServer();
    const path = await create({ ...server, dock: harness.dock }, bytes.length);
    let acknowledged = 0;
    for (const [keptParts, more] of [
      [0, 1000],
      [2, 5],
      [5, partSize - 1],
      [9, 0],
    ] as const) {
      const sender = { ...server, dock: harness.dock };
      const reply = await patch(sender, path, acknowledged, bytes.subarray(acknowledged, acknowledged + 777));
      expect(reply.status).toBe(204);
      acknowledged = offsetOf(reply);
      const request = await rawPatch(sender, path, acknowledged, {
        'content-length': String(bytes.length - acknowledged),
      });
      await request.write(bytes.subarray(acknowledged, Math.max(acknowledged, keptParts * partSize) + more));
      const goal = Math.max(acknowledged, Math.max(0, keptParts - 1) * partSize);
      await until(async () => (await rowOf(harness, path)).durable_offset >= goal);
      const promised = (await rowOf(harness, path)).durable_offset;
      expect(await kill(server, 'SIGKILL')).toBe(null);
      request.destroy();
      server = await startServer();
      acknowledged = offsetOf(await head({ ...server, dock: harness.dock }, path));
      expect(acknowledged).toBeGreaterThanOrEqual(promised);
    }
    const last = await patch({ ...server, dock: harness.dock }, path, acknowledged, bytes.subarray(acknowledged));
    expect([last.status, offsetOf(last)]).toEqual([204, bytes.length]);
    expect(await kill(server, 'SIGTERM')).toBe(0);
    expect((await storedBytes(harness, path)).equals(bytes)).toBe(true);
  });

  it('two of them on one upload hand it over to each other', async () => {
    const bytes = randomBytes(6 * partSize);
    const [a, b] = await Promise.all([startServer(), startServer()]);
    const path = await create({ ...a, dock: harness.dock }, bytes.length);
    let offset = 0;
    for (const server of [a, b, a, b]) {
      const request = await rawPatch({ ...server, dock: harness.dock }, path, offset, {
        'content-length': String(bytes.length - offset),
      });
      await request.write(bytes.subarray(offset, offset + partSize + 100));
      await until(async () => (await rowOf(harness, path)).durable_offset > offset);
      const other = server === a ? b : a;
      offset = offsetOf(await head({ ...other, dock: harness.dock }, path));
      expect((await request.answer()).status).toBe(409);
      request.destroy();
    }
    expect((await patch({ ...b, dock: harness.dock }, path, offset, bytes.subarray(offset))).status).toBe(204);
    expect((await storedBytes(harness, path)).equals(bytes)).toBe(true);
    await Promise.all([kill(a, 'SIGTERM'), kill(b, 'SIGTERM')]);
  });

  it('says which setting is wrong', async () => {
    const child = spawn(process.execPath, [main], {
      env: { ...environment(), FENGCUN_UPLOAD_PART_SIZE: 'big' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const lines: string[] = [];
    createInterface({ input: child.stderr }).on('line', (line) => lines.push(line));
    const [code] = await once(child, 'close');
    expect(code).toBe(78);
    expect(lines).toEqual(['FENGCUN_UPLOAD_PART_SIZE is "big"; allowed: a whole number from 65536 to 1073741824']);
  });
});
