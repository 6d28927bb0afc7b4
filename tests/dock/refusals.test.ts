import { generateKeyPairSync } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Dock, enrolDock, temporaryDirectory } from '../product/dock.ts';
import { eventually } from '../product/eventually.ts';
import { openFaultyLink } from '../product/faulty-link.ts';
import { openProduct, type Product } from '../product/product.ts';
import { bytesOf, placeBytes, sha256Of } from '../product/recordings.ts';

let product: Product;
let dock: Dock;
beforeAll(async () => {
  product = await openProduct();
  dock = await enrolDock(product);
});

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly code: string;
  readonly detail: string;
  readonly location: string | null;
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const type = response.headers.get('content-type') ?? '';
  const problem: { code?: string; detail?: string; type?: string } = type.includes('json') ? JSON.parse(text) : {};
  if (problem.code !== undefined) expect(problem.type).toBe(`urn:fengcun:problem:${problem.code}`);
  const { code = '', detail = '' } = problem;
  return {
    status: response.status,
    type: type.split(';')[0] ?? '',
    code,
    detail,
    location: response.headers.get('location'),
  };
}

const encode = (metadata: Readonly<Record<string, string>>) =>
  Object.entries(metadata)
    .map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`)
    .join(',');

async function create(
  authorization: string | undefined,
  metadata: Readonly<Record<string, string>> = {},
  body: Buffer = Buffer.alloc(0),
): Promise<Answer> {
  const response = await fetch(`${product.url}/files`, {
    method: 'POST',
    headers: {
      'tus-resumable': '1.0.0',
      'upload-length': String(body.length),
      ...(Object.keys(metadata).length > 0 ? { 'upload-metadata': encode(metadata) } : {}),
      ...(body.length > 0 ? { 'content-type': 'application/offset+octet-stream' } : {}),
      ...(authorization === undefined ? {} : { authorization }),
    },
    ...(body.length > 0 ? { body: new Uint8Array(body) } : {}),
  });
  return answerOf(response);
}

const announcement = (name: string, bytes: Buffer) => ({
  device: 'DSJ-REF-00001',
  dockClock: new Date().toISOString(),
  files: [{ name, size: bytes.length, sha256: sha256Of(bytes), kind: 'video' as const }],
});

/** Whether a refusal of that kind stands in the log. */
async function isOnRecord(code: string, route: string): Promise<void> {
  await eventually(async () => {
    const { rows } = await product.database.query<{ entry: Buffer }>(
      `select entry from ledger_event where type = 'access.denied'`,
    );
    const found = rows.map(({ entry }) => JSON.parse(entry.toString()).data);
    expect(found).toContainEqual(expect.objectContaining({ code, route }));
  });
}

describe('a token', () => {
  const stranger = generateKeyPairSync('ed25519').privateKey;
  const another = '0198c0de-0000-7000-8000-000000000001';
  it.each([
    ['that has expired', { issuedAgo: 900, expiresIn: 120 }, 'token_expired'],
    ['that is good for an hour', { expiresIn: 3600 }, 'token_expired'],
    ['for another site', { audience: another }, 'token_elsewhere'],
    ['signed by another key', { key: stranger }, 'token_invalid'],
    ['with "alg": "none"', { algorithm: 'none' }, 'token_invalid'],
  ] as const)('%s is refused and recorded', async (_, overrides, code) => {
    const authorization = `Bearer ${dock.token(overrides)}`;
    const refused = { status: 401, type: 'application/problem+json', code, detail: expect.stringMatching(/\w{3}/) };
    expect(await create(authorization)).toMatchObject(refused);
    const offload = await fetch(`${product.url}/api/offloads`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify(announcement('a.mp4', bytesOf(10, 1))),
    });
    expect(await answerOf(offload)).toMatchObject(refused);
    await isOnRecord(code, 'POST /api/offloads');
  });

  it('that is missing is refused', async () => {
    expect(await create(undefined)).toMatchObject({ status: 401, type: 'application/problem+json' });
  });
});

describe('an offload', () => {
  it('that does not exist is refused and recorded', async () => {
    const offload = '0198c0de-0000-7000-8000-000000000002';
    const answer = await create(`Bearer ${dock.token()}`, { filename: 'a.mp4', offload });
    expect(answer).toMatchObject({ status: 404, type: 'application/problem+json', code: 'offload_unknown' });
    await isOnRecord('offload_unknown', 'POST /files');
  });

  it('of another dock is refused and recorded', async () => {
    const bytes = bytesOf(1000, 'foreign');
    const { id } = await dock.call('openOffload', { body: announcement('b.mp4', bytes) });
    const other = await enrolDock(product);
    const metadata = { filename: 'b.mp4', offload: id, sha256: sha256Of(bytes) };
    const answer = await create(`Bearer ${other.token()}`, metadata, bytes);
    expect(answer).toMatchObject({ status: 403, type: 'application/problem+json', code: 'offload_foreign' });
    await isOnRecord('offload_foreign', 'POST /files');
  });
});

describe('metadata', () => {
  it('with control characters is refused', async () => {
    const answer = await create(`Bearer ${dock.token()}`, { filename: 'a\u0000b\n.mp4' });
    expect(answer).toMatchObject({ status: 400, type: 'application/problem+json', code: 'metadata_invalid' });
  });

  it('of a megabyte is refused without harm', async () => {
    const answer = await new Promise<{ status: number; type: string }>((resolve, reject) => {
      const sent = request(`${product.url}/files`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${dock.token()}`,
          'tus-resumable': '1.0.0',
          'upload-length': '1',
          'upload-metadata': `filename ${'QUFB'.repeat(256 * 1024)}`,
        },
      });
      sent.on('response', (response) => {
        response.resume();
        const type = response.headers['content-type'] ?? '';
        resolve({ status: response.statusCode ?? 0, type: type.split(';')[0] ?? '' });
      });
      sent.on('error', reject);
      sent.end();
    });
    expect(answer).toEqual({ status: 431, type: 'application/problem+json' });
    expect(await create(`Bearer ${dock.token()}`, { filename: 'fine.bin' })).toMatchObject({ status: 201 });
  });

  it('with a path in the file name names no path of ours', async () => {
    const bytes = bytesOf(2000, 'traversal');
    const filename = '../../../../etc/cron.d/越权';
    const { status, location } = await create(`Bearer ${dock.token()}`, { filename, sha256: sha256Of(bytes) }, bytes);
    expect(status).toBe(201);
    const id = location?.split('/').at(-1) ?? '';
    const officer = await product.person('officer');
    const item = await eventually(() => officer.call('getEvidence', { params: { id } }));
    expect(item).toMatchObject({ name: '越权', state: 'sealed', metadata: { filename } });
    const { rows } = await product.database.query('select vault_key from evidence where id = $1', [id]);
    expect(rows).toEqual([{ vault_key: `originals/${id}` }]);
    // On S3 the key above is all there is of a name; on the disk it is a path.
    const places = product.vault === 'disk' ? await readdir(product.layout.vault, { recursive: true }) : [];
    expect(places.filter((place) => place.includes('越权') || place.includes('cron.d'))).toEqual([]);
  });
});

it('cuts a revoked dock off in the middle of an upload and refuses it from then on', async () => {
  const link = await openFaultyLink(product.url);
  try {
    const revoked = await enrolDock(product, { url: link.url });
    const folder = await temporaryDirectory('revoked');
    await placeBytes(join(folder, '大文件.mp4'), 30 * 1024 * 1024, 'revoked');
    const held = link.holdAfter(5 * 1024 * 1024);
    const agent = revoked.start('offload', folder, '--device', 'DSJ-REF-00002', '--json');
    await held;
    const security = await product.person('secadmin');
    await security.call('revokeDock', { params: { id: revoked.id }, body: { reason: '设备遗失' } });
    link.letGo();
    const run = await agent.ended;
    expect(run.exitCode, run.stderr).toBe(1);
    expect(await create(`Bearer ${revoked.token()}`)).toMatchObject({
      status: 401,
      type: 'application/problem+json',
      code: 'dock_revoked',
    });
    await isOnRecord('dock_revoked', 'POST /files');
    const { rows } = await product.database.query('select state from upload where dock_id = $1', [revoked.id]);
    expect(rows).toEqual([{ state: 'receiving' }]);
  } finally {
    await link.close();
  }
});
