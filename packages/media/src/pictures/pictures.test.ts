import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Media, openMedia, type Picture } from '../index.ts';
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

/** What a decoder says: true size and mean brightness, 0..255. */
async function look(picture: Picture): Promise<{ width: number; height: number; mean: number }> {
  const path = join(directory.path, 'look.jpg');
  await writeFile(path, picture.bytes);
  const { streams } = JSON.parse(
    (await execute('ffprobe', ['-v', 'error', '-show_streams', '-of', 'json', path])).stdout,
  );
  const grey = await execute('ffmpeg', ['-v', 'error', '-i', path, '-pix_fmt', 'gray', '-f', 'rawvideo', '-'], {
    encoding: 'buffer',
    maxBuffer: 64 * 1024 * 1024,
  });
  const mean = grey.stdout.reduce((sum, value) => sum + value, 0) / grey.stdout.length;
  return { width: streams[0].width, height: streams[0].height, mean };
}

describe('a poster', () => {
  it.each([
    'h264-aac',
    'hevc',
    'mpeg4-avi',
    'sparse-keyframes',
    'cut-fragmented',
    'cut-moov-first',
    'h264-10bit',
  ] as const)('of %s', async (kind) => {
    const poster = await media.makePoster(await inputOf(kind));
    expect(await look(poster)).toMatchObject({ width: poster.width, height: poster.height });
    expect(poster.width).toBe(320);
  });

  it('is upright', async () => {
    const poster = await media.makePoster(await inputOf('rotated'));
    expect(await look(poster)).toMatchObject({ width: 180, height: 320 });
  });

  it('is not black when the recording starts in the dark', async () => {
    expect((await look(await media.makePoster(await inputOf('dark-start')))).mean).toBeGreaterThan(60);
  });

  it('is black when there is nothing else', async () => {
    const path = join(directory.path, 'black.mp4');
    await execute('ffmpeg', [
      '-v',
      'error',
      '-f',
      'lavfi',
      '-i',
      'color=black:s=1280x720:r=25:d=1',
      '-pix_fmt',
      'yuv420p',
      path,
    ]);
    const poster = await media.makePoster({ path, probe: await media.probe(path) });
    expect(await look(poster)).toMatchObject({ width: 640, height: 360 });
  });

  it('of a sound is refused', async () => {
    await expect(media.makePoster(await inputOf('wav'))).rejects.toMatchObject({ code: 'not_media' });
  });
});

describe('thumbnails', () => {
  it('lie on the sprite, in time order, one a second in a short recording', async () => {
    const { sprite, tiles } = await media.makeThumbnails(await inputOf('h264-aac'));
    expect(tiles.map((tile) => tile.startMs)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((second) => second * 1000));
    expect(await look(sprite)).toMatchObject({ width: 1600, height: 90 });
    expect(tiles.at(-1)).toEqual({ startMs: 9000, x: 1440, y: 0, w: 160, h: 90 });
  });

  it('of a cut recording stop where it stops', async () => {
    const { tiles } = await media.makeThumbnails(await inputOf('cut-moov-first'));
    expect(tiles).toHaveLength(6);
  });

  it('of a recording with many keyframes are fetched one by one', async () => {
    const path = join(directory.path, 'long.mp4');
    // Many keyframes stand for many hours.
    await execute('ffmpeg', [
      ...['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=s=64x64:r=20:d=21', '-c:v', 'libx264', '-preset', 'ultrafast'],
      ...['-g', '1', '-pix_fmt', 'yuv420p', path],
    ]);
    const { sprite, tiles } = await media.makeThumbnails({ path, probe: await media.probe(path) });
    expect(tiles).toHaveLength(21);
    expect(tiles.map((tile) => tile.startMs)).toEqual(tiles.map((_, at) => at * 1000));
    expect(await look(sprite)).toMatchObject({ width: 640, height: 192 });
  });
});
