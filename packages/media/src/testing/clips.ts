import { access, mkdir, readFile, rename, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { minimalPdf } from './minimal-pdf.ts';
import { runFfmpeg } from './run-ffmpeg.ts';

/** Small files of every kind that a dock hands over, good and bad. Pictures are 320x180, lengths 2 to 10 s. */
export const clipKinds = [
  'h264-aac',
  'h264-mp3',
  'h264-mkv',
  'no-audio',
  'two-audio',
  'pcm-mov',
  'hevc',
  'h264-10bit',
  'mpeg4-avi',
  'rotated',
  'variable-rate',
  'sparse-keyframes',
  'dark-start',
  'fragmented',
  'wav',
  'mp3',
  'm4a',
  'jpg',
  'pdf',
  'text-named-mp4',
  'garbage-named-mp4',
  'empty',
  'one-byte',
  'no-moov',
  'cut-moov-first',
  'cut-fragmented',
  'cut-in-moov',
] as const;

export type ClipKind = (typeof clipKinds)[number];

const picture = (seconds: number, size = '320x180') => ['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=25:d=${seconds}`];
const tone = (seconds: number, hertz = 440) => ['-f', 'lavfi', '-i', `sine=f=${hertz}:r=48000:d=${seconds}`];
const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '2', '-g', '25', '-pix_fmt', 'yuv420p'];
const aac = ['-c:a', 'aac', '-b:a', '64k'];

type Recipe =
  | { readonly name: string; readonly ffmpeg: readonly string[] }
  | { readonly name: string; readonly make: (path: string, directory: string) => Promise<void> };

const recipes: { readonly [kind in ClipKind]: Recipe } = {
  'h264-aac': { name: 'h264-aac.mp4', ffmpeg: [...picture(10), ...tone(10), ...h264, ...aac] },
  'h264-mp3': { name: 'h264-mp3.mp4', ffmpeg: [...picture(2), ...tone(2), ...h264, '-c:a', 'libmp3lame'] },
  'h264-mkv': { name: 'h264-aac.mkv', ffmpeg: [...picture(6), ...tone(6), ...h264, ...aac] },
  'no-audio': { name: 'no-audio.mp4', ffmpeg: [...picture(6), ...h264] },
  'two-audio': {
    name: 'two-audio.mp4',
    ffmpeg: [...picture(2), ...tone(2), ...tone(2, 880), '-map', '0:v', '-map', '1:a', '-map', '2:a', ...h264, ...aac],
  },
  'pcm-mov': { name: 'pcm.mov', ffmpeg: [...picture(2), ...tone(2), ...h264, '-c:a', 'pcm_s16le'] },
  hevc: {
    name: 'hevc.mp4',
    ffmpeg: [
      ...picture(2),
      ...tone(2),
      '-c:v',
      'libx265',
      '-preset',
      'ultrafast',
      '-x265-params',
      'log-level=none',
      ...aac,
    ],
  },
  'h264-10bit': {
    name: '10bit.mp4',
    ffmpeg: [...picture(2), '-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p10le'],
  },
  'mpeg4-avi': {
    name: 'mpeg4.avi',
    ffmpeg: [...picture(2), ...tone(2), '-c:v', 'mpeg4', '-q:v', '5', '-c:a', 'pcm_s16le'],
  },
  rotated: {
    name: 'rotated.mp4',
    make: async (path, directory) => {
      // The tag becomes a display matrix in the copy.
      await runFfmpeg([
        '-i',
        await makeClip('no-audio', directory),
        '-t',
        '2',
        '-c',
        'copy',
        '-metadata:s:v',
        'rotate=90',
        path,
      ]);
    },
  },
  'variable-rate': {
    name: 'variable.mp4',
    // Drops frames in an uneven pattern and keeps the timestamps of the rest.
    ffmpeg: [...picture(4), '-vf', "select='not(mod(n,3))+not(mod(n,7))'", '-vsync', 'vfr', ...h264],
  },
  'sparse-keyframes': {
    name: 'sparse.mp4',
    ffmpeg: [
      ...picture(18),
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-g',
      '9999',
      '-keyint_min',
      '9999',
      '-sc_threshold',
      '0',
    ],
  },
  'dark-start': {
    name: 'dark-start.mp4',
    ffmpeg: [
      ...['-f', 'lavfi', '-i', 'color=c=black:s=320x180:r=25:d=6', ...picture(6)],
      ...['-filter_complex', '[0:v][1:v]concat=n=2:v=1:a=0', ...h264],
    ],
  },
  fragmented: {
    name: 'fragmented.mp4',
    ffmpeg: [...picture(6), ...tone(6), ...h264, ...aac, '-movflags', '+frag_keyframe+empty_moov+default_base_moof'],
  },
  wav: { name: 'pcm.wav', ffmpeg: [...tone(5), '-c:a', 'pcm_s16le'] },
  mp3: { name: 'sound.mp3', ffmpeg: [...tone(5), '-c:a', 'libmp3lame'] },
  m4a: { name: 'sound.m4a', ffmpeg: [...tone(9), ...aac] },
  jpg: { name: 'picture.jpg', ffmpeg: [...picture(1), '-frames:v', '1'] },
  pdf: { name: 'paper.pdf', make: (path) => writeFile(path, minimalPdf('Fengcun')) },
  'text-named-mp4': { name: 'text.mp4', make: (path) => writeFile(path, 'This is not a film.\n'.repeat(200)) },
  'garbage-named-mp4': {
    name: 'garbage.mp4',
    // A fixed sequence, so that a failure happens again.
    make: (path) =>
      writeFile(
        path,
        Uint8Array.from({ length: 100_000 }, (_, at) => (at * 2_654_435_761) >>> 13),
      ),
  },
  empty: { name: 'empty.mp4', make: (path) => writeFile(path, '') },
  'one-byte': { name: 'one-byte.mp4', make: (path) => writeFile(path, 'x') },
  'no-moov': { name: 'no-moov.mp4', make: (path, directory) => cut(path, 'h264-aac', directory, 0.6) },
  'cut-moov-first': {
    name: 'cut-moov-first.mp4',
    make: async (path, directory) => {
      await runFfmpeg(['-i', await makeClip('h264-aac', directory), '-c', 'copy', '-movflags', '+faststart', path]);
      await truncate(path, Math.floor((await stat(path)).size * 0.6));
    },
  },
  'cut-fragmented': { name: 'cut-fragmented.mp4', make: (path, directory) => cut(path, 'fragmented', directory, 0.55) },
  'cut-in-moov': { name: 'cut-in-moov.mp4', make: (path, directory) => cut(path, 'fragmented', directory, 400) },
};

/** Copies the first part of another clip: a share below 1, or that many bytes. */
async function cut(path: string, from: ClipKind, directory: string, keep: number): Promise<void> {
  const bytes = await readFile(await makeClip(from, directory));
  await writeFile(path, bytes.subarray(0, keep < 1 ? Math.floor(bytes.length * keep) : keep));
}

/** Makes one clip in `directory`, unless it is there already, and returns its path. Needs ffmpeg with libx264 and libx265 on PATH. */
export async function makeClip(kind: ClipKind, directory: string): Promise<string> {
  const recipe = recipes[kind];
  const path = join(directory, recipe.name);
  if (await exists(path)) return path;
  await mkdir(directory, { recursive: true });
  // Two tests may want the same clip at once; the rename makes it appear whole.
  const draft = join(directory, `.${process.pid}-${Math.random().toString(36).slice(2)}-${recipe.name}`);
  if ('ffmpeg' in recipe) await runFfmpeg([...recipe.ffmpeg, draft]);
  else await recipe.make(draft, directory);
  await rename(draft, path);
  return path;
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
