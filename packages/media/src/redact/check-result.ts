import { cutSpans, type TimedMark } from '@fengcun/contracts';
import { MediaError } from '../errors.ts';
import type { ProbeResult } from '../probe/types.ts';
import type { ToolBench } from '../process/bench.ts';
import { collectOutput } from '../process/collect.ts';
import { type Cover, coversOf, type MarkedFrame, placeInResult } from './filter-graph.ts';
import type { Label } from './label.ts';

export interface Expected {
  readonly marks: readonly TimedMark[];
  /** null: no picture */
  readonly frame: MarkedFrame | null;
  readonly label: Label | null;
  readonly hasSound: boolean;
  /** the one tag of a file without pictures */
  readonly comment: string | null;
  /** ms of the recording; null: it does not say */
  readonly sourceMs: number | null;
  /** ms that the result must have; null: nobody knows */
  readonly durationMs: number | null;
}

/** What an MP4 says of itself that is nobody's: brands and the names every writer gives its tracks. */
const innocent: Readonly<Record<string, RegExp>> = {
  major_brand: /^(isom|M4A |mp4[12])$/,
  minor_version: /^\d+$/,
  compatible_brands: /^[A-Za-z0-9 ]+$/,
  language: /^und$/,
  handler_name: /^(VideoHandler|SoundHandler)$/,
  // what ffmpeg calls its own encoders, without a version
  encoder: /^Lavc (libx264|aac)$/,
  vendor_id: /^(\[0\]\[0\]\[0\]\[0\])?$/,
};
/** ms, and share of the whole: recorders round, and sound ends in the middle of a picture */
const mostOff = { ms: 1500, share: 0.02 };
/** of 255, luma: black is 16, and a codec's ringing is a little more */
const black = 40;
/** of 255: how much louder than nothing silence may be */
const silence = 0.02;

/**
 * Looks at a redacted file as a stranger would, before anybody relies on it: it can be decoded to its end, has the streams and the length it must
 * have and no others, carries no tags, and shows black and sounds silent in the middle of each span that is to be so.
 * @throws MediaError result_wrong, and what running the tool may throw
 */
export async function checkResult(
  bench: ToolBench,
  file: { readonly path: string; readonly probe: ProbeResult },
  expected: Expected,
  signal: AbortSignal | undefined,
): Promise<void> {
  checkStreams(file.probe, expected);
  checkLength(file.probe, expected);
  checkTags(file.probe, expected.comment);
  await decodeAll(bench, file.path, signal);
  if (expected.frame) await checkCovers(bench, file, expected, expected.frame, signal);
  if (expected.hasSound) await checkSilence(bench, file, expected, signal);
}

const wrong = (detail: string) => new MediaError('result_wrong', `What was made is not what was asked for: ${detail}`);

function checkStreams({ streams }: ProbeResult, { frame, hasSound }: Expected): void {
  const found = streams.map((stream) => (stream.type === 'other' ? stream.codec : `${stream.type} ${stream.codec}`));
  const wanted = [...(frame ? ['video h264'] : []), ...(hasSound ? ['audio aac'] : [])];
  if (found.join(', ') !== wanted.join(', '))
    throw wrong(`it has ${found.join(', ')} instead of ${wanted.join(', ')}.`);
}

function checkLength(probe: ProbeResult, { durationMs }: Expected): void {
  if (durationMs === null) return;
  const off = Math.abs((probe.durationMs ?? 0) - durationMs);
  if (off <= Math.max(mostOff.ms, durationMs * mostOff.share)) return;
  throw wrong(`it is ${probe.durationMs ?? 0} ms long instead of ${durationMs} ms.`);
}

function checkTags(probe: ProbeResult, comment: string | null): void {
  const { format, streams } = probe.raw as {
    format?: { tags?: Record<string, string> };
    streams?: { tags?: Record<string, string> }[];
  };
  for (const tags of [format?.tags, ...(streams ?? []).map((stream) => stream.tags)]) {
    for (const [name, value] of Object.entries(tags ?? {})) {
      if (name === 'comment' && value === comment) continue;
      if (!innocent[name]?.test(value)) throw wrong(`it carries the tag "${name}".`);
    }
  }
}

