import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { RedactionMark } from '@fengcun/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Media, MediaError, openMedia, type RedactedFile } from '../index.ts';
import { type ClipKind, makeClip } from '../testing/index.ts';
import { runFfmpeg } from '../testing/run-ffmpeg.ts';
import { clipDirectory, temporaryDirectory } from '../testing/workshop.ts';

const execute = promisify(execFile);
let media: Media;
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;

beforeAll(async () => {
  directory = await temporaryDirectory();
  media = await openMedia({ scratchDir: join(directory.path, 'scratch') });
  await mkdir(clipDirectory, { recursive: true });
});
afterAll(() => directory[Symbol.asyncDispose]());

async function redact(path: string, marks: readonly RedactionMark[], line: string | null = '事件 1234') {
  const kept = join(directory.path, `${Math.random().toString(36).slice(2)}.mp4`);
  const fractions: number[] = [];
  const made = await media.makeRedacted(
    { path, probe: await media.probe(path) },
    {
      marks,
      line,
      onProgress: (fraction) => fractions.push(fraction),
      use: async ({ path: from, ...file }) => {
        await copyFile(from, kept);
        return file as Omit<RedactedFile, 'path'>;
      },
    },
  );
  return { ...made, path: kept, fractions };
}
const clip = (kind: ClipKind) => makeClip(kind, clipDirectory);

interface Pixels {
  readonly at: (x: number, y: number) => number;
}
/** One picture as luma, 320 by 180 (a rotated one 180 by 320). */
async function frameOf(path: string, second: number, width = 320, height = 180): Promise<Pixels> {
  const scale = `scale=${width}:${height}:flags=neighbor,format=yuv420p,extractplanes=y`;
  const options = [
    '-v',
    'error',
    '-ss',
    String(second),
    '-i',
    path,
    '-frames:v',
    '1',
    '-vf',
    scale,
    '-f',
    'rawvideo',
    '-',
  ];
  const { stdout } = await execute('ffmpeg', options, { encoding: 'buffer', maxBuffer: 1 << 24 });
  return { at: (x, y) => stdout[y * width + x] ?? -1 };
}
/** Share of pixels in a rectangle that differ clearly. */
function different(a: Pixels, b: Pixels, [x, y, w, h]: readonly [number, number, number, number]): number {
  let count = 0;
  for (let row = y; row < y + h; row++)
    for (let column = x; column < x + w; column++) if (Math.abs(a.at(column, row) - b.at(column, row)) > 24) count++;
  return count / (w * h);
}
function brightest(a: Pixels, [x, y, w, h]: readonly [number, number, number, number]): number {
  let most = 0;
  for (let row = y; row < y + h; row++)
    for (let column = x; column < x + w; column++) most = Math.max(most, a.at(column, row));
  return most;
}
/** Loudest sample of a while, 0 to 1. */
async function loudness(path: string, from: number, seconds: number): Promise<number> {
  const options = [
    '-v',
    'error',
    '-ss',
    String(from),
    '-t',
    String(seconds),
    '-i',
    path,
    '-ac',
    '1',
    '-f',
    's16le',
    '-',
  ];
  const { stdout } = await execute('ffmpeg', options, { encoding: 'buffer', maxBuffer: 1 << 24 });
  let most = 0;
  for (let byte = 0; byte + 1 < stdout.length; byte += 2) most = Math.max(most, Math.abs(stdout.readInt16LE(byte)));
  return most / 32_768;
}
async function describeFile(path: string) {
  const options = ['-v', 'error', '-show_streams', '-show_format', '-show_chapters', '-of', 'json', path];
  const { stdout } = await execute('ffprobe', options);
  return JSON.parse(stdout) as {
    streams: { codec_type: string; codec_name: string; tags?: Record<string, string> }[];
    format: { duration: string; tags?: Record<string, string> };
    chapters: unknown[];
  };
}

const quarter = { kind: 'region', x: 0.5, y: 0, w: 0.25, h: 0.5, reason: 'face' } as const;
const inside = [162, 2, 76, 86] as const;

