import { type AreaMark, type CutMark, cutSpans, type TimedMark } from '@fengcun/contracts';

/** How the pictures that marks are put on look: the size and rate they are encoded in. */
export interface MarkedFrame {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
}

interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A rectangle (or the whole picture) covered in one way, and when. */
export interface Cover extends Rectangle {
  readonly style: 'solid' | 'blur' | 'pixelate';
  /** seconds, with the margin of a picture on both sides; null: a still picture has no time */
  readonly when: readonly Seconds[] | null;
}

interface Seconds {
  readonly from: number;
  readonly to: number;
}

/**
 * The longer side of what is blurred or pixelated is brought down to this many cells, and the shorter one in proportion: a face in 8 by 10
 * cells is nobody's, and the digits of a plate are gone. What is thrown away cannot be calculated back, as it could be from a light blur.
 */
const cells = 10;
/** ms of sound taken away beside what is marked: a codec smears its neighbours, and filters work in pieces */
const soundMargin = 40;
/** samples; the pieces in which sound is switched, 10 ms at 48 kHz */
const soundPiece = 480;

/**
 * What is covered of pictures of this size, outermost pixel included: rectangles grow to even pixels (4:2:0 has one colour for each four) and
 * spans by one picture on both sides, because a picture stays on the screen until the next one. The same rectangle is one cover.
 */
export function coversOf(marks: readonly TimedMark[], frame: MarkedFrame): readonly Cover[] {
  const margin = Math.max(40, 1000 / frame.fps) / 1000;
  const covers = new Map<string, Cover>();
  for (const mark of marks) {
    if (mark.kind !== 'region' && mark.kind !== 'picture') continue;
    const place =
      mark.kind === 'picture' ? { x: 0, y: 0, width: frame.width, height: frame.height } : rectangleOf(mark, frame);
    const key = [mark.style, place.x, place.y, place.width, place.height].join(' ');
    const span = { from: Math.max(0, mark.from / 1000 - margin), to: mark.to / 1000 + margin };
    covers.set(key, { ...place, style: mark.style, when: [...(covers.get(key)?.when ?? []), span] });
  }
  return solidLast([...covers.values()]);
}

/** What is covered of a still picture of this size. */
export function areaCoversOf(
  marks: readonly AreaMark[],
  frame: Pick<MarkedFrame, 'width' | 'height'>,
): readonly Cover[] {
  return solidLast(marks.map((mark) => ({ ...rectangleOf(mark, frame), style: mark.style, when: null })));
}

/** Nothing is laid over what is black. */
const solidLast = (covers: readonly Cover[]): readonly Cover[] =>
  covers.toSorted((a, b) => Number(a.style === 'solid') - Number(b.style === 'solid'));

function rectangleOf(
  { x, y, w, h }: Pick<AreaMark, 'x' | 'y' | 'w' | 'h'>,
  { width, height }: Pick<MarkedFrame, 'width' | 'height'>,
): Rectangle {
  const evenDown = (value: number) => 2 * Math.floor(value / 2);
  const evenUp = (value: number) => 2 * Math.ceil(value / 2);
  const left = Math.min(evenDown(x * width), width - 2);
  const top = Math.min(evenDown(y * height), height - 2);
  return {
    x: left,
    y: top,
    width: Math.max(2, Math.min(evenUp((x + w) * width), width) - left),
    height: Math.max(2, Math.min(evenUp((y + h) * height), height) - top),
  };
}

/** Filters that cover pictures with this many colours, from `[in]` to `[out]`; a plain copy where nothing is to be covered. */
export function coverFilters(
  covers: readonly Cover[],
  input: string,
  output: string,
  colours: 'yuv420' | 'yuv444' = 'yuv420',
): string {
  const steps: string[] = [];
  let at = input;
  covers.forEach((cover, n) => {
    const next = n === covers.length - 1 ? output : `c${n}`;
    const { x, y, width, height, style } = cover;
    const when = cover.when === null ? '' : `:enable='${during(cover.when)}'`;
    if (style === 'solid') {
      steps.push(`[${at}]drawbox=x=${x}:y=${y}:w=${width}:h=${height}:color=black:t=fill${when}[${next}]`);
    } else {
      const [columns, rows] = gridOf(cover);
      const back = style === 'pixelate' ? 'neighbor' : 'bicubic';
      steps.push(
        `[${at}]split[k${n}][s${n}]`,
        `[s${n}]crop=${width}:${height}:${x}:${y},scale=${columns}:${rows}:flags=area,scale=${width}:${height}:flags=${back},format=${colours}p[h${n}]`,
        `[k${n}][h${n}]overlay=${x}:${y}:format=${colours}${when}[${next}]`,
      );
    }
    at = next;
  });
  return covers.length === 0 ? `[${input}]null[${output}]` : steps.join(';');
}

