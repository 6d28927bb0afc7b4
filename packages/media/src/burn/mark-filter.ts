import type { BurnFont } from './find-font.ts';

/** What is burnt in: a few short lines, the same in every frame. */
export interface Mark {
  readonly lines: readonly string[];
}

interface Frame {
  readonly width: number;
  readonly height: number;
}

/** radians; slanted text does not fall together with the lines of houses and cars */
const slant = 0.35;
/** of 255; enough to be read in every picture, little enough to see through */
const opacity = 118;

/**
 * Filters that burn a mark into pictures of a size, from `[in]` to `[out]`: the lines tiled over the whole picture, half transparent, white
 * with a dark edge, drifting so that no still part of the picture is free of them for long; and once more, solid, in a line that wanders
 * along the lower or the upper edge. Cropping takes away neither, and blurring both costs the picture.
 */
export function markFilter(mark: Mark, font: BurnFont, frame: Frame, input: string, output: string): string {
  const { width, height } = frame;
  const lines = mark.lines.map(clean).filter((line) => line !== '');
  const longest = Math.max(1, ...lines.map(emsOf));
  // Small enough for the longest line to fit twice across, large enough to be read.
  const size = Math.round(Math.max(10, Math.min(width / 46, width / (longest * 1.1), height / 12)));
  const cell = {
    width: even(longest * size + 4 * size),
    height: even(lines.length * size * 1.35 + 3.5 * size),
  };
  const drift = { x: Math.round(cell.width / 3), y: Math.round(cell.height / 3) };
  const sheet = { width: even(width + 2 * drift.x), height: even(height + 2 * drift.y) };
  const across = sheet.width * Math.cos(slant) + sheet.height * Math.sin(slant);
  const down = sheet.width * Math.sin(slant) + sheet.height * Math.cos(slant);
  const columns = Math.ceil(across / cell.width) + 1;
  const rows = Math.ceil(down / cell.height) + 1;
  const face = `${font.option.name}=${escaped(font.option.value)}:expansion=none`;

  const layer = (fill: string, edge: string) =>
    [
      `color=c=black:s=${cell.width}x${cell.height}:r=25:d=${columns * rows},format=gray`,
      ...lines.map((line, n) => {
        const y = Math.round(1.5 * size + n * size * 1.35);
        return `drawtext=${face}:text=${escaped(line)}:fontsize=${size}:fontcolor=${fill}:borderw=${Math.max(1, Math.round(size / 14))}:bordercolor=${edge}:x=${size}:y=${y}`;
      }),
      `tile=${columns}x${rows}`,
      `rotate=-${slant}:ow=${sheet.width}:oh=${sheet.height}:c=black`,
      'trim=end_frame=1',
    ].join(',');
  const grey = `0x${opacity.toString(16).repeat(3)}`;
  const whole = lines.join('   ');
  const lineSize = Math.round(Math.max(10, Math.min(width / 52, width / (emsOf(whole) * 1.05))));
  const wander = `x='(w-tw)*(0.5+0.5*sin(t/11))':y='if(lt(mod(t,40),20),h-th-${lineSize},${lineSize})'`;
  return [
    `${layer('white', 'black')},format=yuv444p[ink]`,
    // Black is 16 in the range of television, and what is not inked must not darken the picture.
    `${layer(grey, grey)},lut=c0='clip(val-20,0,255)'[veil]`,
    `[ink][veil]alphamerge,loop=loop=-1:size=1[sheet]`,
    `[${input}][sheet]overlay=x='-${drift.x}+${drift.x}*sin(t/7)':y='-${drift.y}+${drift.y}*cos(t/5)':shortest=1[veiled]`,
    `[veiled]drawtext=${face}:text=${escaped(whole)}:fontsize=${lineSize}:fontcolor=white:box=1:boxcolor=black@0.55:boxborderw=${Math.round(lineSize / 3)}:${wander},format=yuv420p[${output}]`,
  ].join(';');
}

/** Rough width in ems: a Chinese character is one, others a little over half. */
export function emsOf(text: string): number {
  let ems = 0;
  for (const char of text) ems += (char.codePointAt(0) ?? 0) >= 0x2e80 ? 1 : 0.6;
  return ems;
}

const even = (length: number): number => 2 * Math.ceil(length / 2);

/** No line breaks, control characters or halves of surrogate pairs: none of them is a character that can be drawn. */
const clean = (line: string): string => line.toWellFormed().replaceAll(/\p{C}/gu, ' ').trim().slice(0, 120);

/**
 * A value as it stands in a filter graph (FFmpeg documentation, "Notes on filtergraph escaping"): once for the list of options, once for
 * the graph. Nothing in a name can then end its option or begin another filter.
 */
export function escaped(value: string): string {
  return value.replaceAll(/[\\':]/g, '\\$&').replaceAll(/[\\'[\],;]/g, '\\$&');
}