describe('what is covered', () => {
  it('is black for its while, edges of the while included, and everything else is as it was', async () => {
    const original = await clip('h264-aac');
    const made = await redact(original, [{ ...quarter, style: 'solid', from: 2000, to: 5000 }]);
    expect(made).toMatchObject({ mediaType: 'video/mp4', mark: 'picture' });
    for (const second of [2, 2.5, 3.5, 4.96])
      expect(brightest(await frameOf(made.path, second), inside)).toBeLessThan(40);
    for (const second of [1, 6, 9]) {
      expect(different(await frameOf(original, second), await frameOf(made.path, second), inside)).toBeLessThan(0.05);
    }
    const [before, after] = [await frameOf(original, 3.5), await frameOf(made.path, 3.5)];
    for (const outside of [
      [0, 0, 156, 150],
      [244, 0, 76, 150],
      [160, 96, 80, 50],
    ] as const) {
      expect(different(before, after, outside)).toBeLessThan(0.05);
    }
    expect(Number((await describeFile(made.path)).format.duration)).toBeCloseTo(10, 0);
    expect(Math.max(...made.fractions)).toBe(1);
    expect(await readdir(join(directory.path, 'scratch'))).toEqual([]);
  });

  it.each(['blur', 'pixelate'] as const)(
    'with %s keeps nothing of fine print: two recordings that differ in it become one',
    async (style) => {
      const print = async (phase: number) => {
        const path = join(directory.path, `print-${phase}.mp4`);
        const squares = `geq=lum='if(mod(floor(X/3)+floor(Y/3)+${phase},2),235,16)':cb=128:cr=128`;
        await runFfmpeg([
          '-f',
          'lavfi',
          '-i',
          'color=gray:s=320x180:r=25:d=2',
          '-vf',
          squares,
          '-c:v',
          'libx264',
          '-crf',
          '4',
          '-y',
          path,
        ]);
        const made = await redact(path, [{ ...quarter, style, from: 0, to: 2000 }]);
        return { before: await frameOf(path, 1), after: await frameOf(made.path, 1) };
      };
      const [one, other] = [await print(0), await print(1)];
      expect(different(one.before, other.before, inside)).toBeGreaterThan(0.9);
      expect(different(one.after, other.after, [164, 4, 70, 80])).toBeLessThan(0.02);
      expect(different(one.after, other.after, [4, 4, 140, 130])).toBeGreaterThan(0.9);
    },
  );

  it('is the whole picture where that is asked for', async () => {
    const made = await redact(
      await clip('no-audio'),
      [{ kind: 'picture', style: 'solid', from: 1000, to: 3000, reason: 'minor' }],
      null,
    );
    expect(made.mark).toBe('none');
    expect(brightest(await frameOf(made.path, 2), [2, 2, 316, 176])).toBeLessThan(40);
    expect(brightest(await frameOf(made.path, 5), [2, 2, 316, 176])).toBeGreaterThan(100);
  });

  it.each(['hevc', 'variable-rate', 'cut-fragmented'] as const)('of %s is covered too', async (kind) => {
    const made = await redact(await clip(kind), [{ ...quarter, style: 'solid', from: 0, to: 1500 }]);
    expect(brightest(await frameOf(made.path, 0.5), inside)).toBeLessThan(40);
  });

  it('of a rotated recording lies where it is on the upright picture', async () => {
    const made = await redact(await clip('rotated'), [
      { ...quarter, x: 0, y: 0, w: 1, h: 0.25, style: 'solid', from: 0, to: 2000 },
    ]);
    const frame = await frameOf(made.path, 1, 180, 320);
    expect(brightest(frame, [2, 2, 176, 76])).toBeLessThan(40);
    expect(brightest(frame, [2, 84, 176, 100])).toBeGreaterThan(100);
  });

  it('many at once, all of them', async () => {
    const marks = Array.from({ length: 24 }, (_, n) => ({
      ...quarter,
      style: (['solid', 'blur', 'pixelate'] as const)[n % 3] ?? 'solid',
      x: (n % 10) / 10,
      y: Math.floor(n / 10) / 10,
      w: 0.08,
      h: 0.08,
      from: 500,
      to: 1500,
    }));
    const made = await redact(await clip('mpeg4-avi'), marks);
    expect(brightest(await frameOf(made.path, 1), [2, 2, 20, 8])).toBeLessThan(40);
  });
});

