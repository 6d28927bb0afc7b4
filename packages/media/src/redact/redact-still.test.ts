import { execFile } from 'node:child_process';
import { createDecipheriv, randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { AreaMark, RedactionMark } from '@fengcun/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Media, openMedia, type RedactedFile } from '../index.ts';
import { asPhotographed, photoPlace, photoSecrets } from '../testing/photo.ts';
import { runFfmpeg } from '../testing/run-ffmpeg.ts';
import { temporaryDirectory } from '../testing/workshop.ts';
import { whatElseIsIn } from './picture-only.ts';

const execute = promisify(execFile);
let media: Media;
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
/** 320 by 200: a fine chessboard, and its upper left quarter white */
let photo: string;

beforeAll(async () => {
  directory = await temporaryDirectory();
  media = await openMedia({ scratchDir: join(directory.path, 'scratch') });
  photo = await draw('photo.jpg', 'if(lt(X,160)*lt(Y,100),255,if(mod(floor(X/4)+floor(Y/4),2),235,20))', '-q:v', '2');
});
afterAll(() => directory[Symbol.asyncDispose]());

async function draw(name: string, luma: string, ...options: string[]): Promise<string> {
  const path = join(directory.path, name);
  const input = ['-f', 'lavfi', '-i', 'color=gray:s=320x200:r=1:d=1'];
  await runFfmpeg([...input, '-vf', `geq=lum='${luma}':cb=128:cr=128`, '-frames:v', '1', ...options, path]);
  return path;
}

async function redact(path: string, marks: readonly RedactionMark[], line: string | null = null) {
  const probe = await media.probe(path);
  return media.makeRedacted(
    { path, probe },
    { marks, line, use: async (file: RedactedFile) => ({ ...file, bytes: await readFile(file.path) }) },
  );
}

/** Luma, 0 to 255, as a stranger's tool decodes it. */
async function lumaOf(bytes: Buffer, name = `${randomBytes(6).toString('hex')}.jpg`) {
  const path = join(directory.path, name);
  await writeFile(path, bytes);
  const { stdout: size } = await execute('ffprobe', [
    '-v',
    'error',
    '-show_entries',
    'stream=width,height',
    '-of',
    'csv=p=0',
    path,
  ]);
  const [width = 0, height = 0] = size.trim().split(',').map(Number);
  const options = ['-v', 'error', '-i', path, '-vf', 'format=gray', '-f', 'rawvideo', '-'];
  const { stdout } = await execute('ffmpeg', options, { encoding: 'buffer', maxBuffer: 1 << 24 });
  return { width, height, at: (x: number, y: number) => stdout[y * width + x] ?? -1 };
}
type Luma = Awaited<ReturnType<typeof lumaOf>>;

function spread(picture: Luma, [x, y, w, h]: readonly [number, number, number, number]) {
  const values: number[] = [];
  for (let row = y; row < y + h; row++)
    for (let column = x; column < x + w; column++) values.push(picture.at(column, row));
  return { least: Math.min(...values), most: Math.max(...values) };
}

const area = (change: Partial<AreaMark> = {}): AreaMark => ({
  kind: 'area',
  style: 'solid',
  x: 0.5,
  y: 0.5,
  w: 0.25,
  h: 0.25,
  reason: 'plate',
  ...change,
});
/** What that area is of 320 by 200. */
const inside = [160, 100, 80, 50] as const;

describe('a redacted picture', () => {
  it('is black where it is covered, and as it was elsewhere', async () => {
    const made = await redact(photo, [area()]);
    expect(made).toMatchObject({ mediaType: 'image/jpeg', mark: 'none', durationMs: 0, sizeBytes: made.bytes.length });
    const [before, after] = [await lumaOf(await readFile(photo)), await lumaOf(made.bytes)];
    expect([after.width, after.height]).toEqual([320, 200]);
    expect(spread(after, inside).most).toBeLessThan(8);
    for (const [x, y] of [
      [20, 20],
      [150, 190],
      [250, 50],
      [300, 180],
      [158, 98],
      [242, 152],
    ] as const)
      expect(Math.abs(after.at(x, y) - before.at(x, y)), `${x}, ${y}`).toBeLessThan(24);
  });

  it.each(['blur', 'pixelate'] as const)(
    'keeps nothing of fine print with %s: two that differ in it become one',
    async (style) => {
      const other = await draw('other.png', 'if(lt(X,160)*lt(Y,100),255,if(mod(floor(X/4)+floor(Y/4)+1,2),235,20))');
      const pictures = await Promise.all(
        [photo, other].map(async (path) => lumaOf((await redact(path, [area({ style })])).bytes)),
      );
      const [one, two] = pictures;
      if (!one || !two) throw new Error('two were made');
      for (let y = 104; y < 146; y++)
        for (let x = 164; x < 236; x++) expect(Math.abs(one.at(x, y) - two.at(x, y)), `${x}, ${y}`).toBeLessThan(40);
      expect(spread(one, [168, 108, 64, 34]).most - spread(one, [168, 108, 64, 34]).least).toBeLessThan(90);
      expect(spread(one, [260, 110, 40, 40]).most).toBeGreaterThan(200);
    },
  );

  it('has many parts covered at once, black over everything else, up to its edges', async () => {
    const many = Array.from({ length: 30 }, (_, n) =>
      area({
        style: (['blur', 'pixelate'] as const)[n % 2] ?? 'blur',
        x: (n % 6) / 6,
        y: Math.floor(n / 6) / 5,
        w: 1 / 6,
        h: 0.2,
      }),
    );
    const { bytes } = await redact(photo, [area({ x: 0, y: 0.9, w: 1, h: 0.1 }), ...many]);
    expect(spread(await lumaOf(bytes), [0, 182, 320, 18]).most).toBeLessThan(8);
    const whole = await redact(photo, [area({ x: 0, y: 0, w: 1, h: 1 })]);
    expect(spread(await lumaOf(whole.bytes), [0, 0, 320, 200]).most).toBeLessThan(8);
  });

  it.each([
    [6, 0, 0.5],
    [5, 0, 0],
  ] as const)(
    'taken with the camera turned (EXIF orientation %i) is upright, and covered where it was drawn',
    async (orientation, x, y) => {
      const turned = join(directory.path, `turned-${orientation}.jpg`);
      await writeFile(turned, asPhotographed(await readFile(photo), orientation));
      // The white quarter lies in another corner for each way of holding the camera.
      const plain = await lumaOf((await redact(turned, [area({ x: 0.95, y: 0.95, w: 0.05, h: 0.05 })])).bytes);
      const side = orientation >= 5;
      expect([plain.width, plain.height]).toEqual(side ? [200, 320] : [320, 200]);
      const corner = { 5: [0, 0], 6: [0.5, 0] }[orientation];
      const at = (fraction: number, length: number) => Math.round(fraction * length) + 10;
      const white = [at(corner[0] ?? 0, plain.width), at(corner[1] ?? 0, plain.height), 50, 50] as const;
      expect(spread(plain, white).least).toBeGreaterThan(225);
      const { bytes } = await redact(turned, [area({ x, y, w: 0.5, h: 0.5 })]);
      const covered = await lumaOf(bytes);
      const black = [at(x, covered.width), at(y, covered.height), 50, 50] as const;
      expect(spread(covered, black).most).toBeLessThan(8);
    },
  );

  it('tells a stranger nothing of the original: no place, device, thumbnail, comment or bytes after its end', async () => {
    const tagged = join(directory.path, 'tagged.jpg');
    const before = asPhotographed(await readFile(photo), 1);
    await writeFile(tagged, before);
    // The test can fail: they are in there.
    for (const secret of [...photoSecrets, photoPlace]) expect(before.includes(secret)).toBe(true);
    expect(whatElseIsIn(before)).toMatch(/E1/);
    const { bytes } = await redact(tagged, [area()]);
    for (const secret of [...photoSecrets, photoPlace, 'Exif', 'Lavc', 'Lavf'])
      expect(bytes.includes(secret)).toBe(false);
    expect(whatElseIsIn(bytes)).toBeNull();
    // One picture, no thumbnail of what was covered.
    expect(bytes.indexOf(Buffer.from('ffd8', 'hex'), 2)).toBe(-1);
  });

  it('of a transparent picture lies on white: what full transparency hid stays hidden', async () => {
    const path = join(directory.path, 'alpha.png');
    const input = ['-f', 'lavfi', '-i', 'color=black@0.0:s=320x200:r=1:d=1,format=rgba'];
    await runFfmpeg([...input, '-frames:v', '1', path]);
    const after = await lumaOf((await redact(path, [area()])).bytes);
    expect(after.at(20, 20)).toBeGreaterThan(250);
    expect(spread(after, inside).most).toBeLessThan(8);
  });

  it('has the line in its corner, where one is asked for', async () => {
    const [plain, lined] = [await redact(photo, [area()]), await redact(photo, [area()], '脱敏件 · 事件 1234')];
    expect(lined.mark).toBe('picture');
    const [a, b] = [await lumaOf(plain.bytes), await lumaOf(lined.bytes)];
    let different = 0;
    for (let y = 170; y < 200; y++)
      for (let x = 0; x < 160; x++) if (Math.abs(a.at(x, y) - b.at(x, y)) > 60) different++;
    expect(different).toBeGreaterThan(100);
  });

  it('is made of GIF and WebP too', async () => {
    for (const extension of ['gif', 'webp']) {
      const path = await draw(`photo.${extension}`, 'mod(X,200)+20');
      expect(spread(await lumaOf((await redact(path, [area()])).bytes), inside).most, extension).toBeLessThan(8);
    }
  });

  it('is refused for a plan that is a recording’s, and handed on by nobody when it is not what was asked for', async () => {
    const timed: RedactionMark = { kind: 'cut', from: 0, to: 500, reason: 'voice' };
    await expect(redact(photo, [area(), timed])).rejects.toMatchObject({ code: 'result_wrong' });
    const broken = join(directory.path, 'broken.jpg');
    await writeFile(broken, (await readFile(photo)).subarray(0, 60));
    await expect(redact(broken, [area()])).rejects.toMatchObject({ code: 'not_media' });
    expect(await readdir(join(directory.path, 'scratch'))).toEqual([]);
  });
});

describe('what is looked at of a picture', () => {
  const key = randomBytes(16);
  async function look(path: string, asItIs = false) {
    const collected: Uint8Array[] = [];
    const { index } = await media.makeStill(
      { path, probe: await media.probe(path) },
      {
        key,
        asItIs,
        sink: async (bytes) => {
          for await (const chunk of bytes) collected.push(chunk);
        },
      },
    );
    const cipher = Buffer.concat(collected);
    const decipher = createDecipheriv('aes-128-cbc', key, Buffer.from(index.encryption.baseIv, 'hex'));
    return { index, cipher, bytes: Buffer.concat([decipher.update(cipher), decipher.final()]) };
  }

  it('is upright, encrypted, and without its metadata', async () => {
    const path = join(directory.path, 'to-look-at.jpg');
    await writeFile(path, asPhotographed(await readFile(photo), 6));
    const { index, cipher, bytes } = await look(path);
    expect(index).toMatchObject({ width: 200, height: 320, still: { size: bytes.length }, totalBytes: cipher.length });
    expect(index.segments).toEqual([{ offset: 0, length: cipher.length, durationMs: 1 }]);
    expect(cipher.includes('JFIF')).toBe(false);
    expect(whatElseIsIn(bytes)).toBeNull();
    expect(await lumaOf(bytes)).toMatchObject({ width: 200, height: 320 });
  });

  it('of a redacted version is the file itself, byte for byte', async () => {
    const { bytes: file } = await redact(photo, [area()]);
    const path = join(directory.path, 'made.jpg');
    await writeFile(path, file);
    expect((await look(path, true)).bytes).toEqual(file);
  });
});
