import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readUser } from '@fengcun/local';
import { layoutOf, vaultOf } from '@fengcun/site';
import { type ObjectVersion, openVault, parseObjectKey, type Vault } from '@fengcun/vault';
import { makeAwsBucket } from './aws-cli.ts';
import { makeFiles, makeNew } from './footage.ts';
import { openssl } from './peers.ts';
import { type Product, startProduct } from './product.ts';
import { median, seconds } from './statistics.ts';
import { type Line, printSection, rate, times } from './table.ts';

const mib = 2 ** 20;

export interface S3Scale {
  /** bytes */
  readonly size: number;
  readonly rounds: number;
  /** range reads of each kind */
  readonly reads: number;
}

/**
 * Dock agent -> sealed on a Ceph RGW that the product runs itself, against `aws s3 cp` of the same file to the same RGW followed by reading it
 * back through `openssl dgst` (SHA-256 and SM3 side by side, in one pass). They take turns within each round. Then how soon the first byte
 * of a range comes, against a bare GET of the same size with a signature made beforehand, on a warm connection.
 */
export async function benchS3({ size, rounds, reads }: S3Scale): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'fengcun-bench-s3-'));
  try {
    const folder = join(directory, 'device');
    const [path = ''] = await makeFiles(folder, 1, size);
    await using product = await startProduct(['--s3']);
    const layout = layoutOf(product.directory);
    const { endpoint = '' } = product.demo.vault;
    const bucket = await makeAwsBucket(endpoint, await readUser(layout.s3), 'bench-peer');
    const [ours, uploads, readBacks, theirs]: [number[], number[], number[], number[]] = [[], [], [], []];
    const key = 'recording.mp4';
    for (let round = 0; round < rounds; round++) {
      await makeNew(path);
      // Reads the file into the page cache, so that nobody pays for a cold disk.
      await openssl('sha256', [path]);
      const measureOurs = async () => void ours.push(await seconds(() => product.offload(folder)));
      const measureTheirs = async () => {
        const upload = await seconds(() => bucket.upload(path, key));
        const readBack = await seconds(() => bucket.readBack(key));
        uploads.push(upload);
        readBacks.push(readBack);
        theirs.push(upload + readBack);
      };
      // Who goes first changes: what one leaves for the store to tidy up, the other pays for.
      for (const measure of round % 2 === 0 ? [measureOurs, measureTheirs] : [measureTheirs, measureOurs])
        await measure();
      if (round < rounds - 1) await bucket.remove(key);
    }
    const ratio = median(ours.map((time, round) => time / (theirs[round] ?? Number.NaN)));
    const lines: Line[] = [
      {
        what: 'upload -> sealed',
        measured: `${median(ours).toFixed(1)} s, ${rate(size, median(ours))}`,
        compared: `${times(ratio)} of aws s3 cp + openssl dgst`,
        aim: { text: 'below 1x', reached: ratio < 1 },
      },
      { what: 'aws s3 cp', measured: `${median(uploads).toFixed(1)} s, ${rate(size, median(uploads))}` },
      {
        what: 'read back, openssl dgst',
        measured: `${median(readBacks).toFixed(1)} s, ${rate(size, median(readBacks))}`,
      },
      await firstByte(product, layout, await bucket.signedUrl(key), { size, reads }),
    ];
    for (const part of ['web', 'worker'] as const) {
      const peak = await product.peakMemory(part);
      lines.push({ what: `peak memory, ${part}`, measured: `${Math.round(peak / mib)} MiB` });
    }
    printSection(`${size / mib} MiB on Ceph RGW, median of ${rounds}`, lines);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const rangeBytes = 256 * 1024;

async function firstByte(
  product: Product,
  layout: ReturnType<typeof layoutOf>,
  url: string,
  { size, reads }: Pick<S3Scale, 'size' | 'reads'>,
): Promise<Line> {
  const vault = await openVault(await vaultOf(layout));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    const version = await lastOriginal(product, size);
    const [ours, raw]: [number[], number[]] = [[], []];
    // The first of each opens connections.
    for (let read = -5; read < reads; read++) {
      const start = randomInt(0, size - rangeBytes);
      const mine = await firstOfRange(vault, version, start);
      const plain = await firstOfGet(agent, url, start);
      if (read >= 0) {
        ours.push(mine);
        raw.push(plain);
      }
    }
    const ratio = median(ours) / median(raw);
    return {
      what: `first byte of a range, ${reads} each`,
      measured: `${median(ours).toFixed(1)} ms`,
      compared: `${times(ratio)} of a bare signed GET`,
      aim: { text: 'at most 1.2x', reached: ratio <= 1.2 },
    };
  } finally {
    agent.destroy();
    await vault.close();
  }
}

/** The recording that was handed over last, by what its receipt says of it. */
async function lastOriginal({ officer }: Product, size: number): Promise<ObjectVersion> {
  const { items } = await officer.call('listEvidence', { query: { limit: 50 } });
  const id = items.find((item) => item.size === size)?.id ?? '';
  const custody = await officer.call('getCustody', { params: { id }, query: { limit: 200 } });
  const sealed = custody.items.map(({ event }) => event).find(({ type }) => type === 'evidence.sealed');
  if (sealed === undefined) throw new Error('the recording has not been sealed');
  const { vault } = sealed.data as { vault: { version: string } };
  return { key: parseObjectKey(`originals/${id}`), versionId: vault.version, size };
}

/** ms until the first bytes of a range are there; the rest is read as well, so that the connection can be used again. */
async function firstOfRange(vault: Vault, version: ObjectVersion, start: number): Promise<number> {
  const from = performance.now();
  let first: number | undefined;
  for await (const _ of vault.read(version, { start, end: start + rangeBytes })) first ??= performance.now() - from;
  return first ?? Number.NaN;
}

async function firstOfGet(agent: Agent, url: string, start: number): Promise<number> {
  const from = performance.now();
  const request = get(url, { agent, headers: { range: `bytes=${start}-${start + rangeBytes - 1}` } });
  const [reply] = (await once(request, 'response')) as [IncomingMessage];
  if (reply.statusCode !== 206) throw new Error(`the engine answered ${reply.statusCode}`);
  let first: number | undefined;
  for await (const _ of reply) first ??= performance.now() - from;
  return first ?? Number.NaN;
}