describe('sound', () => {
  it('is silent where it is muted, a tone where it is covered by one, and otherwise there', async () => {
    const made = await redact(await clip('m4a'), [
      { kind: 'sound', style: 'mute', from: 2000, to: 3000, reason: 'voice' },
      { kind: 'sound', style: 'beep', from: 5000, to: 6000, reason: 'voice' },
    ]);
    expect(made).toMatchObject({ mediaType: 'audio/mp4', mark: 'metadata' });
    expect((await describeFile(made.path)).format.tags).toMatchObject({ comment: '事件 1234' });
    expect(await loudness(made.path, 2, 1)).toBeLessThan(0.02);
    const plain = await loudness(made.path, 0.5, 1);
    expect(plain).toBeGreaterThan(0.05);
    // 1000 Hz instead of 440: count how often it crosses zero.
    const crossings = async (from: number) => {
      const { stdout } = await execute(
        'ffmpeg',
        [
          '-v',
          'error',
          '-ss',
          String(from),
          '-t',
          '0.5',
          '-i',
          made.path,
          '-ac',
          '1',
          '-ar',
          '8000',
          '-f',
          's16le',
          '-',
        ],
        { encoding: 'buffer' },
      );
      let count = 0;
      for (let byte = 2; byte + 1 < stdout.length; byte += 2)
        if (stdout.readInt16LE(byte) >= 0 !== stdout.readInt16LE(byte - 2) >= 0) count++;
      return count;
    };
    expect(await crossings(0.5)).toBeLessThan(480);
    expect(await crossings(5.25)).toBeGreaterThan(900);
  });
});

describe('what is left out', () => {
  it('is gone from picture and sound, and marks stay with what they cover', async () => {
    const original = await clip('h264-aac');
    const made = await redact(original, [
      { kind: 'cut', from: 1000, to: 3000, reason: 'address' },
      { kind: 'cut', from: 9000, to: 11_000, reason: 'other', note: '无关人员' },
      { ...quarter, style: 'solid', from: 4000, to: 6000 },
      { kind: 'sound', style: 'mute', from: 6000, to: 7000, reason: 'voice' },
    ]);
    expect(made.durationMs).toBeGreaterThan(6800);
    expect(made.durationMs).toBeLessThan(7200);
    expect(different(await frameOf(original, 0.5), await frameOf(made.path, 0.5), [0, 0, 300, 140])).toBeLessThan(0.05);
    // Two seconds earlier than in the recording.
    expect(brightest(await frameOf(made.path, 3), inside)).toBeLessThan(40);
    expect(different(await frameOf(original, 8.5), await frameOf(made.path, 6.5), [0, 0, 300, 140])).toBeLessThan(0.08);
    expect(await loudness(made.path, 4.1, 0.8)).toBeLessThan(0.02);
  });
});

