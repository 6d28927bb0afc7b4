import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Upload, type UploadOptions } from 'tus-js-client';
import { beforeAll, expect, it } from 'vitest';
import { type Dock, enrolDock, temporaryDirectory } from '../product/dock.ts';
import { eventually } from '../product/eventually.ts';
import { openFaultyLink } from '../product/faulty-link.ts';
import { invariantsHold } from '../product/invariants.ts';
import { openProduct, type Product } from '../product/product.ts';
import { bytesOf, opensslDigests, placeBytes, sha256Of } from '../product/recordings.ts';

const MiB = 1024 * 1024;

let product: Product;
let dock: Dock;
beforeAll(async () => {
  product = await openProduct();
  dock = await enrolDock(product);
});

const withToken: UploadOptions = {
  retryDelays: [100, 500, 1000, 2000, 5000],
  onBeforeRequest: (request) => request.setHeader('Authorization', `Bearer ${dock.token()}`),
};

const idOf = (upload: Upload) => upload.url?.split('/').at(-1) ?? '';

function finished(start: (callbacks: Pick<UploadOptions, 'onSuccess' | 'onError'>) => Upload): Promise<Upload> {
  return new Promise((resolve, reject) => {
    const upload: Upload = start({ onSuccess: () => resolve(upload), onError: reject });
    upload.start();
  });
}

async function endOf(id: string) {
  const officer = await product.person('officer');
  return eventually(() => officer.call('getEvidence', { params: { id } }));
}

it('uploads with nothing but a header, and the item is sealed with the declared digest', async () => {
  const bytes = bytesOf(5 * MiB + 3, 'interop');
  const metadata = {
    filename: '互操作 🎬.mp4',
    sha256: sha256Of(bytes),
    device: 'DSJ-TUS-00001',
    kind: 'video',
    'x-note': '保留',
  };
  const upload = await finished(
    (callbacks) => new Upload(bytes, { ...withToken, ...callbacks, endpoint: `${product.url}/files`, metadata }),
  );
  expect(await endOf(idOf(upload))).toMatchObject({
    name: '互操作 🎬.mp4',
    state: 'sealed',
    device: { serial: 'DSJ-TUS-00001' },
    metadata,
    digests: { declared: { sha256: metadata.sha256 }, readBack: { bytes: bytes.length, sha256: metadata.sha256 } },
  });
});

it('pauses, and another process resumes at the server’s offset', async () => {
  const file = join(await temporaryDirectory('tus'), '断点续传.mp4');
  await placeBytes(file, 40 * MiB + 77, 'pause');
  const { size } = await stat(file);
  const metadata = { filename: '断点续传.mp4', sha256: (await opensslDigests(file)).sha256 };
  const link = await openFaultyLink(product.url);
  try {
    const held = link.holdAfter(20 * MiB);
    const first = new Upload(createReadStream(file), {
      ...withToken,
      endpoint: `${link.url}/files`,
      metadata,
      uploadSize: size,
      chunkSize: 64 * MiB,
    });
    first.start();
    await held;
    await first.abort();
    const id = idOf(first);
    const offsets: number[] = [];
    const second = await finished(
      (callbacks) =>
        new Upload(createReadStream(file), {
          ...withToken,
          ...callbacks,
          endpoint: `${product.url}/files`,
          uploadUrl: `${product.url}/files/${id}`,
          uploadSize: size,
          chunkSize: 64 * MiB,
          onAfterResponse: (request, response) => {
            if (request.getMethod() === 'HEAD') offsets.push(Number(response.getHeader('Upload-Offset')));
          },
        }),
    );
    expect(idOf(second)).toBe(id);
    expect(offsets[0]).toBeGreaterThan(0);
    expect(offsets[0]).toBeLessThan(size);
    expect(await endOf(id)).toMatchObject({ state: 'sealed', digests: { readBack: { sha256: metadata.sha256 } } });
  } finally {
    await link.close();
  }
});

it('uploads in small chunks, with bytes in the creation, and with a length that is told at the end', async () => {
  const bytes = bytesOf(2 * MiB + 5, 'chunks');
  const metadata = { filename: '分块.bin', sha256: sha256Of(bytes) };
  const options = { ...withToken, endpoint: `${product.url}/files`, metadata, chunkSize: 300_001 };
  const uploads = [
    await finished((callbacks) => new Upload(bytes, { ...options, ...callbacks })),
    await finished((callbacks) => new Upload(bytes, { ...options, ...callbacks, uploadDataDuringCreation: true })),
    await finished((callbacks) => new Upload(bytes, { ...options, ...callbacks, uploadLengthDeferred: true })),
  ];
  for (const upload of uploads) {
    expect(await endOf(idOf(upload))).toMatchObject({
      state: 'sealed',
      digests: { readBack: { sha256: metadata.sha256 } },
    });
  }
});

it('sends something other than it declared: everything is kept, nothing is called sealed', async () => {
  const bytes = bytesOf(MiB, 'lie');
  const metadata = { filename: '不符.mp4', sha256: sha256Of(bytesOf(MiB, 'truth')), device: 'DSJ-TUS-00002' };
  const upload = await finished(
    (callbacks) => new Upload(bytes, { ...withToken, ...callbacks, endpoint: `${product.url}/files`, metadata }),
  );
  expect(await endOf(idOf(upload))).toMatchObject({
    state: 'quarantined',
    quarantine: { code: 'declared_digest_differs' },
    digests: { declared: { sha256: metadata.sha256 }, readBack: { bytes: MiB, sha256: sha256Of(bytes) } },
  });
});

it('terminates an upload that is not complete', async () => {
  const upload = new Upload(createReadStream('/dev/zero', { end: MiB }), {
    ...withToken,
    endpoint: `${product.url}/files`,
    metadata: { filename: '放弃.bin' },
    uploadSize: 50 * MiB,
    chunkSize: MiB,
  });
  const created = new Promise<void>((resolve) => {
    upload.options.onUploadUrlAvailable = () => resolve();
  });
  upload.start();
  await created;
  await upload.abort(true);
  const response = await fetch(`${product.url}/files/${idOf(upload)}`, {
    method: 'HEAD',
    headers: { 'tus-resumable': '1.0.0', authorization: `Bearer ${dock.token()}` },
  });
  expect([404, 410]).toContain(response.status);
});

it('leaves everything consistent', async () => {
  expect((await invariantsHold(product)).evidence).toBeGreaterThanOrEqual(6);
});
