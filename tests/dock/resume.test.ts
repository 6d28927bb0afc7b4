import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AgentLine, type Dock, enrolDock, freshSerial, temporaryDirectory } from '../product/dock.ts';
import { eventually } from '../product/eventually.ts';
import { type FaultyLink, openFaultyLink } from '../product/faulty-link.ts';
import { invariantsHold } from '../product/invariants.ts';
import { openProduct, type Product } from '../product/product.ts';
import { opensslDigests, placeBytes } from '../product/recordings.ts';
import { long, seededRandom } from '../product/seeded-random.ts';

const MiB = 1024 * 1024;

let product: Product;
let link: FaultyLink;
let dock: Dock;
beforeAll(async () => {
  product = await openProduct();
  link = await openFaultyLink(product.url);
  dock = await enrolDock(product, { url: link.url });
});
afterAll(async () => {
  await link.close();
});

interface Handover {
  readonly serial: string;
  readonly folder: string;
  readonly args: readonly string[];
}

/** A folder with one file of several parts, one of less than a part, and a small one. */
async function handover(): Promise<Handover> {
  const serial = freshSerial();
  const folder = await temporaryDirectory('resume');
  await placeBytes(join(folder, '长视频.mp4'), 40 * MiB + 12_345, `${serial} a`);
  await placeBytes(join(folder, '短 视频.mp4'), 6 * MiB + 1, `${serial} b`);
  await placeBytes(join(folder, '照片.jpg'), 300_001, `${serial} c`);
  return { serial, folder, args: ['offload', folder, '--device', serial, '--json'] };
}

const offloadOf = (lines: readonly AgentLine[]) => lines.find(({ event }) => event === 'offload')?.id;

/** Durable offsets, as the server itself reports them. */
async function offsetsOf(offload: string): Promise<ReadonlyMap<string, number>> {
  const { files } = await dock.call('getOffload', { params: { id: offload } });
  return new Map(files.map(({ name, offset }) => [name, offset]));
}

const sum = (offsets: ReadonlyMap<string, number>) =>
  [...offsets.values()].reduce((total, offset) => total + offset, 0);

async function expectSealedOnce({ serial, folder }: Handover): Promise<void> {
  const { rows } = await product.database.query<{ name: string; state: string; sha256: string; sm3: string }>(
    `select name, state, encode(sha256, 'hex') as sha256, encode(sm3, 'hex') as sm3 from evidence
     where device_serial = $1 order by size`,
    [serial],
  );
  const names = ['照片.jpg', '短 视频.mp4', '长视频.mp4'];
  const expected = await Promise.all(
    names.map(async (name) => ({ name, state: 'sealed', ...(await opensslDigests(join(folder, name))) })),
  );
  expect(rows).toEqual(expected);
}

it('resumes where it was when the agent is killed', async () => {
  const given = await handover();
  const held = link.holdAfter(20 * MiB);
  const agent = dock.start(...given.args);
  await held;
  agent.kill();
  expect(await agent.ended).toMatchObject({ signal: 'SIGKILL' });
  link.letGo();
  const offload = offloadOf(agent.lines) ?? '';
  const before = await eventually(async () => {
    const offsets = await offsetsOf(offload);
    expect(sum(offsets)).toBeGreaterThan(0);
    return offsets;
  });

  const again = await dock.run(...given.args);
  expect(again.exitCode, again.stderr).toBe(0);
  expect(offloadOf(again.lines)).toBe(offload);
  for (const [name, offset] of before) {
    const first = again.lines.find((line) => line.event === 'bytes' && line.stage === 'sending' && line.name === name);
    // What had arrived is not sent again.
    if (first) expect(first.done, name).toBeGreaterThanOrEqual(offset);
  }
  await expectSealedOnce(given);
});

it('keeps every acknowledged byte when the server is killed, and the agent goes on by itself', async () => {
  const given = await handover();
  const held = link.holdAfter(25 * MiB);
  const agent = dock.start(...given.args);
  await held;
  const offload = offloadOf(agent.lines) ?? '';
  const before = await offsetsOf(offload);
  const killed = await product.kill('web');
  await product.isBack('web', killed);
  const after = await offsetsOf(offload);
  for (const [name, offset] of before) expect(after.get(name), name).toBeGreaterThanOrEqual(offset);
  link.letGo();
  const run = await agent.ended;
  expect(run.exitCode, run.stderr).toBe(0);
  await expectSealedOnce(given);
});

it('goes on when everything on the server is killed at once', async () => {
  const given = await handover();
  const held = link.holdAfter(30 * MiB);
  const agent = dock.start(...given.args);
  await held;
  const offload = offloadOf(agent.lines) ?? '';
  const before = await offsetsOf(offload);
  await product.killEverything();
  link.letGo();
  link.cutAll();
  await product.startAgain();
  const after = await offsetsOf(offload);
  for (const [name, offset] of before) expect(after.get(name), name).toBeGreaterThanOrEqual(offset);
  const run = await agent.ended;
  expect(run.exitCode, run.stderr).toBe(0);
  await expectSealedOnce(given);
});

it.each(long ? [1, 2, 3, 4, 5, 6, 7, 8] : [1])(
  'gets through a line that is cut again and again (%i)',
  async (round) => {
    const random = seededRandom(`cut line, round ${round}`);
    const given = await handover();
    const [fewestCuts, mostCuts] = [4, long ? 40 : 12];
    link.plan(() => {
      if (link.cuts >= mostCuts * round) return undefined;
      // Until there were some, in the middle of what has to be sent in any case.
      if (link.cuts < fewestCuts) return { direction: 'up', after: random.between(1, MiB) };
      // Up: in the middle of a request. Down: the request arrives whole, its answer does not.
      return random.between(0, 3) === 0
        ? { direction: 'down', after: random.between(0, 300) }
        : { direction: 'up', after: random.between(1, 10 * MiB) };
    });
    const run = await dock.run(...given.args);
    link.plan(undefined);
    expect(run.exitCode, run.stderr).toBe(0);
    expect(link.cuts).toBeGreaterThanOrEqual(fewestCuts);
    await expectSealedOnce(given);
  },
);

it('leaves everything consistent', async () => {
  expect((await invariantsHold(product)).evidence).toBeGreaterThanOrEqual(12);
});
