import { resolve } from 'node:path';
import ffmpeg, { type FfmpegCommand } from 'fluent-ffmpeg';

/**
 * The only file that knows fluent-ffmpeg. The library is archived (May 2025), misreads newer builds' capability lists and cannot kill a
 * process group, so it does one thing here: put a command's options into ffmpeg's order. Running is `process/run.ts`.
 */

/** One ffmpeg command: inputs in order, then one output. */
export interface CommandPlan {
  readonly inputs: readonly CommandInput[];
  /** `-filter_complex`; use `videoFilters` and `audioFilters` for simple chains. */
  readonly videoFilters?: readonly string[];
  readonly audioFilters?: readonly string[];
  readonly output: readonly string[];
  /** A file in the run's own directory; without it everything goes to standard output. */
  readonly outputName?: string;
  /** `-` options that concern the whole run. */
  readonly threads: number;
}

export type CommandInput =
  /** A recording: untrusted, and so opened by name, with the demuxers and protocols closed down. */
  | {
      readonly from: 'recording';
      readonly path: string;
      readonly demuxer?: string;
      readonly options?: readonly string[];
    }
  /** Our own bytes on standard input. */
  | { readonly from: 'stdin'; readonly options: readonly string[] };

/**
 * Containers that hold sound or pictures of their own. What is not here cannot be opened, whatever the file's name or first bytes say:
 * `hls`, `concat`, `dash`, `sdp`, `imf` and `image2` read *other* files or the network on behalf of a few lines of text, and `tty` turns
 * any text into a film.
 */
export const allowedDemuxers = [
  'mov,mp4,m4a,3gp,3g2,mj2',
  'matroska,webm',
  'avi,mpeg,mpegts,mpegvideo,asf,flv,live_flv,dhav,dv,mxf,ivf,m4v,h264,hevc,h263,av1,rm,wtv,nut',
  'wav,w64,mp3,aac,flac,ogg,aiff,au,caf,amr,amrnb,amrwb,ac3,eac3,ape,wv,gsm,tta,dsf',
  'jpeg_pipe,png_pipe,gif,gif_pipe,bmp_pipe,webp_pipe,tiff_pipe,mjpeg,mpjpeg',
].join(',');

/** Options that precede every recording, in ffmpeg and in ffprobe. No network protocol is ever in the list. */
export const closedInput = ['-protocol_whitelist', 'file,pipe', '-format_whitelist', allowedDemuxers] as const;

/** A path as ffmpeg takes it: absolute, with the protocol named, so that neither `-x`, `http://` nor `concat:` can hide in a file name. */
export const inputName = (path: string): string => `file:${resolve(path)}`;

/** The argument list of a plan. */
export function commandLine(plan: CommandPlan): string[] {
  const command = ffmpeg();
  for (const input of plan.inputs) addInput(command, input, plan.threads);
  if (plan.videoFilters?.length) command.videoFilters([...plan.videoFilters]);
  if (plan.audioFilters?.length) command.audioFilters([...plan.audioFilters]);
  addOptions(command, 'outputOptions', ['-threads', String(plan.threads), ...plan.output]);
  command.output(plan.outputName === undefined ? 'pipe:1' : `file:${plan.outputName}`);
  return [
    ...['-hide_banner', '-nostdin', '-loglevel', 'warning', '-nostats', '-progress', 'pipe:3', '-stats_period', '0.5'],
    ...['-max_alloc', String(1024 ** 3), '-filter_threads', String(plan.threads)],
    ...argumentsOf(command),
  ];
}

function addInput(command: FfmpegCommand, input: CommandInput, threads: number): void {
  if (input.from === 'stdin') {
    command.input('pipe:0');
    addOptions(command, 'inputOptions', [...input.options]);
    return;
  }
  command.input(inputName(input.path));
  const demuxer = input.demuxer ? ['-f', input.demuxer] : [];
  addOptions(command, 'inputOptions', [
    '-threads',
    String(threads),
    ...closedInput,
    ...demuxer,
    ...(input.options ?? []),
  ]);
}

/** Given as separate arguments the library passes options on untouched; given one string it splits it at spaces. */
function addOptions(command: FfmpegCommand, method: 'inputOptions' | 'outputOptions', options: string[]): void {
  if (options.length > 1) command[method](...(options as [string, ...string[]]));
}

/** The library's argument builder has no public name; a later version without it must fail here and nowhere else. */
function argumentsOf(command: FfmpegCommand): string[] {
  const build: unknown = Reflect.get(command, '_getArguments');
  if (typeof build !== 'function')
    throw new TypeError('This version of fluent-ffmpeg cannot list its arguments; pin 2.1.3.');
  const built: unknown = build.call(command);
  if (!Array.isArray(built))
    throw new TypeError('This version of fluent-ffmpeg lists its arguments differently; pin 2.1.3.');
  return built.map(String);
}
