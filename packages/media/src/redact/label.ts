import type { BurnFont } from '../burn/find-font.ts';
import { emsOf, escaped } from '../burn/mark-filter.ts';

/** One small line in the lower left corner, and the part of the picture it may be in. */
export interface Label {
  readonly text: string;
  readonly font: BurnFont;
  /** pixels */
  readonly size: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Places a line; `width` and `height` are a little more than it can take. */
export function labelOf(
  line: string,
  font: BurnFont,
  frame: { readonly width: number; readonly height: number },
): Label {
  const text = line.toWellFormed().replaceAll(/\p{C}/gu, ' ').trim().slice(0, 60);
  const size = Math.round(Math.max(10, Math.min(frame.height / 36, frame.width / (emsOf(text) * 1.4))));
  const width = Math.min(frame.width, Math.ceil(emsOf(text) * size * 1.3 + 3 * size));
  const height = Math.min(frame.height, Math.ceil(size * 3));
  return { text, font, size, x: 0, y: frame.height - height, width, height };
}

export function labelFilter({ text, font, size }: Label): string {
  const face = `${font.option.name}=${escaped(font.option.value)}:expansion=none`;
  const edge = Math.round(size / 2);
  return `drawtext=${face}:text=${escaped(text)}:fontsize=${size}:fontcolor=white:box=1:boxcolor=black@0.45:boxborderw=${Math.round(size / 4)}:x=${edge}:y=h-th-${edge}`;
}
