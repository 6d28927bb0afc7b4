import { execFile } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Media, openMedia } from '../index.ts';
import { type ClipKind, makeClip } from '../testing/index.ts';
import { clipDirectory, temporaryDirectory } from '../testing/workshop.ts';

const execute = promisify(execFile);
let media: Media;
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;

beforeAll(async () => {
  directory = await temporaryDirectory();
  media = await openMedia({ scratchDir: join(directory.path, 'scratch') });
});
afterAll(() => directory[Symbol.asyncDispose]());

async function inputOf(kind: ClipKind) {
  const path = await makeClip(kind, clipDirectory);
  return { path, probe: await media.probe(path) };
}

const mark = { lines: ['李警官 043217', '2026-01-02 03:04 事件 1234', '#a1b2c3d4'] };
const hostile = {
  lines: ["o'Neil: [x],;%{pts}\\ '':", 'drawtext=text=x', 'a\nb\u0000c\ud800,boxblur=20[out];[0:v]null'],
};

async function burn(kind: ClipKind, lines: { readonly lines: readonly string[] } = mark) {
  const path = join(directory.path, `${kind}-${Math.random().toString(36).slice(2)}`);
  const fractions: number[] = [];
  const copy = await media.makeBurntCopy(await inputOf(kind), {
    mark: lines,
    sink: async (bytes, size) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of bytes) chunks.push(chunk);
      await writeFile(path, Buffer.concat(chunks));
      return { size, read: chunks.reduce((sum, chunk) => sum + chunk.length, 0) };
    },
    onProgress: ({ fraction }) => fractions.push(fraction ?? -1),
  });
  return { ...copy, path, fractions };
}

/** One frame as grey values, and the file's streams and tags, as a stranger's tools see them. */
async function frameOf(path: string, second: number, size: string): Promise<Buffer> {
  const { stdout } = await execute(
    'ffmpeg',
    [
      '-v',
      'error',
      '-ss',
      String(second),
      '-i',
      path,
      '-frames:v',
      '1',
      '-vf',
      `scale=${size}`,
      '-pix_fmt',
      'gray',
      '-f',
      'rawvideo',
      '-',
    ],
    { encoding: 'buffer', maxBuffer: 64 * 1024 * 1024 },
  );
  return stdout;
}
async function describeFile(path: string) {
  const { stdout } = await execute('ffprobe', ['-v', 'error', '-show_streams', '-show_format', '-of', 'json', path]);
  return JSON.parse(stdout) as {
    streams: { codec_type: string; codec_name: string; width?: number; height?: number }[];
    format: { duration: string; tags?: Record<string, string> };
  };
}

/** Share of pixels, in each cell of a grid over the picture, that differ clearly from the original. */
function differences(a: Buffer, b: Buffer, width: number, height: number, grid: number): number[] {
  const cells = Array.from({ length: grid * grid }, () => ({ different: 0, all: 0 }));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const cell = cells[Math.floor((y * grid) / height) * grid + Math.floor((x * grid) / width)];
      if (!cell) continue;
      cell.all++;
      if (Math.abs((a[y * width + x] ?? 0) - (b[y * width + x] ?? 0)) > 24) cell.different++;
    }
  }
  return cells.map(({ different, all }) => different / all);
}

