import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { runFfmpeg } from './run-ffmpeg.ts';

/** A clip that is good to look at: for demonstrations, benchmarks and screenshots. */
export interface ShowClip {
  readonly path: string;
  readonly scene: 'bars' | 'fractal' | 'life' | 'gradient';
  readonly seconds: number;
  /** Such as `1920x1080`. */
  readonly size?: string;
  /** 0..359, turns the colours so that clips can be told apart. */
  readonly hue?: number;
  readonly toneHertz?: number;
  /** Burnt in beside the running clock; ASCII letters, digits, space, `-`, `_` and `.`. */
  readonly label?: string;
  readonly codec?: 'h264' | 'hevc';
  /** Bits per second of the video; without it x264 chooses. */
  readonly videoBits?: number;
  /** What the recorder's clock said, ISO 8601. */
  readonly recordedAt?: string;
}

const scenes: { readonly [scene in ShowClip['scene']]: (size: string) => string } = {
  bars: (size) => `testsrc2=s=${size}:r=25`,
  fractal: (size) => `mandelbrot=s=${size}:r=25:end_scale=0.02:maxiter=900`,
  life: (size) =>
    `life=s=320x180:r=25:mold=20:ratio=0.2:death_color=#303060:life_color=#80ffc0,scale=${size.replace('x', ':')}:flags=neighbor`,
  gradient: (size) => `gradients=s=${size}:r=25:c0=#102040:c1=#40a0c0:c2=#e0c060:n=3:speed=0.02`,
};

/**
 * Writes an MP4 like a body camera's: H.264 (or HEVC) with AAC, a keyframe each second, the index at the end, a running clock in the
 * picture and a beep each second.
 */
export async function makeShowClip(clip: ShowClip): Promise<void> {
  const size = clip.size ?? '1280x720';
  const label = (clip.label ?? '').replace(/[^\w .-]/g, '');
  const clock = '%{pts\\:hms}';
  const text = `drawtext=text='${label ? `${label}  ` : ''}${clock}':x=24:y=h-th-24:fontsize=h/18:fontcolor=white:box=1:boxcolor=black@0.5:boxborderw=10`;
  const tone = `sine=f=${clip.toneHertz ?? 440}:beep_factor=4:r=48000,volume=0.3`;
  await mkdir(dirname(clip.path), { recursive: true });
  await runFfmpeg([
    ...['-f', 'lavfi', '-i', scenes[clip.scene](size), '-f', 'lavfi', '-i', tone, '-t', String(clip.seconds)],
    ...['-vf', `hue=h=${clip.hue ?? 0},${text},format=yuv420p`],
    ...(clip.codec === 'hevc'
      ? ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=none', '-tag:v', 'hvc1']
      : ['-c:v', 'libx264', '-preset', 'veryfast']),
    ...(clip.videoBits ? ['-b:v', String(clip.videoBits)] : []),
    ...['-g', '25', '-c:a', 'aac', '-b:a', '96k'],
    ...(clip.recordedAt ? ['-metadata', `creation_time=${clip.recordedAt}`] : []),
    clip.path,
  ]);
}
