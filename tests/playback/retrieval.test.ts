import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { IssuedCopy, Operation } from '@fengcun/contracts';
import { beforeAll, expect, it } from 'vitest';
import { eventually } from '../product/eventually.ts';
import type { Person } from '../product/person.ts';
import { openProduct, type Product } from '../product/product.ts';

const execute = promisify(execFile);
let product: Product;
let officer: Person;
let legal: Person;
let head: Person;
let item: { readonly id: string; readonly name: string };

beforeAll(async () => {
  product = await openProduct();
  [officer, legal, head] = await Promise.all([
    product.person('officer'),
    product.person('legal'),
    product.person('head'),
  ]);
  const found = product.demo.evidence.find(({ name }) => name.endsWith('.mp4'));
  if (!found) throw new Error('the demo has no film');
  item = found;
  await eventually(async () => {
    const { proxy } = await officer.call('getEvidence', { params: { id: item.id } });
    expect(proxy).toBe('ready');
  });
});

/** Asks, has it approved by whoever must, and answers the grant. */
async function granted(to: Person, operations: Operation[], approvers: readonly Person[], uses = 5): Promise<string> {
  const draft = await to.call('createRequest', {
    body: {
      purpose: 'case_handling',
      basis: '案件办理需要',
      items: [item.id],
      operations,
      window: { from: new Date().toISOString(), until: new Date(Date.now() + 3_600_000).toISOString() },
      uses,
    },
  });
  await to.call('submitRequest', { params: { id: draft.id } });
  for (const approver of approvers) {
    await approver.call('decideRequest', { params: { id: draft.id }, body: { verdict: 'approved' } });
  }
  const { grant } = await to.call('getRequest', { params: { id: draft.id } });
  if (!grant) throw new Error('no grant was given');
  return grant.id;
}

const get = (path: string, person: Person, headers: Record<string, string> = {}) =>
  fetch(new URL(path, product.url), { headers: { ...person.headers, ...headers } });
const statusOf = async (path: string, person: Person) => {
  const reply = await get(path, person);
  await reply.arrayBuffer();
  return reply.status;
};
const eventsOf = async (type: string) => {
  const { rows } = await product.database.query<{ entry: Buffer }>(
    `select entry from ledger_event where type = $1 and subject_id = $2 order by id`,
    [type, item.id],
  );
  return rows.map(
    ({ entry }) => JSON.parse(entry.toString()) as { authorisation?: string; data: Record<string, unknown> },
  );
};

it('plays under a grant, and stops within one segment when it is revoked', async () => {
  await expect(legal.call('startPlay', { params: { id: item.id }, body: {} })).rejects.toMatchObject({
    problem: { status: 403, code: 'approval_required' },
  });
  const grant = await granted(legal, ['play'], [head]);
  const play = await legal.call('startPlay', { params: { id: item.id }, body: {} });
  expect(play.authorisation).toBe(grant);
  expect(await statusOf(String(play.playlist), legal)).toBe(200);
  expect(await statusOf(`/api/plays/${play.id}/key`, legal)).toBe(200);
  expect(await statusOf(`/api/plays/${play.id}/segments/0.m4s`, legal)).toBe(200);

  const stream = await get('/api/stream', legal, { accept: 'text/event-stream' });
  const reader = stream.body?.getReader();
  await head.call('revokeGrant', { params: { id: grant }, body: { reason: '审批有误' } });
  expect(await statusOf(`/api/plays/${play.id}/segments/0.m4s`, legal)).toBe(410);
  expect(await statusOf(`/api/plays/${play.id}/key`, legal)).toBe(410);
  let heard = '';
  while (!heard.includes('"cause":"revoked"')) {
    const next = await reader?.read();
    if (!next || next.done) throw new Error(`the stream ended after: ${heard}`);
    heard += Buffer.from(next.value).toString();
  }
  await reader?.cancel();
  expect(heard).toContain(play.id);
  const ends = (await eventsOf('play.ended')).filter(({ data }) => data.play === play.id);
  expect(ends).toMatchObject([{ data: { cause: 'revoked' } }]);
  expect(ends[0]?.data.served).toHaveLength(1);
});

const made = async (asked: IssuedCopy): Promise<IssuedCopy> => {
  let copy = asked;
  await eventually(async () => {
    copy = await officer.call('getCopy', { params: { id: asked.id } });
    expect(copy).toMatchObject({ state: 'ready', reason: null });
  });
  return copy;
};
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

