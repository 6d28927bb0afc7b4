import { type RedactionMark, smallestSide } from '@fengcun/contracts';

/** A mark on the page: with a name of its own, so that a list can be changed while one of them is selected. */
export type DraftMark = RedactionMark & { readonly key: string };
/** A mark that is a rectangle of the picture. */
export type DraftPlace = Extract<DraftMark, { kind: 'region' | 'area' }>;

/** A rectangle of the picture, fractions of its width and height. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** ms that a new mark lasts */
const usualLength = 5000;
/** Positions are kept to a thousandth of the picture: finer than a pixel of most recordings. */
const fine = 1000;

export const drafted = (marks: readonly RedactionMark[]): readonly DraftMark[] =>
  marks.map((mark) => ({ ...mark, key: crypto.randomUUID() }));

/** What is sent: without names, and without notes that say nothing. */
export const marksOf = (drafts: readonly DraftMark[]): RedactionMark[] =>
  drafts.map(({ key, note, ...mark }) => (note?.trim() ? { ...mark, note: note.trim() } : mark) as RedactionMark);

/** A mark that begins where the viewer is; one of a still picture has no time. */
export function newMark(kind: RedactionMark['kind'], atMs: number, durationMs: number, place?: Rectangle): DraftMark {
  const end = durationMs > 0 ? durationMs : Number.POSITIVE_INFINITY;
  const from = Math.round(Math.max(0, Math.min(atMs, end - 200)));
  const span = { key: crypto.randomUUID(), from, to: Math.round(Math.min(from + usualLength, end)) };
  const where = within(place ?? { x: 0.4, y: 0.3, w: 0.2, h: 0.25 });
  switch (kind) {
    case 'area':
      return { key: span.key, kind, style: 'solid', reason: 'face', ...where };
    case 'region':
      return { ...span, kind, style: 'solid', reason: 'face', ...where };
    case 'picture':
      return { ...span, kind, style: 'solid', reason: 'minor' };
    case 'sound':
      return { ...span, kind, style: 'mute', reason: 'voice' };
    case 'cut':
      return { ...span, kind, reason: 'address' };
  }
}

/** The rectangle moved into the picture and made as large as one must be. */
export function within({ x, y, w, h }: Rectangle): Rectangle {
  const round = (value: number) => Math.round(value * fine) / fine;
  const width = round(Math.min(1, Math.max(2 * smallestSide, w)));
  const height = round(Math.min(1, Math.max(2 * smallestSide, h)));
  return {
    x: round(Math.min(Math.max(0, x), 1 - width)),
    y: round(Math.min(Math.max(0, y), 1 - height)),
    w: width,
    h: height,
  };
}

/** The rectangle between two corners. */
export const between = (a: { x: number; y: number }, b: { x: number; y: number }): Rectangle =>
  within({ x: Math.min(a.x, b.x), y: Math.min(a.y, b.y), w: Math.abs(a.x - b.x), h: Math.abs(a.y - b.y) });

export const isSame = (a: readonly DraftMark[], b: readonly RedactionMark[]): boolean =>
  JSON.stringify(marksOf(a)) === JSON.stringify(marksOf(drafted(b)));