describe('a burnt copy', () => {
  it('of a film carries the mark in every part of the picture, and not twice at the same place', async () => {
    const copy = await burn('h264-aac');
    expect(copy).toMatchObject({ mark: 'picture', mediaType: 'video/mp4', extension: 'mp4' });
    expect(copy.stored.read).toBe(copy.stored.size);
    const { streams, format } = await describeFile(copy.path);
    expect(streams.map((stream) => [stream.codec_type, stream.codec_name])).toEqual([
      ['video', 'h264'],
      ['audio', 'aac'],
    ]);
    expect(Number(format.duration)).toBeCloseTo(10, 0);
    expect(format.tags).toMatchObject({ title: '李警官 043217' });
    const original = await makeClip('h264-aac', clipDirectory);
    const [early, late] = await Promise.all(
      [2, 8].map(async (second) =>
        differences(
          await frameOf(original, second, '320:180'),
          await frameOf(copy.path, second, '320:180'),
          320,
          180,
          3,
        ),
      ),
    );
    // Whatever ninth is cut out has some of it.
    for (const share of [...(early ?? []), ...(late ?? [])]) expect(share).toBeGreaterThan(0.005);
    expect(early).not.toEqual(late);
    expect(Math.max(...copy.fractions)).toBeGreaterThan(0.5);
  });

  it('shows the viewer’s Chinese name and not empty boxes: another name is another picture', async () => {
    const [one, other] = await Promise.all([burn('jpg', { lines: ['王建国'] }), burn('jpg', { lines: ['李淑芬'] })]);
    const [a, b] = await Promise.all([frameOf(one.path, 0, '320:180'), frameOf(other.path, 0, '320:180')]);
    expect(differences(a, b, 320, 180, 1)[0]).toBeGreaterThan(0.005);
  });

  it.each(['rotated', 'hevc', 'variable-rate', 'mpeg4-avi', 'cut-fragmented', 'no-audio'] as const)(
    'of %s plays',
    async (kind) => {
      const copy = await burn(kind);
      const { streams } = await describeFile(copy.path);
      expect(streams[0]).toMatchObject({ codec_name: 'h264' });
      if (kind === 'rotated') expect(streams[0]).toMatchObject({ width: 180, height: 320 });
    },
  );

  it('of sound carries it in the tags, and says that it is only there', async () => {
    const copy = await burn('wav');
    expect(copy).toMatchObject({ mark: 'metadata', mediaType: 'audio/mp4' });
    const { streams, format } = await describeFile(copy.path);
    expect(streams.map((stream) => stream.codec_name)).toEqual(['aac']);
    expect(format.tags).toMatchObject({ comment: '李警官 043217 / 2026-01-02 03:04 事件 1234 / #a1b2c3d4' });
  });

  it('of a picture is a picture of the same size', async () => {
    const copy = await burn('jpg');
    expect(copy).toMatchObject({ mark: 'picture', mediaType: 'image/jpeg' });
    expect((await describeFile(copy.path)).streams[0]).toMatchObject({ codec_name: 'mjpeg', width: 320, height: 180 });
  });

  it('takes any text for text', async () => {
    const copy = await burn('no-audio', hostile);
    expect((await describeFile(copy.path)).streams).toHaveLength(1);
    const original = await makeClip('no-audio', clipDirectory);
    const shares = differences(
      await frameOf(original, 2, '320:180'),
      await frameOf(copy.path, 2, '320:180'),
      320,
      180,
      1,
    );
    // Text over it, and neither blurred nor bare.
    expect(shares[0]).toBeGreaterThan(0.005);
    expect(shares[0]).toBeLessThan(0.5);
  });

  it.each(['pdf', 'empty', 'no-moov', 'text-named-mp4'] as const)('of %s is refused', async (kind) => {
    await expect(burn(kind)).rejects.toMatchObject({ code: 'not_media' });
  });

  it('is refused without a font that has the characters', async () => {
    const bare = await openMedia({ scratchDir: join(directory.path, 'scratch'), cjkFont: '/nowhere/font.ttc' });
    const sink = () => expect.unreachable('nothing was made');
    await expect(bare.makeBurntCopy(await inputOf('h264-aac'), { mark, sink })).rejects.toMatchObject({
      code: 'font_missing',
    });
  });

  it('leaves nothing behind when it cannot be stored', async () => {
    const input = await inputOf('h264-aac');
    const made = media.makeBurntCopy(input, { mark, sink: () => Promise.reject(new Error('the vault is full')) });
    await expect(made).rejects.toThrow('the vault is full');
    expect(await readdir(join(directory.path, 'scratch'))).toEqual([]);
  });
});
