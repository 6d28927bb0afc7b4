import { execFile } from 'node:child_process';
import { access, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

interface Recipe {
  readonly name: string;
  readonly ffmpeg: readonly string[];
}

const h264 = [
  '-c:v',
  'libx264',
  '-preset',
  'ultrafast',
  '-pix_fmt',
  'yuv420p',
  '-c:a',
  'aac',
  '-movflags',
  '+faststart',
] as const;

/** The moving test picture stands for the street; tone and noise stand for voices. */
const recipes: readonly Recipe[] = [
  {
    name: 'DSJ00017_20240612_083005_路面执勤.mp4',
    ffmpeg: [...video('testsrc2=size=1280x720:rate=25', 20), ...audio('sine=frequency=440', 20), ...h264],
  },
  {
    name: 'DSJ00017_20240612_091742_酒驾查处.mp4',
    ffmpeg: [...video('smptehdbars=size=1280x720:rate=25', 12), ...audio('anoisesrc=amplitude=0.05', 12), ...h264],
  },
  {
    name: 'DSJ00017_20240612_101530_现场询问.wav',
    ffmpeg: [...audio('sine=frequency=220:beep_factor=4', 25), '-c:a', 'pcm_s16le', '-ar', '16000', '-ac', '1'],
  },
  {
    name: 'DSJ00017_20240612_104412_现场照片.jpg',
    ffmpeg: [...video('mandelbrot=size=1920x1080:rate=1', 1), '-frames:v', '1', '-q:v', '3'],
  },
];

function video(source: string, seconds: number): readonly string[] {
  return ['-f', 'lavfi', '-t', String(seconds), '-i', source];
}

function audio(source: string, seconds: number): readonly string[] {
  return ['-f', 'lavfi', '-t', String(seconds), '-i', source];
}

/** Makes what a body camera would hand over at the end of a shift, once. */
export async function makeFootage(directory: string, signal: AbortSignal): Promise<void> {
  const complete = await access(directory).then(
    () => true,
    () => false,
  );
  if (complete) return;
  const partial = `${directory}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true, mode: 0o700 });
  for (const { name, ffmpeg } of recipes) {
    await execute('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-nostdin', ...ffmpeg, '-y', join(partial, name)], {
      signal,
    });
  }
  await writeFile(join(partial, '说明.txt'), '演示数据：由封存在首次启动时生成，不是真实执法影像。\n');
  await rename(partial, directory);
}
