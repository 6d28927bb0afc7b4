import { type Static, Type } from 'typebox';
import { Line } from '../http/primitives.ts';

/** Why something is hidden: 面部, 车牌, 住址, 证件, 未成年人, 声音, 其他. */
export const redactionReasons = ['face', 'plate', 'address', 'document', 'minor', 'voice', 'other'] as const;
export const RedactionReason = Type.Enum([...redactionReasons]);
export type RedactionReason = Static<typeof RedactionReason>;

/** How a picture is hidden. Only `solid` leaves nothing of it; the others keep so little that nobody can be told by it. */
export const coverStyles = ['solid', 'blur', 'pixelate'] as const;
export const soundStyles = ['mute', 'beep'] as const;

/** marks one plan may have; all of them are worked on in every picture */
export const mostMarks = 200;

const strict = { additionalProperties: false } as const;
/** ms from the beginning of the recording as it is played */
const Ms = Type.Integer({ minimum: 0, maximum: 2_147_483_647 });
/** of the picture as it is shown upright: 0 is left or top, 1 is right or bottom */
const Fraction = Type.Number({ minimum: 0, maximum: 1 });
const why = {
  reason: RedactionReason,
  /** required for `other` */
  note: Type.Optional(Line(200)),
};
const span = {
  /** inclusive */
  from: Ms,
  /** exclusive, after `from` */
  to: Ms,
  ...why,
};

const rectangle = { style: Type.Enum([...coverStyles]), x: Fraction, y: Fraction, w: Fraction, h: Fraction };

/** A rectangle of the picture is covered for a while. */
const Region = Type.Object({ kind: Type.Literal('region'), ...rectangle, ...span }, strict);
/** A rectangle of a still picture is covered. */
const Area = Type.Object({ kind: Type.Literal('area'), ...rectangle, ...why }, strict);
/** The whole picture is covered for a while. */
const WholePicture = Type.Object(
  { kind: Type.Literal('picture'), style: Type.Enum([...coverStyles]), ...span },
  strict,
);
/** The sound is taken away for a while. */
const Sound = Type.Object({ kind: Type.Literal('sound'), style: Type.Enum([...soundStyles]), ...span }, strict);
/** Picture and sound of a while are left out. */
const Cut = Type.Object({ kind: Type.Literal('cut'), ...span }, strict);

/** Still pictures take areas and nothing else; recordings take all the others. */
export const RedactionMark = Type.Union([Region, WholePicture, Sound, Cut, Area]);
export type RedactionMark = Static<typeof RedactionMark>;
export type AreaMark = Static<typeof Area>;
/** What has a time, as every mark of a recording does. */
export type TimedMark = Exclude<RedactionMark, AreaMark>;
export type CutMark = Static<typeof Cut>;

/** What a recording is, as far as marks go. */
export interface MarkedRecording {
  /** ms; null: it does not say */
  readonly durationMs: number | null;
  /** a photograph or the like: one picture, no time */
  readonly still: boolean;
  readonly hasPicture: boolean;
  readonly hasSound: boolean;
}

export const markFaultCodes = [
  'nothing_marked',
  'empty_span',
  'after_the_end',
  'outside_the_picture',
  'too_small',
  'no_picture',
  'no_sound',
  'note_missing',
  'nothing_left',
  'not_of_a_still',
  'of_stills_only',
] as const;
export interface MarkFault {
  /** position in the list, or null for a fault of the whole */
  readonly mark: number | null;
  readonly code: (typeof markFaultCodes)[number];
}

/** of the picture's width and height; a rectangle narrower than this is a slip of the hand */
export const smallestSide = 0.005;
/** ms; what is left after cutting must have this much */
export const shortestResult = 1000;
/** What a sum of two fractions may be beyond 1 without lying outside. */
const rounding = 1e-9;

export const isTimed = (mark: RedactionMark): mark is TimedMark => mark.kind !== 'area';

/** What is wrong with marks for a recording or a still picture; empty when nothing is. The server and the editor ask the same. */
export function markFaults(marks: readonly RedactionMark[], recording: MarkedRecording): readonly MarkFault[] {
  const faults: MarkFault[] = [];
  if (marks.length === 0) faults.push({ mark: null, code: 'nothing_marked' });
  marks.forEach((mark, index) => {
    const fault = (code: MarkFault['code']) => faults.push({ mark: index, code });
    if (mark.reason === 'other' && !mark.note?.trim()) fault('note_missing');
    if (recording.still && isTimed(mark)) {
      fault('not_of_a_still');
      return;
    }
    if (isTimed(mark)) {
      if (mark.to <= mark.from) fault('empty_span');
      if (recording.durationMs !== null && mark.from >= recording.durationMs) fault('after_the_end');
      if ((mark.kind === 'region' || mark.kind === 'picture') && !recording.hasPicture) fault('no_picture');
      if (mark.kind === 'sound' && !recording.hasSound) fault('no_sound');
      if (mark.kind !== 'region') return;
    } else if (!recording.still) {
      fault('of_stills_only');
      return;
    }
    if (mark.w < smallestSide || mark.h < smallestSide) fault('too_small');
    if (mark.x + mark.w > 1 + rounding || mark.y + mark.h > 1 + rounding) fault('outside_the_picture');
  });
  const { durationMs } = recording;
  if (
    durationMs !== null &&
    marks.some(({ kind }) => kind === 'cut') &&
    lengthAfterCuts(marks, durationMs) < shortestResult
  )
    faults.push({ mark: null, code: 'nothing_left' });
  return faults;
}

/** A while of the recording, ms, half-open. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** What is left out, in order and without overlaps, within the recording where its length is known. */
export function cutSpans(marks: readonly RedactionMark[], durationMs: number | null): readonly Span[] {
  const end = durationMs ?? Number.POSITIVE_INFINITY;
  const spans: Span[] = [];
  const cuts = marks.filter((mark) => mark.kind === 'cut').filter(({ from, to }) => to > from && from < end);
  for (const { from, to } of cuts.toSorted((a, b) => a.from - b.from)) {
    const last = spans.at(-1);
    if (last && from <= last.to)
      spans[spans.length - 1] = { from: last.from, to: Math.max(last.to, Math.min(to, end)) };
    else spans.push({ from, to: Math.min(to, end) });
  }
  return spans;
}

/** ms that a recording of this length has after cutting. */
export function lengthAfterCuts(marks: readonly RedactionMark[], durationMs: number): number {
  return durationMs - cutSpans(marks, durationMs).reduce((sum, { from, to }) => sum + to - from, 0);
}
