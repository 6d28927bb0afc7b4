import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { claimDerivative, type DerivedFrom, findDerivedFrom } from '@fengcun/catalog';
import { type DerivativeKind, storedFindings } from '@fengcun/contracts';
import type { JobContext } from '@fengcun/jobs';
import { type Media, MediaError, openMedia, type ProxyIndex, type StillIndex } from '@fengcun/media';
import { type ClipKind, makeClip, serveProxy } from '@fengcun/media/testing';
import { parseObjectKey } from '@fengcun/vault';
import { withFaults } from '@fengcun/vault/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sealHandler } from '../seal/seal-handler.ts';
import { clock, jobContext, openBench, type TestBench } from '../testing/bench.ts';
import { receiveUpload } from '../testing/uploads.ts';
import type { DerivativeDependencies } from './make.ts';
import { probeHandler } from './probe-handler.ts';
import { proxyHandler } from './proxy-handler.ts';

let bench: TestBench;
let media: Media;

beforeAll(async () => {
  bench = await openBench();
  media = await openMedia({ scratchDir: join(bench.directory, 'scratch') });
});
afterAll(() => bench.close());

const dependencies = (given: Partial<DerivativeDependencies> = {}): DerivativeDependencies => ({
  catalog: bench.catalog,
  vault: bench.vault,
  media,
  clock,
  forgottenAfterMs: 10_000,
  ...given,
});

async function sealed(clip: ClipKind): Promise<string> {
  const bytes = await readFile(await makeClip(clip, join(bench.directory, 'clips')));
  const upload = await receiveUpload(bench.owner, bench.vault, bench.bureau, bytes, {
    partSize: 1024 * 1024,
    name: `${clip}.mp4`,
  });
  const { catalog, vault, pool } = bench;
  await sealHandler({ catalog, vault, replica: null, pool, readAhead: null, retentionDays: 183, clock })(
    { evidence: upload.id },
    context(),
  );
  return upload.id;
}

const context = (given: Partial<JobContext> = {}) => jobContext(bench.logger, given);

const probe = (evidence: string, given: Partial<DerivativeDependencies> = {}, job: Partial<JobContext> = {}) =>
  probeHandler(dependencies(given))({ evidence }, context(job));
const proxy = (evidence: string, given: Partial<DerivativeDependencies> = {}, job: Partial<JobContext> = {}) =>
  proxyHandler(dependencies(given))({ evidence }, context(job));

async function statesOf(evidence: string): Promise<Record<string, string>> {
  const rows = await bench.owner.selectFrom('derivative').selectAll().where('evidence_id', '=', evidence).execute();
  return Object.fromEntries(rows.map(({ kind, state, reason }) => [kind, reason ? `${state}: ${reason}` : state]));
}

const rowOf = (evidence: string, kind: DerivativeKind) =>
  bench.owner
    .selectFrom('derivative')
    .selectAll()
    .where('evidence_id', '=', evidence)
    .where('kind', '=', kind)
    .executeTakeFirstOrThrow();

const jobsFor = async (evidence: string) => {
  const rows = await bench.owner.selectFrom('outbox').select(['queue', 'job_key']).orderBy('id').execute();
  return rows
    .filter((row) => row.job_key.startsWith(evidence))
    .map((row) => `${row.queue} ${row.job_key.slice(36)}`.trim());
};

