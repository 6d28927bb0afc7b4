import { execFile } from 'node:child_process';
import { createCipheriv } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A real little recording: fMP4 segments encrypted one by one as the server does it, with its pictures. */
export interface Clip {
  readonly init: Buffer;
  readonly segments: readonly Buffer[];
  readonly seconds: readonly number[];
  readonly key: Buffer;
  readonly poster: Buffer;
  readonly sprite: Buffer;
}

const run = promisify(execFile);
const key = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex');

/** Makes the clip with ffmpeg: 12 s, a test picture and a tone, segments of 2 s. */
export async function makeClip(): Promise<Clip> {
  const dir = await mkdtemp(join(tmpdir(), 'fengcun-clip-'));
  try {
    const ffmpeg = (...args: string[]) => run('ffmpeg', ['-v', 'error', '-y', ...args], { cwd: dir });
    const source = ['-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=25:duration=12'];
    const tone = ['-f', 'lavfi', '-i', 'sine=frequency=330:duration=12'];
    await ffmpeg(
      ...source,
      ...tone,
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-pix_fmt',
      'yuv420p',
      '-g',
      '50',
      '-c:a',
      'aac',
      '-shortest',
      '-f',
      'hls',
      '-hls_time',
      '2',
      '-hls_playlist_type',
      'vod',
      '-hls_segment_type',
      'fmp4',
      '-hls_segment_filename',
      's%03d.m4s',
      'index.m3u8',
    );
    await ffmpeg(...source, '-frames:v', '1', 'poster.jpg');
    await ffmpeg(...source, '-vf', 'fps=1,scale=160:90,tile=10x2', '-frames:v', '1', 'sprite.jpg');
    const names = (await readdir(dir)).filter((name) => name.endsWith('.m4s')).sort();
    const plain = await Promise.all(names.map((name) => readFile(join(dir, name))));
    const playlist = await readFile(join(dir, 'index.m3u8'), 'utf8');
    return {
      init: await readFile(join(dir, 'init.mp4')),
      segments: plain.map(encrypted),
      seconds: [...playlist.matchAll(/#EXTINF:([\d.]+)/g)].map((match) => Number(match[1])),
      key,
      poster: await readFile(join(dir, 'poster.jpg')),
      sprite: await readFile(join(dir, 'sprite.jpg')),
    };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function encrypted(segment: Buffer, n: number): Buffer {
  const cipher = createCipheriv('aes-128-cbc', key, ivOf(n));
  return Buffer.concat([cipher.update(segment), cipher.final()]);
}

export function ivOf(n: number): Buffer {
  const iv = Buffer.alloc(16);
  iv.writeUInt32BE(n + 1, 12);
  return iv;
}

/** The playlist as the server writes it: a key line for every segment, the init segment in the clear. */
export function playlistOf(clip: Clip): string {
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:6',
    '#EXT-X-TARGETDURATION:3',
    '#EXT-X-MEDIA-SEQUENCE:0',
    '#EXT-X-PLAYLIST-TYPE:VOD',
    '#EXT-X-MAP:URI="segments/init.mp4"',
  ];
  for (const [n, seconds] of clip.seconds.entries()) {
    lines.push(
      `#EXT-X-KEY:METHOD=AES-128,URI="key",IV=0x${ivOf(n).toString('hex')}`,
      `#EXTINF:${seconds.toFixed(3)},`,
      `segments/${n}.m4s`,
    );
  }
  return [...lines, '#EXT-X-ENDLIST', ''].join('\n');
}
