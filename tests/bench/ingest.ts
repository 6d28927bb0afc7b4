import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFiles, makeNew } from './footage.ts';
import { openssl, startTusPeer } from './peers.ts';
import { type Product, startProduct } from './product.ts';
import { median, seconds } from './statistics.ts';
import { type Line, printSection, rate, times } from './table.ts';

const mib = 2 ** 20;

export interface IngestScale {
  readonly files: number;
  /** bytes each */
  readonly size: number;
  readonly rounds: number;
}

/**
 * Dock agent -> sealed on the disk vault, against (a) one-core SM3 of the same bytes and (b) `@tus/server` receiving them followed by
 * `openssl dgst` of both digests. The three take turns within each round, so that a noisy machine is noisy for all.
 */
export async function benchIngest(scale: IngestScale): Promise<void> {
  const { files, size, rounds } = scale;
  const directory = await mkdtemp(join(tmpdir(), 'fengcun-bench-footage-'));
  try {
    const folder = join(directory, 'device');
    const received = join(directory, 'peer');
    const paths = await makeFiles(folder, files, size);
    await using product = await startProduct();
    await using peer = await startTusPeer(received);
    const [ours, sm3, theirs, lag]: [number[], number[], number[], number[]] = [[], [], [], []];
    for (let round = 0; round < rounds; round++) {
      for (const path of paths) await makeNew(path);
      // Reads the files into the page cache, so that nobody pays for a cold disk.
      await openssl('sha256', paths);
      sm3.push(await seconds(() => openssl('sm3', paths)));
      ours.push(await seconds(() => product.offload(folder)));
      lag.push(...(await sealingLags(product, files)));
      theirs.push(await seconds(() => receiveAndDigest(peer, paths)));
      await removeReceived(received);
    }
    const total = files * size;
    const [us, limit, them] = [median(ours), median(sm3), median(theirs)];
    const memory = { web: await product.peakMemory('web'), worker: await product.peakMemory('worker') };
    const lines: Line[] = [
      { what: 'dock agent -> sealed', measured: `${us.toFixed(1)} s`, compared: rate(total, us) },
      {
        what: '(a) openssl dgst -sm3, one core',
        measured: `${limit.toFixed(1)} s`,
        compared: `we take ${times(us / limit)}`,
        aim: { text: 'at most 1.25x', reached: us / limit <= 1.25 },
      },
      {
        what: '(b) @tus/server, then -sha256 and -sm3',
        measured: `${them.toFixed(1)} s`,
        compared: `we take ${times(us / them)}`,
        aim: { text: 'faster', reached: us < them },
      },
      { what: 'last byte -> sealed', measured: `${median(lag).toFixed(2)} s` },
      memoryLine('peak memory of upload (web)', memory.web),
      memoryLine('peak memory of worker', memory.worker),
    ];
    printSection(`${files} x ${size / mib} MiB, median of ${rounds}`, lines);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const memoryLine = (what: string, bytes: number): Line => ({
  what,
  measured: `${Math.round(bytes / mib)} MiB`,
  aim: { text: 'at most 300 MiB', reached: bytes <= 300 * mib },
});

/** All at once, then digested one after the other, as a shell script would. */
async function receiveAndDigest(
  peer: Awaited<ReturnType<typeof startTusPeer>>,
  paths: readonly string[],
): Promise<void> {
  const stored = await Promise.all(paths.map((path) => peer.upload(path)));
  await openssl('sha256', stored);
  await openssl('sm3', stored);
}

/** Seconds from received to sealed of the newest `count` items. */
async function sealingLags({ officer }: Product, count: number): Promise<readonly number[]> {
  const { items } = await officer.call('listEvidence', { query: { limit: Math.min(count, 200) } });
  const details = await Promise.all(items.map(({ id }) => officer.call('getEvidence', { params: { id } })));
  return details.map(({ receivedAt, sealedAt }) => (Date.parse(sealedAt) - Date.parse(receivedAt)) / 1000);
}

async function removeReceived(directory: string): Promise<void> {
  for (const name of await readdir(directory)) await rm(join(directory, name), { force: true });
}