describe('what a stranger can learn from the file', () => {
  it('is nothing of the original: no place, device, clock, chapters, captions or further streams', async () => {
    const secrets = [
      '+39.9042+116.4074',
      'SERIAL-DSJ-77810',
      'ACME-CAM-9',
      '2019-03-04',
      'OFFICER-043217',
      'CHAPTER-SECRET',
      'SUBTITLE-SECRET',
    ];
    const tagged = join(directory.path, 'tagged.mp4');
    const chapters = join(directory.path, 'chapters.txt');
    const subtitles = join(directory.path, 'subtitles.srt');
    await import('node:fs/promises').then(async ({ writeFile }) => {
      await writeFile(chapters, ';FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=5000\ntitle=CHAPTER-SECRET\n');
      await writeFile(subtitles, '1\n00:00:00,000 --> 00:00:04,000\nSUBTITLE-SECRET\n');
    });
    const plain = await clip('h264-aac');
    await runFfmpeg([
      ...['-i', plain, '-i', chapters, '-i', subtitles, '-map', '0:v', '-map', '0:a', '-map', '2:s'],
      ...['-map_metadata', '1', '-map_chapters', '1', '-c', 'copy', '-c:s', 'mov_text'],
      ...['-bsf:v', 'h264_metadata=sei_user_data=086f3693-b7b3-4f2c-9653-21492feee5b8+SERIAL-DSJ-77810'],
      ...[
        '-metadata',
        'location=+39.9042+116.4074/',
        '-metadata',
        'make=ACME-CAM-9',
        '-metadata',
        'comment=OFFICER-043217',
      ],
      ...['-metadata', 'creation_time=2019-03-04T05:06:07Z', '-metadata:s:v', 'handler_name=SERIAL-DSJ-77810'],
      ...['-metadata:s:a', 'handler_name=OFFICER-043217', '-metadata:s:v', 'creation_time=2019-03-04T05:06:07Z'],
      ...['-movflags', '+use_metadata_tags', tagged],
    ]);
    const before = await readFile(tagged);
    // The test can fail: they are in there.
    for (const secret of ['SERIAL-DSJ-77810', 'ACME-CAM-9', 'SUBTITLE-SECRET', 'OFFICER-043217'])
      expect(before.includes(secret)).toBe(true);
    const made = await redact(tagged, [{ ...quarter, style: 'solid', from: 0, to: 1000 }]);
    const after = await readFile(made.path);
    for (const secret of secrets) expect(after.includes(secret), secret).toBe(false);
    expect(after.includes('x264 - core')).toBe(false);
    expect(after.includes('Lavf')).toBe(false);
    const { streams, format, chapters: found } = await describeFile(made.path);
    expect(streams.map(({ codec_name }) => codec_name)).toEqual(['h264', 'aac']);
    expect(found).toEqual([]);
    expect(Object.keys(format.tags ?? {}).sort()).toEqual(['compatible_brands', 'major_brand', 'minor_version']);
    for (const { tags } of streams) expect(tags?.creation_time).toBeUndefined();
  });
});

describe('what cannot be made', () => {
  const marks: RedactionMark[] = [{ kind: 'cut', from: 0, to: 500, reason: 'voice' }];

  it.each(['pdf', 'empty', 'no-moov'] as const)('of %s is refused', async (kind) => {
    await expect(redact(await clip(kind), marks)).rejects.toMatchObject({ code: 'not_media' });
  });

  it('is not handed on when it is not what was asked for', async () => {
    const path = await clip('no-audio');
    const probe = await media.probe(path);
    // The recording says that it is longer than it is.
    const input = { path, probe: { ...probe, durationMs: 60_000 } };
    const use = () => expect.unreachable('it was handed on');
    const made = media.makeRedacted(input, {
      marks: [{ ...quarter, style: 'solid', from: 0, to: 1000 }],
      line: null,
      use,
    });
    await expect(made).rejects.toMatchObject({ code: 'result_wrong', message: expect.stringContaining('ms long') });
  });

  it('is given up at once, and leaves nothing behind', async () => {
    const path = await clip('h264-aac');
    const stop = new AbortController();
    const made = media.makeRedacted(
      { path, probe: await media.probe(path) },
      {
        marks: [{ ...quarter, style: 'solid', from: 0, to: 1000 }],
        line: null,
        signal: stop.signal,
        onProgress: () => stop.abort(),
        use: () => expect.unreachable('it was handed on'),
      },
    );
    await expect(made).rejects.toSatisfy((error) => error instanceof MediaError && error.code === 'aborted');
    expect(await readdir(join(directory.path, 'scratch'))).toEqual([]);
  });
});