it('hands out a copy with the viewer burnt in, in two pieces after a cut, as one download', async () => {
  const grant = await granted(officer, ['download_proxy'], [legal], 1);
  const asked = await officer.call('startCopy', { params: { id: item.id }, body: { operation: 'download_proxy' } });
  const copy = await made(asked);
  const { file } = copy;
  if (!file) throw new Error('a copy that is ready has a file');

  // The connection breaks after the first piece.
  const cut = await get(file.content, officer);
  const reader = cut.body?.getReader();
  const first = Buffer.from((await reader?.read())?.value ?? []);
  await reader?.cancel();
  expect(first.length).toBeGreaterThan(0);
  const etag = cut.headers.get('etag') ?? '';
  const kept = Math.min(first.length, 1000);
  const rest = await get(file.content, officer, { range: `bytes=${kept}-`, 'if-range': etag });
  expect([rest.status, rest.headers.get('content-range')]).toEqual([
    206,
    `bytes ${kept}-${file.size - 1}/${file.size}`,
  ]);
  const whole = Buffer.concat([first.subarray(0, kept), Buffer.from(await rest.arrayBuffer())]);
  expect([whole.length, sha256(whole)]).toEqual([file.size, file.sha256]);
  expect(cut.headers.get('repr-digest')).toBe(`sha-256=:${createHash('sha256').update(whole).digest('base64')}:`);
  const downloads = (await eventsOf('issued_copy.downloaded')).filter(({ data }) => data.copy === copy.id);
  expect(downloads).toMatchObject([{ authorisation: grant }]);

  // Every ninth of the picture differs from the original's, and never in the same way for long.
  const paths = {
    original: join(product.demo.footage, item.name),
    copy: join(product.layout.root, 'retrieval-copy.mp4'),
  };
  await writeFile(paths.copy, whole);
  const [early, late] = await Promise.all(
    [1, 3].map(async (second) => ninths(await frameOf(paths.original, second), await frameOf(paths.copy, second))),
  );
  for (const share of [...(early ?? []), ...(late ?? [])]) expect(share).toBeGreaterThan(0.003);
  expect(early).not.toEqual(late);
});

it('hands an original out only in a package with its receipt, unaltered', async () => {
  await granted(officer, ['package'], [legal]);
  const asked = await officer.call('startCopy', { params: { id: item.id }, body: { operation: 'package' } });
  const { file } = await made(asked);
  if (!file) throw new Error('a copy that is ready has a file');
  const bag = Buffer.from(await (await get(file.content, officer)).arrayBuffer());
  expect(sha256(bag)).toBe(file.sha256);
  const original = await readFile(join(product.demo.footage, item.name));
  expect(bag.includes(original)).toBe(true);
  expect(bag.includes(`${sha256(original)}  data/`)).toBe(true);
  for (const part of ['bagit.txt', 'tagmanifest-sha256.txt', 'receipt.json', 'keys.txt', 'fengcun-receipt/v1']) {
    expect(bag.includes(part), part).toBe(true);
  }
});

const size = { width: 320, height: 180 };

/** One frame in grey. */
async function frameOf(path: string, second: number): Promise<Buffer> {
  const { stdout } = await execute(
    'ffmpeg',
    [
      ...['-v', 'error', '-ss', String(second), '-i', path, '-frames:v', '1'],
      ...['-vf', `scale=${size.width}:${size.height}`, '-pix_fmt', 'gray', '-f', 'rawvideo', '-'],
    ],
    { encoding: 'buffer', maxBuffer: 16 * 1024 * 1024 },
  );
  return stdout;
}

/** Share of clearly different pixels in each ninth of the picture. */
function ninths(a: Buffer, b: Buffer): number[] {
  expect(a.length).toBe(size.width * size.height);
  expect(b.length).toBe(a.length);
  const cells = Array.from({ length: 9 }, () => ({ different: 0, all: 0 }));
  for (let at = 0; at < a.length; at++) {
    const [x, y] = [at % size.width, Math.floor(at / size.width)];
    const cell = cells[Math.floor((y * 3) / size.height) * 3 + Math.floor((x * 3) / size.width)];
    if (!cell) continue;
    cell.all++;
    if (Math.abs((a[at] ?? 0) - (b[at] ?? 0)) > 24) cell.different++;
  }
  return cells.map(({ different, all }) => different / all);
}
