import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { lockDirectory } from '../process/directory-lock.ts';
import { type RgwServer, startRgw } from '../rgw/server.ts';
import { makeAuthority } from './certificates.ts';
import './provided.ts';

const directoryPrefix = 'fengcun-rgw-test-';

/** Reached over the global object: every project of the run loads this module anew, and one Ceph is enough for all. */
const shared = Symbol.for('fengcun.testing.rgw');

interface Shared {
  url: string;
  users: number;
  close(): Promise<void>;
}

type Place = { [shared]?: Promise<Shared> | undefined };

/**
 * Vitest global set-up: offers a Ceph RGW with fresh state to the run's test files, started when the first of them asks (`testRgw`). A run
 * in which none does pays for a listening socket.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const place: typeof globalThis & Place = globalThis;
  place[shared] ??= openDoor();
  const door = await place[shared];
  door.users += 1;
  project.provide('fengcunRgwDoor', door.url);
  return async () => {
    door.users -= 1;
    if (door.users > 0) return;
    place[shared] = undefined;
    await door.close();
  };
}

/** Test files run in processes of their own: they ask for the server over HTTP, at an address nobody can guess. */
async function openDoor(): Promise<Shared> {
  let starting: ReturnType<typeof startFresh> | undefined;
  const path = `/${randomBytes(16).toString('hex')}`;
  const door = createServer((request, response) => {
    if (request.url !== path) {
      response.writeHead(404).end();
      return;
    }
    starting ??= startFresh();
    starting.then(
      ({ server: { endpoint, tlsEndpoint, accessKeyId, secretAccessKey }, authority }) =>
        response.end(JSON.stringify({ endpoint, tlsEndpoint, authority, kmsKey, accessKeyId, secretAccessKey })),
      (error: unknown) => response.writeHead(500).end(error instanceof Error ? error.message : String(error)),
    );
  });
  const port = await listen(door);
  return {
    url: `http://127.0.0.1:${port}${path}`,
    users: 0,
    async close() {
      door.close();
      door.closeAllConnections();
      const started = await starting?.catch(() => undefined);
      if (started === undefined) return;
      // Nobody needs its last words.
      await started.server.kill();
      await rm(started.directory, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** Name of the one key in the engine's key service, which is Ceph's own for tests. */
const kmsKey = 'fengcun-test-key';

async function startFresh(): Promise<{ server: RgwServer; directory: string; authority: string }> {
  await removeAbandoned();
  const directory = await mkdtemp(join(tmpdir(), directoryPrefix));
  try {
    const { certificate: authority, server: tls } = await makeAuthority(['localhost']);
    const server = await startRgw({
      ...{ directory, capacityBytes: 32 * 1024 ** 3, tls },
      // None of these does anything to a request that asks for no encryption.
      gateway: {
        'rgw crypt require ssl': true,
        'rgw crypt s3 kms backend': 'testing',
        'rgw crypt s3 kms encryption keys': `${kmsKey}=${randomBytes(32).toString('base64')}`,
      },
    });
    process.stdout.write(`tests use a Ceph RGW at ${server.endpoint}\n`);
    return { server, directory, authority };
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

/** Removes what runs that were killed left behind. The lock of a living run is held, and a young one may not have it yet. */
async function removeAbandoned(): Promise<void> {
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(directoryPrefix));
  for (const name of names) {
    const directory = join(tmpdir(), name);
    try {
      if (Date.now() - (await stat(directory)).ctimeMs < 10 * 60_000) continue;
      const lock = await lockDirectory(directory);
      await rm(directory, { recursive: true, force: true });
      await lock.release();
    } catch {
      // Someone else's, or in use: not ours to remove.
    }
  }
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolve(address.port);
    });
  });
}
