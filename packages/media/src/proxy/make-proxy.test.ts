import { execFile } from 'node:child_process';
import { createDecipheriv } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Media, openMedia, type ProxyIndex, type ProxyOptions, renderPlaylist } from '../index.ts';
import { type ClipKind, makeClip, serveProxy } from '../testing/index.ts';
import { clipDirectory, processesIn, temporaryDirectory } from '../testing/workshop.ts';
import { segmentIv } from './encryption.ts';

const execute = promisify(execFile);
const key = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex');

let media: Media;
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let scratchDir: string;

beforeAll(async () => {
  directory = await temporaryDirectory();
  scratchDir = join(directory.path, 'scratch');
  media = await openMedia({ scratchDir });
});
afterAll(() => directory[Symbol.asyncDispose]());

async function collect(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

async function proxyOf(
  kind: ClipKind,
  options: Partial<ProxyOptions<Buffer>> = {},
): Promise<{ index: ProxyIndex; stored: Buffer }> {
  const path = await makeClip(kind, clipDirectory);
  return await media.makeProxy({ path, probe: await media.probe(path) }, { key, sink: collect, ...options });
}

interface Played {
  readonly streams: readonly {
    readonly codec_type: string;
    readonly nb_read_frames?: string;
    readonly start_time?: string;
  }[];
}

/** What an independent player makes of the proxy: ffprobe over HTTP, decrypting and decoding every frame. Throws if it complains. */
async function play(index: ProxyIndex, bytes: Buffer, playKey: Uint8Array = key): Promise<Played> {
  const server = await serveProxy({ index, bytes, key: playKey });
  try {
    const args = ['-v', 'error', '-count_frames', '-show_streams', '-of', 'json', server.playlistUrl];
    const { stdout, stderr } = await execute('ffprobe', args);
    if (stderr.trim() !== '') throw new Error(stderr);
    return JSON.parse(stdout) as Played;
  } finally {
    await server.close();
  }
}

const framesOf = (played: Played) =>
  Object.fromEntries(played.streams.map((stream) => [stream.codec_type, Number(stream.nb_read_frames)]));

describe('a recording that browsers play is copied', () => {
  it.each<[ClipKind, number, Partial<ProxyIndex>]>([
    ['h264-aac', 250, { codecs: 'avc1.4d400c,mp4a.40.2', width: 320, height: 180 }],
    ['h264-mkv', 150, { codecs: 'avc1.4d400c,mp4a.40.2' }],
    ['no-audio', 150, { codecs: 'avc1.4d400c', audio: 'none' }],
    ['fragmented', 150, { codecs: 'avc1.4d400c,mp4a.40.2' }],
  ])('%s: all %i frames', async (kind, frames, expected) => {
    const { index, stored } = await proxyOf(kind);
    expect(index).toMatchObject({ method: 'remux', video: 'copied', independentSegments: true, ...expected });
    expect(framesOf(await play(index, stored))).toMatchObject({ video: frames });
  });

  it('bit for bit: the pictures decode to the same values as the original', async () => {
    const { index, stored } = await proxyOf('h264-aac');
    const server = await serveProxy({ index, bytes: stored, key });
    const digest = async (input: string) =>
      (await execute('ffmpeg', ['-v', 'error', '-i', input, '-map', '0:v', '-f', 'md5', '-'])).stdout;
    expect(await digest(server.playlistUrl)).toBe(await digest(await makeClip('h264-aac', clipDirectory)));
    await server.close();
  });

  it('sound alone', async () => {
    const { index, stored } = await proxyOf('m4a');
    expect(index).toMatchObject({ method: 'remux', video: 'none', audio: 'copied', codecs: 'mp4a.40.2', width: null });
    expect(framesOf(await play(index, stored)).audio).toBeGreaterThan(400);
  });

  it('of two sound tracks the default one is kept and the other named', async () => {
    const { index, stored } = await proxyOf('two-audio');
    expect(index.dropped).toEqual([{ index: 2, what: 'audio', codec: 'aac', why: 'another-track-was-kept' }]);
    expect((await play(index, stored)).streams.map((stream) => stream.codec_type)).toEqual(['video', 'audio']);
  });

  it('a cut one as far as it goes, without the half picture at its end', async () => {
    for (const kind of ['cut-moov-first', 'cut-fragmented'] as const) {
      const { index, stored } = await proxyOf(kind);
      expect(index.method).toBe('remux');
      // A damaged last picture makes the decoder complain, and play() with it.
      expect(framesOf(await play(index, stored)).video).toBeGreaterThan(50);
    }
  });
});

describe('what browsers do not play is encoded', () => {
  it.each<[ClipKind, Partial<ProxyIndex>, { video?: number }]>([
    ['hevc', { video: 'encoded', audio: 'copied' }, { video: 50 }],
    ['h264-10bit', { video: 'encoded', audio: 'none' }, { video: 50 }],
    ['mpeg4-avi', { video: 'encoded', audio: 'encoded' }, { video: 50 }],
    ['pcm-mov', { video: 'copied', audio: 'encoded' }, { video: 50 }],
    ['h264-mp3', { video: 'copied', audio: 'encoded' }, { video: 50 }],
    ['rotated', { video: 'encoded', width: 180, height: 320 }, {}],
    ['sparse-keyframes', { video: 'encoded' }, { video: 450 }],
    ['wav', { video: 'none', audio: 'encoded' }, {}],
    ['mp3', { video: 'none', audio: 'encoded' }, {}],
  ])('%s', async (kind, expected, frames) => {
    const { index, stored } = await proxyOf(kind);
    expect(index).toMatchObject({ method: 'transcode', ...expected });
    expect(index.codecs).toMatch(expected.video === 'none' ? /^mp4a\.40\.2$/ : /^avc1\.[0-9a-f]{6}/);
    expect(framesOf(await play(index, stored))).toMatchObject(frames);
  });

  it('a variable frame rate becomes a constant one', async () => {
    const { index, stored } = await proxyOf('variable-rate');
    const server = await serveProxy({ index, bytes: stored, key });
    const { stdout } = await execute('ffprobe', [
      '-v',
      'error',
      '-show_entries',
      'packet=pts_time',
      '-of',
      'csv=p=0',
      server.playlistUrl,
    ]);
    await server.close();
    const times = stdout
      .split('\n')
      .filter(Boolean)
      .map(Number.parseFloat)
      .sort((a, b) => a - b);
    const gaps = new Set(times.slice(1).map((time, at) => Math.round((time - (times[at] ?? 0)) * 1000)));
    expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThanOrEqual(1);
  });

  it('anything, when the caller asks', async () => {
    const { index } = await proxyOf('h264-aac', { streams: 'encode', profile: { shortSide: 90, longSide: 160 } });
    expect(index).toMatchObject({ method: 'transcode', video: 'encoded', audio: 'encoded', width: 160, height: 90 });
  });
});

describe('the index', () => {
  it('covers the stored bytes without a gap, in segments of about four seconds', async () => {
    const { index, stored } = await proxyOf('h264-aac');
    const spans = [index.initSegment, ...index.segments];
    for (const [at, span] of spans.entries()) expect(span.offset).toBe(at === 0 ? 0 : end(spans[at - 1]));
    expect(end(spans.at(-1))).toBe(stored.length);
    expect(index.totalBytes).toBe(stored.length);
    expect(index.segments.map((segment) => segment.durationMs)).toEqual([4000, 4000, 2021]);
    expect(index.targetDuration).toBe(4);
    expect(index.durationMs).toBe(10_021);
  });

  it('keeps the original’s place names and comments out of the initialization segment', async () => {
    const path = join(directory.path, 'placed.mp4');
    const original = await makeClip('no-audio', clipDirectory);
    await execute('ffmpeg', [
      '-v',
      'error',
      '-i',
      original,
      '-c',
      'copy',
      '-metadata',
      'location=+39.9042+116.4074/',
      '-metadata',
      'title=Case77',
      path,
    ]);
    const { index, stored } = await media.makeProxy({ path, probe: await media.probe(path) }, { key, sink: collect });
    const init = stored.subarray(0, index.initSegment.length).toString('latin1');
    expect(init).not.toMatch(/39\.9042|Case77/);
  });

  it('sound and picture start together', async () => {
    const { index, stored } = await proxyOf('h264-aac');
    const starts = (await play(index, stored)).streams.map((stream) => Number(stream.start_time));
    // One AAC frame of encoder delay is 21 ms.
    expect(Math.max(...starts) - Math.min(...starts)).toBeLessThan(0.03);
  });
});

describe('encryption', () => {
  it('each segment is AES-128-CBC with PKCS7 under its own IV', async () => {
    const { index, stored } = await proxyOf('no-audio');
    for (const [n, { offset, length }] of index.segments.entries()) {
      const decipher = createDecipheriv('aes-128-cbc', key, segmentIv(index.encryption.baseIv, n));
      const plain = Buffer.concat([decipher.update(stored.subarray(offset, offset + length)), decipher.final()]);
      expect(plain.toString('latin1', 4, 8)).toBe('moof');
    }
    expect(stored.subarray(index.initSegment.length).includes('moof')).toBe(false);
  });

  it('does not play with another key', async () => {
    const { index, stored } = await proxyOf('no-audio');
    expect(framesOf(await play(index, stored, Buffer.alloc(16, 7)))).toEqual({ video: Number.NaN });
  });

  it('two proxies of one recording under one key share no ciphertext', async () => {
    const [one, two] = [await proxyOf('no-audio'), await proxyOf('no-audio')];
    expect(one.index.initSegment).toEqual(two.index.initSegment);
    const body = (proxy: typeof one) =>
      proxy.stored.subarray(proxy.index.initSegment.length, proxy.index.initSegment.length + 16);
    expect(body(one).equals(body(two))).toBe(false);
  });

  it('refuses a key that is not 16 bytes', async () => {
    await expect(proxyOf('no-audio', { key: new Uint8Array(15) })).rejects.toThrow('16 bytes');
  });
});

describe('when it goes wrong', () => {
  const nothingLeft = async () => {
    await vi.waitFor(async () => expect(await processesIn(scratchDir)).toEqual([]));
    expect(await readdir(scratchDir)).toEqual([]);
  };

  it('what has nothing to play is refused by name', async () => {
    await expect(proxyOf('no-moov')).rejects.toMatchObject({ code: 'not_media' });
    await expect(proxyOf('jpg')).rejects.toMatchObject({ code: 'not_media' });
  });

  it('the sink sees an error, not an end, when ffmpeg fails', async () => {
    const [good, bad] = [await makeClip('h264-aac', clipDirectory), await makeClip('garbage-named-mp4', clipDirectory)];
    let ended = false;
    const made = media.makeProxy(
      { path: bad, probe: await media.probe(good) },
      {
        key,
        sink: async (bytes) => {
          await collect(bytes);
          ended = true;
        },
      },
    );
    await expect(made).rejects.toMatchObject({ code: 'ffmpeg_failed', stderrTail: expect.stringMatching(/\S/) });
    expect(ended).toBe(false);
    await nothingLeft();
  });

  it('abort in the middle leaves no ffmpeg and no file behind', async () => {
    const abort = new AbortController();
    const made = media.makeProxy(await endlessInput(), {
      key,
      signal: abort.signal,
      sink: async (bytes) => {
        await vi.waitFor(async () => expect(await processesIn(scratchDir)).toHaveLength(1), { timeout: 20_000 });
        abort.abort();
        await collect(bytes);
      },
    });
    await expect(made).rejects.toMatchObject({ code: 'aborted' });
    await nothingLeft();
  });

  it('an ffmpeg that waits for ever is found out', async () => {
    const impatient = await openMedia({ scratchDir, limits: { noProgressMs: 500 } });
    await expect(impatient.makeProxy(await endlessInput(), { key, sink: collect })).rejects.toMatchObject({
      code: 'no_progress',
    });
    await nothingLeft();
  });

  /** A recording whose bytes never come. */
  async function endlessInput() {
    const path = join(directory.path, `pipe-${Math.random().toString(36).slice(2)}`);
    await execute('mkfifo', [path]);
    return { path, probe: await media.probe(await makeClip('h264-aac', clipDirectory)) };
  }

  it('a sink that fails ends the work with its own error', async () => {
    const sink = async (bytes: AsyncIterable<Uint8Array>): Promise<Buffer> => {
      for await (const _ of bytes) throw new Error('vault full');
      return Buffer.alloc(0);
    };
    await expect(proxyOf('h264-aac', { sink })).rejects.toThrow('vault full');
    await nothingLeft();
  });

  it('a sink that stops reading is not taken for a stored proxy', async () => {
    const sink = async (): Promise<Buffer> => Buffer.alloc(0);
    await expect(proxyOf('h264-aac', { sink })).rejects.toMatchObject({ code: 'io' });
    await nothingLeft();
  });

  it('output has a bound', async () => {
    const small = await openMedia({ scratchDir, limits: { proxyBytes: 100_000 } });
    const path = await makeClip('h264-aac', clipDirectory);
    const made = small.makeProxy({ path, probe: await small.probe(path) }, { key, sink: collect });
    await expect(made).rejects.toMatchObject({ code: 'output_too_large' });
    await nothingLeft();
  });
});

it('reports progress up to the end', async () => {
  const fractions: (number | null)[] = [];
  await proxyOf('h264-aac', { streams: 'encode', onProgress: ({ fraction }) => fractions.push(fraction) });
  expect(fractions.at(-1)).toBeGreaterThan(0.9);
});

it('renders a playlist with the map in the clear, a key and IV for each segment, and an end', async () => {
  const { index } = await proxyOf('no-audio');
  const fixed = { ...index, encryption: { method: 'AES-128', baseIv: 'fffffffffffffffffffffffffffffffe' } } as const;
  expect(renderPlaylist(fixed, { keyUri: 'k', initUri: 'i', segmentUri: (n) => `s${n}` })).toBe(
    [
      ...[
        '#EXTM3U',
        '#EXT-X-VERSION:6',
        '#EXT-X-TARGETDURATION:4',
        '#EXT-X-MEDIA-SEQUENCE:0',
        '#EXT-X-PLAYLIST-TYPE:VOD',
      ],
      ...['#EXT-X-INDEPENDENT-SEGMENTS', '#EXT-X-MAP:URI="i"'],
      ...['#EXT-X-KEY:METHOD=AES-128,URI="k",IV=0xfffffffffffffffffffffffffffffffe', '#EXTINF:4.000,', 's0'],
      ...['#EXT-X-KEY:METHOD=AES-128,URI="k",IV=0xffffffffffffffffffffffffffffffff', '#EXTINF:2.000,', 's1'],
      ...['#EXT-X-ENDLIST', ''],
    ].join('\n'),
  );
  expect(() => renderPlaylist(index, { keyUri: 'a"b', initUri: 'i', segmentUri: () => 's' })).toThrow(TypeError);
});

function end(span: { readonly offset: number; readonly length: number } | undefined): number {
  return span ? span.offset + span.length : Number.NaN;
}