async function decodeAll(bench: ToolBench, path: string, signal: AbortSignal | undefined): Promise<void> {
  const plan = {
    inputs: [{ from: 'recording', path, options: ['-xerror'] }],
    output: ['-f', 'null'],
    outputName: '/dev/null',
  } as const;
  await collectOutput(bench, plan, { maxBytes: 0, signal }).catch((error: unknown) => {
    if (!(error instanceof MediaError) || error.code !== 'ffmpeg_failed') throw error;
    throw wrong('it cannot be decoded to its end.');
  });
}

async function checkCovers(
  bench: ToolBench,
  { path }: { readonly path: string },
  { marks, label, sourceMs }: Expected,
  frame: MarkedFrame,
  signal: AbortSignal | undefined,
): Promise<void> {
  const cuts = cutSpans(marks, sourceMs);
  const solid = coversOf(marks, frame).filter(({ style }) => style === 'solid');
  for (const cover of solid) {
    for (const { from, to } of cover.when ?? []) {
      const middle = ((from + Math.min(to, (sourceMs ?? Number.POSITIVE_INFINITY) / 1000)) / 2) * 1000;
      const at = placeInResult(cuts, middle);
      if (at === null) continue;
      const bright = await brightPixel(bench, path, at, cover, label, signal);
      if (bright) throw wrong(`at ${Math.round(at)} ms a covered part of the picture (${bright}) can be seen.`);
    }
  }
}

/** The place of a pixel inside of a covered rectangle that is not black; null when there is none, or nothing to look at. */
async function brightPixel(
  bench: ToolBench,
  path: string,
  atMs: number,
  cover: Cover,
  label: Label | null,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  const { x, y, width, height } = cover;
  const plan = {
    inputs: [{ from: 'recording', path, options: ['-ss', (atMs / 1000).toFixed(3)] }],
    videoFilters: [`crop=${width}:${height}:${x}:${y}`, 'format=yuv420p', 'extractplanes=y'],
    output: ['-an', '-frames:v', '1', '-f', 'rawvideo', '-pix_fmt', 'gray'],
  } as const;
  const pixels = await collectOutput(bench, plan, { maxBytes: width * height, signal });
  // The edge shares its blocks with what is outside.
  const edge = Math.min(2, Math.floor((Math.min(width, height) - 1) / 2));
  for (let row = edge; row < height - edge; row++) {
    for (let column = edge; column < width - edge; column++) {
      const written = label !== null && x + column < label.x + label.width && y + row >= label.y;
      if (!written && (pixels[row * width + column] ?? 0) > black) return `${x + column}, ${y + row}`;
    }
  }
  return null;
}

async function checkSilence(
  bench: ToolBench,
  { path }: { readonly path: string },
  { marks, sourceMs }: Expected,
  signal: AbortSignal | undefined,
): Promise<void> {
  const cuts = cutSpans(marks, sourceMs);
  for (const mark of marks) {
    if (mark.kind !== 'sound' || mark.style !== 'mute') continue;
    const beeps = marks.some(
      (each) => each.kind === 'sound' && each.style === 'beep' && each.from < mark.to && each.to > mark.from,
    );
    const middle = (mark.from + Math.min(mark.to, sourceMs ?? Number.POSITIVE_INFINITY)) / 2;
    const at = placeInResult(cuts, middle);
    if (at === null || beeps) continue;
    const plan = {
      inputs: [{ from: 'recording', path, options: ['-ss', (at / 1000).toFixed(3)] }],
      output: ['-vn', '-ac', '1', '-ar', '8000', '-t', '0.02', '-f', 's16le', '-c:a', 'pcm_s16le'],
    } as const;
    const samples = await collectOutput(bench, plan, { maxBytes: 64 * 1024, signal });
    for (let byte = 0; byte + 1 < samples.length; byte += 2) {
      if (Math.abs(samples.readInt16LE(byte)) > silence * 32_767)
        throw wrong(`at ${Math.round(at)} ms something can be heard that is to be silent.`);
    }
  }
}