/** Even numbers, as 4:2:0 needs them. */
export function gridOf({ width, height }: Rectangle): readonly [columns: number, rows: number] {
  const scale = Math.min(1, cells / Math.max(width, height));
  const even = (side: number) => Math.max(2, 2 * Math.round((side * scale) / 2));
  return [even(width), even(height)];
}

/** Filters that take sound away, from `[in]` to `[out]`. */
export function soundFilters(
  marks: readonly TimedMark[],
  sound: { readonly sampleRate: number; readonly channels: 1 | 2 },
  input: string,
  output: string,
): string {
  const spans = (style: 'mute' | 'beep') =>
    marks
      .filter((mark) => mark.kind === 'sound' && (mark.style === style || style === 'mute'))
      .map(({ from, to }) => ({ from: Math.max(0, from - soundMargin) / 1000, to: (to + soundMargin) / 1000 }));
  const silent = spans('mute');
  const beeping = spans('beep');
  const layout = sound.channels === 1 ? 'mono' : 'stereo';
  const format = `aformat=sample_rates=${sound.sampleRate}:channel_layouts=${layout}`;
  const even = `aresample=async=1:first_pts=0,${format},asetnsamples=n=${soundPiece}:p=0`;
  if (silent.length === 0) return `[${input}]${even}[${output}]`;
  const muted = `[${input}]${even},volume=0:enable='${during(silent)}'`;
  if (beeping.length === 0) return `${muted}[${output}]`;
  return [
    `${muted}[quiet]`,
    `sine=frequency=1000:sample_rate=${sound.sampleRate}:samples_per_frame=${soundPiece},${format},volume=volume='0.5*min(1,${during(beeping)})':eval=frame[tone]`,
    `[quiet][tone]amix=inputs=2:duration=first:dropout_transition=0:normalize=0[${output}]`,
  ].join(';');
}

/** The spans that stay, seconds; null where nothing is left out. The last one has no end. */
export function keptSpans(
  marks: readonly TimedMark[],
  durationMs: number | null,
): readonly { readonly from: number; readonly to: number | null }[] | null {
  const cuts = cutSpans(marks, durationMs);
  if (cuts.length === 0) return null;
  const kept: { from: number; to: number | null }[] = [];
  let from = 0;
  for (const cut of cuts) {
    if (cut.from > from) kept.push({ from: from / 1000, to: cut.from / 1000 });
    from = cut.to;
  }
  if (durationMs === null || from < durationMs) kept.push({ from: from / 1000, to: null });
  return kept;
}

/** Filters that put the spans that stay behind each other. Pictures and sound of each are cut to the same length. */
export function joinFilters(
  kept: NonNullable<ReturnType<typeof keptSpans>>,
  from: { readonly video: string | null; readonly audio: string | null },
  to: { readonly video: string; readonly audio: string },
): string {
  const count = kept.length;
  const steps: string[] = [];
  if (from.video) steps.push(`[${from.video}]split=${count}${kept.map((_, n) => `[vs${n}]`).join('')}`);
  if (from.audio) steps.push(`[${from.audio}]asplit=${count}${kept.map((_, n) => `[as${n}]`).join('')}`);
  kept.forEach(({ from: start, to: end }, n) => {
    const range = `start=${start}${end === null ? '' : `:end=${end}`}`;
    if (from.video) steps.push(`[vs${n}]trim=${range},setpts=PTS-${start}/TB[vk${n}]`);
    if (from.audio) steps.push(`[as${n}]atrim=${range},asetpts=PTS-${start}/TB[ak${n}]`);
  });
  const pads = kept.map((_, n) => `${from.video ? `[vk${n}]` : ''}${from.audio ? `[ak${n}]` : ''}`).join('');
  const outputs = `${from.video ? `[${to.video}]` : ''}${from.audio ? `[${to.audio}]` : ''}`;
  steps.push(`${pads}concat=n=${count}:v=${from.video ? 1 : 0}:a=${from.audio ? 1 : 0}${outputs}`);
  return steps.join(';');
}

/** Where a moment of the recording is in the result, ms; null when it was left out. */
export function placeInResult(cuts: readonly Pick<CutMark, 'from' | 'to'>[], at: number): number | null {
  let before = 0;
  for (const { from, to } of cuts) {
    if (at >= from && at < to) return null;
    if (to <= at) before += to - from;
  }
  return at - before;
}

/** An expression that is 1 or more during the spans and 0 outside. */
const during = (spans: readonly Seconds[]): string =>
  spans.map(({ from, to }) => `between(t,${seconds(from)},${seconds(to)})`).join('+');

const seconds = (value: number): string => value.toFixed(3);
