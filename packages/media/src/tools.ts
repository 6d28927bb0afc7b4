import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { MediaError } from './errors.ts';
import { findOnPath } from './process/launcher.ts';

const execute = promisify(execFile);

/** The tools found at start-up, as written into derivatives' records: who made this, with which version. */
export interface MediaTools {
  readonly ffmpegPath: string;
  readonly ffprobePath: string;
  /** Version text as the tool prints it, such as `5.1.9-0+deb12u1`. */
  readonly ffmpegVersion: string;
  readonly ffprobeVersion: string;
  /** Decoders that change what can be shown; absent ones make such a recording a failure with a reason. */
  readonly decodes: { readonly hevc: boolean; readonly av1: boolean };
}

const install =
  'Install it (Debian, Ubuntu: apt-get install -y --no-install-recommends ffmpeg; macOS: brew install ffmpeg)';
const needed = {
  encoders: ['libx264', 'aac', 'mjpeg', 'rawvideo', 'pcm_s16le'],
  muxers: ['mp4', 'image2pipe', 's16le', 'null'],
  filters: [
    ...['scale', 'fps', 'bwdif', 'thumbnail', 'tile', 'signalstats', 'metadata', 'aresample'],
    ...['drawtext', 'overlay', 'alphamerge', 'rotate', 'loop'],
    ...['drawbox', 'crop', 'split', 'asplit', 'trim', 'atrim', 'concat', 'volume', 'amix', 'sidedata', 'asetnsamples'],
  ],
} as const;

/**
 * Finds ffmpeg and ffprobe (on PATH unless given) and proves that they can do what this package asks of them.
 * @throws MediaError tool_missing, naming everything that is missing and how to install it
 */
export async function findTools(options: { ffmpegPath?: string; ffprobePath?: string }): Promise<MediaTools> {
  const ffmpegPath = await required('ffmpeg', options.ffmpegPath);
  const ffprobePath = await required('ffprobe', options.ffprobePath);
  const [ffmpegVersion, ffprobeVersion, encoders, muxers, filters, decoders] = await Promise.all([
    versionOf(ffmpegPath),
    versionOf(ffprobePath),
    listOf(ffmpegPath, '-encoders'),
    listOf(ffmpegPath, '-muxers'),
    listOf(ffmpegPath, '-filters'),
    listOf(ffmpegPath, '-decoders'),
  ]);
  const missing = [
    ...needed.encoders.filter((name) => !encoders.has(name)).map((name) => `encoder ${name}`),
    ...needed.muxers.filter((name) => !muxers.has(name)).map((name) => `muxer ${name}`),
    ...needed.filters.filter((name) => !filters.has(name)).map((name) => `filter ${name}`),
  ];
  if (missing.length > 0) {
    throw new MediaError(
      'tool_missing',
      `${ffmpegPath} (${ffmpegVersion}) was built without ${missing.join(', ')}. ${install}, or point ffmpegPath at a full build.`,
    );
  }
  return {
    ffmpegPath,
    ffprobePath,
    ffmpegVersion,
    ffprobeVersion,
    decodes: {
      hevc: decoders.has('hevc'),
      av1: decoders.has('libdav1d') || decoders.has('libaom-av1') || decoders.has('av1'),
    },
  };
}

async function required(name: string, given: string | undefined): Promise<string> {
  const found = await findOnPath(given ?? name);
  if (found) return found;
  const where = given ? `at ${given}` : 'on the PATH';
  throw new MediaError('tool_missing', `${name} was not found ${where}. ${install}, or give its path.`);
}

async function versionOf(path: string): Promise<string> {
  const text = await output(path, ['-hide_banner', '-version']);
  const version = /^\S+ version (\S+)/.exec(text)?.[1];
  if (!version) throw new MediaError('tool_missing', `${path} does not answer like ffmpeg. ${install}.`);
  return version;
}

/** The second column of a capability list: flags, name, description. Flags differ between versions; the name's place does not. */
async function listOf(path: string, option: string): Promise<ReadonlySet<string>> {
  const text = await output(path, ['-hide_banner', option]);
  const names = text.split('\n').flatMap((line) => /^\s+\S+\s+(\S+)/.exec(line)?.[1]?.split(',') ?? []);
  return new Set(names);
}

async function output(path: string, args: string[]): Promise<string> {
  try {
    const { stdout } = await execute(path, args, { timeout: 20_000, maxBuffer: 8 * 1024 * 1024 });
    return stdout;
  } catch (cause) {
    throw new MediaError('tool_missing', `${path} could not be run. ${install}.`, { cause });
  }
}