async function objectOf(evidence: string, kind: DerivativeKind): Promise<Buffer> {
  const { vault_key, vault_version, vault_size } = await rowOf(evidence, kind);
  const version = { key: parseObjectKey(vault_key ?? ''), versionId: vault_version ?? '', size: vault_size ?? 0 };
  const chunks: Uint8Array[] = [];
  for await (const chunk of bench.vault.read(version)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('a recording that plays', () => {
  test('gets its proxy and poster first, the rest in a job of its own', async () => {
    const evidence = await sealed('h264-aac');
    await probe(evidence);
    expect(await statesOf(evidence)).toMatchObject({ probe: 'ready', proxy: 'pending' });
    expect((await rowOf(evidence, 'probe')).duration_ms).toBeGreaterThan(9000);
    expect((await rowOf(evidence, 'probe')).data).toMatchObject({ kind: 'video', raw: { streams: expect.any(Array) } });
    await proxy(evidence);
    expect(await statesOf(evidence)).toEqual({
      probe: 'ready',
      proxy: 'ready',
      poster: 'ready',
      thumbnails: 'pending',
      waveform: 'pending',
    });
    expect(await jobsFor(evidence)).toEqual(['seal', 'probe', 'proxy', 'proxy .rest']);
    await proxy(evidence);
    expect(Object.values(await statesOf(evidence))).toEqual(Array(5).fill('ready'));
    const poster = await objectOf(evidence, 'poster');
    expect(poster.subarray(0, 2).toString('hex')).toBe('ffd8');
    expect((await rowOf(evidence, 'thumbnails')).data).toMatchObject({
      mediaType: 'image/jpeg',
      tiles: expect.any(Array),
    });
    expect(JSON.parse((await objectOf(evidence, 'waveform')).toString())).toMatchObject({
      version: 1,
      peaks: expect.any(Array),
    });
  });

  test('plays from the stored proxy with the key of its own', async () => {
    const evidence = await sealed('h264-aac');
    await probe(evidence);
    await proxy(evidence);
    const { data } = await rowOf(evidence, 'proxy');
    const { key } = await bench.owner
      .selectFrom('proxy_key')
      .selectAll()
      .where('evidence_id', '=', evidence)
      .executeTakeFirstOrThrow();
    const index = data as ProxyIndex;
    expect(index).toMatchObject({ method: 'remux', encryption: { method: 'AES-128' } });
    const served = await serveProxy({ index, bytes: await objectOf(evidence, 'proxy'), key });
    try {
      const played = await media.probe(await downloadFirst(served.playlistUrl, index));
      expect(played.kind).toBe('video');
    } finally {
      await served.close();
    }

    async function downloadFirst(playlistUrl: string, { encryption, initSegment }: ProxyIndex): Promise<string> {
      const { writeFile } = await import('node:fs/promises');
      const { createDecipheriv } = await import('node:crypto');
      const get = async (name: string) => Buffer.from(await (await fetch(new URL(name, playlistUrl))).arrayBuffer());
      const decipher = createDecipheriv('aes-128-cbc', key, Buffer.from(encryption.baseIv, 'hex'));
      const segment = Buffer.concat([decipher.update(await get('0.m4s')), decipher.final()]);
      expect(initSegment.length).toBeGreaterThan(0);
      const path = join(bench.directory, 'played.mp4');
      await writeFile(path, Buffer.concat([await get('init.mp4'), segment]));
      return path;
    }
  });

  test('without sound has no waveform to make', async () => {
    const evidence = await sealed('no-audio');
    await probe(evidence);
    expect(await statesOf(evidence)).toMatchObject({ proxy: 'pending', waveform: 'nothing_to_play: no-audio' });
  });

  test('of sound only has no pictures to make, and does get its waveform', async () => {
    const evidence = await sealed('wav');
    await probe(evidence);
    await proxy(evidence);
    await proxy(evidence);
    expect(await statesOf(evidence)).toEqual({
      probe: 'ready',
      proxy: 'ready',
      poster: 'nothing_to_play: no-video',
      thumbnails: 'nothing_to_play: no-video',
      waveform: 'ready',
    });
  });
});

describe('a still picture', () => {
  test('has something to be looked at made of it, encrypted under a key of its own, and nothing else', async () => {
    const evidence = await sealed('jpg');
    await probe(evidence);
    expect(await jobsFor(evidence)).toEqual(['seal', 'probe', 'proxy']);
    await proxy(evidence);
    expect(await statesOf(evidence)).toEqual({
      probe: 'ready',
      proxy: 'ready',
      poster: 'nothing_to_play: image',
      thumbnails: 'nothing_to_play: image',
      waveform: 'nothing_to_play: image',
    });
    const index = (await rowOf(evidence, 'proxy')).data as StillIndex;
    expect(index).toMatchObject({ width: 320, height: 180, still: { mediaType: 'image/jpeg' } });
    const { key } = await bench.owner
      .selectFrom('proxy_key')
      .selectAll()
      .where('evidence_id', '=', evidence)
      .executeTakeFirstOrThrow();
    const { createDecipheriv } = await import('node:crypto');
    const decipher = createDecipheriv('aes-128-cbc', key, Buffer.from(index.encryption.baseIv, 'hex'));
    const plain = Buffer.concat([decipher.update(await objectOf(evidence, 'proxy')), decipher.final()]);
    expect(plain).toHaveLength(index.still.size);
    expect(plain.subarray(0, 2).toString('hex')).toBe('ffd8');
  });
});

describe('a file with nothing to play', () => {
  test.each([
    ['text-named-mp4', 'not-media'],
    ['no-moov', 'no-moov'],
    ['empty', 'empty-file'],
    ['one-byte', 'not-media'],
    ['pdf', 'document'],
  ] as const)('%s is sealed all the same, and says why: %s', async (clip, reason) => {
    const evidence = await sealed(clip);
    await probe(evidence);
    expect(await statesOf(evidence)).toEqual({
      probe: 'ready',
      proxy: `nothing_to_play: ${reason}`,
      poster: `nothing_to_play: ${reason}`,
      thumbnails: `nothing_to_play: ${reason}`,
      waveform: `nothing_to_play: ${reason}`,
    });
    expect(storedFindings((await rowOf(evidence, 'proxy')).detail ?? '')).toHaveLength(1);
    expect(await jobsFor(evidence)).toEqual(['seal', 'probe']);
  });
});

describe('a derivative that cannot be made', () => {
  const failing = (method: keyof Media, error: Error): Media => ({ ...media, [method]: () => Promise.reject(error) });

  test('fails with its reason, leaves the others alone and the seal untouched', async () => {
    const evidence = await sealed('h264-aac');
    await probe(evidence);
    const before = await bench.owner.selectFrom('evidence').selectAll().where('id', '=', evidence).executeTakeFirst();
    const stuck = new MediaError('no_progress', 'ffmpeg made no progress for 60 s and was ended.', {
      stderrTail: 'frame= 0\0',
    });
    await proxy(evidence, { media: failing('makeProxy', stuck) });
    expect(await statesOf(evidence)).toMatchObject({ proxy: 'failed: no_progress', poster: 'ready' });
    const [found] = storedFindings((await rowOf(evidence, 'proxy')).detail ?? '') ?? [];
    expect(found?.facts.said).toContain('frame= 0');
    expect(await bench.owner.selectFrom('evidence').selectAll().where('id', '=', evidence).executeTakeFirst()).toEqual(
      before,
    );
  });

  test('is made after all when somebody asks again', async () => {
    const evidence = await sealed('h264-aac');
    await probe(evidence);
    await proxy(evidence, { media: failing('makePoster', new MediaError('timed_out', 'Too slow.')) });
    await bench.owner
      .updateTable('derivative')
      .set({ state: 'pending' })
      .where('evidence_id', '=', evidence)
      .where('kind', '=', 'poster')
      .execute();
    await proxy(evidence);
    const poster = await rowOf(evidence, 'poster');
    expect(poster).toMatchObject({ state: 'ready', reason: null, detail: null, attempts: 2 });
  });

  test('because the probe failed is revived by a probe that succeeds', async () => {
    const evidence = await sealed('h264-aac');
    await probe(evidence, { media: failing('probe', new MediaError('timed_out', 'ffprobe took too long.')) });
    expect(await statesOf(evidence)).toMatchObject({ probe: 'failed: timed_out', proxy: 'failed: probe_failed' });
    await bench.owner
      .updateTable('derivative')
      .set({ state: 'pending' })
      .where('evidence_id', '=', evidence)
      .where('kind', '=', 'probe')
      .execute();
    await probe(evidence);
    expect(await statesOf(evidence)).toMatchObject({ probe: 'ready', proxy: 'pending', waveform: 'pending' });
  });

  test('for a fault of the vault stays pending and is tried again', async () => {
    const evidence = await sealed('h264-aac');
    const { vault, faults } = withFaults(bench.vault);
    faults.setUnavailable(true);
    await expect(probe(evidence, { vault })).rejects.toMatchObject({ code: 'unavailable' });
    expect(await statesOf(evidence)).toMatchObject({ probe: 'pending' });
    faults.setUnavailable(false);
    await probe(evidence, { vault });
    expect(await statesOf(evidence)).toMatchObject({ probe: 'ready' });
  });

  test('because the worker is closing stays pending', async () => {
    const evidence = await sealed('h264-aac');
    const signal = AbortSignal.abort();
    await expect(probe(evidence, {}, { signal })).rejects.toMatchObject({ code: 'aborted' });
    expect(await statesOf(evidence)).toMatchObject({ probe: 'pending' });
  });

  test('whose remux fails is encoded instead', async () => {
    const evidence = await sealed('h264-aac');
    await probe(evidence);
    const makeProxy: Media['makeProxy'] = (input, options) =>
      options.streams === 'encode'
        ? media.makeProxy(input, options)
        : Promise.reject(new MediaError('ffmpeg_failed', 'Timestamps that the muxer refuses.'));
    await proxy(evidence, { media: { ...media, makeProxy } });
    expect((await rowOf(evidence, 'proxy')).data).toMatchObject({ method: 'transcode' });
  });

  test('in a dozen attempts without an end is left to a person', async () => {
    const evidence = await sealed('h264-aac');
    await bench.owner
      .updateTable('derivative')
      .set({ attempts: 11 })
      .where('evidence_id', '=', evidence)
      .where('kind', '=', 'probe')
      .execute();
    await probe(evidence);
    expect(await statesOf(evidence)).toMatchObject({ probe: 'failed: gave_up', proxy: 'failed: probe_failed' });
  });

  test('keeps metadata that PostgreSQL cannot store, as far as it can', async () => {
    const evidence = await sealed('h264-aac');
    const real = media.probe;
    const probing: Media['probe'] = async (path) => ({ ...(await real(path)), raw: { 'a\0b': 'x\0y\ud800' } });
    await probe(evidence, { media: { ...media, probe: probing } });
    expect((await rowOf(evidence, 'probe')).data).toMatchObject({ raw: { 'a\ufffdb': 'x\ufffdy\ufffd' } });
  });
});

describe('two workers on one derivative', () => {
  test('do not make it twice: who comes second leaves it to the first', async () => {
    const evidence = await sealed('h264-aac');
    await probe(evidence);
    let made = 0;
    const makeProxy: Media['makeProxy'] = (input, options) => {
      made++;
      return media.makeProxy(input, options);
    };
    await Promise.all([1, 2].map(() => proxy(evidence, { media: { ...media, makeProxy } })));
    expect(made).toBe(1);
    expect(await statesOf(evidence)).toMatchObject({ proxy: 'ready', poster: 'ready' });
  });

  test('take over from one that died, whose late result no longer counts and is removed', async () => {
    const evidence = await sealed('h264-aac');
    await probe(evidence);
    const dead = (await findDerivedFrom(bench.catalog, evidence)) as DerivedFrom;
    const entered = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const slow: Media['makePoster'] = async (input, options) => {
      entered.resolve();
      await release.promise;
      return media.makePoster(input, { ...options, signal: undefined });
    };
    const first = proxy(evidence, { media: { ...media, makePoster: slow }, forgottenAfterMs: 3_600_000 });
    await entered.promise;
    const later = { now: () => new Date(Date.now() + 7_200_000) };
    const claim = await claimDerivative(bench.catalog, dead, 'poster', { clock: later, ms: 1000 });
    expect(claim?.attempt).toBe(2);
    release.resolve();
    await first;
    expect(await statesOf(evidence)).toMatchObject({ poster: 'pending' });
    expect((await rowOf(evidence, 'poster')).vault_version).toBeNull();
  });
});
