import { createHash, randomBytes } from 'node:crypto';
import { Upload } from 'tus-js-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Harness,
  head,
  offsetOf,
  partSize,
  rowOf,
  startHarness,
  storedBytes,
  until,
} from '../../tests/harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

type Options = NonNullable<ConstructorParameters<typeof Upload>[1]>;

/** Sends bytes with tus-js-client; resolves with the upload's path. */
function send(bytes: Buffer, options: Options): Promise<string> {
  return new Promise((resolve, reject) => {
    const upload: Upload = new Upload(bytes, {
      endpoint: `${harness.url}/files`,
      retryDelays: [0, 20, 50, 100],
      onBeforeRequest: async (request) => request.setHeader('authorization', `Bearer ${await harness.dock.token()}`),
      ...options,
      onError: reject,
      onSuccess: () => resolve(new URL(upload.url ?? '').pathname),
    });
    upload.start();
  });
}

describe('tus-js-client', () => {
  it.each([
    ['in one request', {}],
    ['in chunks', { chunkSize: 100_000 }],
    ['with the first chunk in the creation', { uploadDataDuringCreation: true, chunkSize: 100_000 }],
    ['with its length deferred', { uploadLengthDeferred: true, chunkSize: 100_000 }],
  ] as [string, Options][])('sends a file %s', async (_how, options) => {
    const bytes = randomBytes(3 * partSize + 4321);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const path = await send(bytes, {
      ...options,
      metadata: { filename: '执法记录 📹.mp4', sha256, filetype: 'video/mp4' },
    });
    expect(await rowOf(harness, path)).toMatchObject({ state: 'received', name: '执法记录 📹.mp4', kind: 'video' });
    expect((await rowOf(harness, path)).declared_sha256?.toString('hex')).toBe(sha256);
    expect((await storedBytes(harness, path)).equals(bytes)).toBe(true);
  });

  it('sends an empty file', async () => {
    const path = await send(Buffer.alloc(0), {});
    expect(await rowOf(harness, path)).toMatchObject({ state: 'received', size: 0 });
  });

  it('stopped half way goes on where it was', async () => {
    const bytes = randomBytes(5 * partSize + 1);
    const path = await new Promise<string>((resolve, reject) => {
      const upload: Upload = new Upload(bytes, {
        endpoint: `${harness.url}/files`,
        chunkSize: partSize + 100,
        onBeforeRequest: async (request) => request.setHeader('authorization', `Bearer ${await harness.dock.token()}`),
        onError: reject,
        onChunkComplete: (_size, accepted) => {
          if (accepted > 2 * partSize) void upload.abort().then(() => resolve(new URL(upload.url ?? '').pathname));
        },
      });
      upload.start();
    });
    await until(async () => (await rowOf(harness, path)).lease_until === null);
    const offset = offsetOf(await head(harness, path));
    expect(offset).toBeGreaterThan(2 * partSize);
    expect(offset).toBeLessThan(bytes.length);
    expect(await send(bytes, { uploadUrl: harness.url + path })).toBe(path);
    expect((await storedBytes(harness, path)).equals(bytes)).toBe(true);
  });

  it('survives parts that fail on the way', async () => {
    const bytes = randomBytes(6 * partSize);
    harness.faults.failPartWrite(2);
    harness.faults.loseCommitAnswer(4);
    const path = await send(bytes, {});
    expect((await storedBytes(harness, path)).equals(bytes)).toBe(true);
  });
});
