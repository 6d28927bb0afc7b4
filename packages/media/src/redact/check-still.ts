import { readFile } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { MediaError } from '../errors.ts';
import type { ToolBench } from '../process/bench.ts';
import { collectOutput } from '../process/collect.ts';
import type { UprightPicture } from '../still/upright.ts';
import { type Cover, gridOf } from './filter-graph.ts';
import type { Label } from './label.ts';
import { whatElseIsIn } from './picture-only.ts';

/** of 255, luma; the edge of a block rings a little */
const black = 24;
/** share of the original's detail, finer than the cells, that may be found again: noise is near 0, what was not covered is 1 */
const mostDetail = 0.25;
/** of 255, mean square: below this there is no detail that could be hidden */
const leastDetail = 4;
/** pixels at the edge of a covered rectangle, which share their blocks with what is outside */
const edge = 8;

/**
 * Looks at a redacted picture as a stranger would, before anybody relies on it: it is a JPEG and nothing else, it can be decoded, it has the
 * size it must have, it is black where it is to be black, and where it is blurred or pixelated nothing fine of the original can be found.
 * @throws MediaError result_wrong, and what running the tool may throw
 */
export async function checkStill(
  bench: ToolBench,
  path: string,
  expected: { readonly upright: UprightPicture; readonly covers: readonly Cover[]; readonly label: Label | null },
  signal: AbortSignal | undefined,
): Promise<void> {
  const { upright, covers, label } = expected;
  const more = whatElseIsIn(await readFile(path));
  if (more !== null) throw wrong(`it carries ${more}.`);
  const size = upright.width * upright.height;
  const pixels = async (of: string, demuxer: string) => {
    const plan = {
      inputs: [{ from: 'recording', path: of, demuxer, options: ['-xerror'] }],
      videoFilters: ['scale=out_range=pc', 'format=yuv444p', 'extractplanes=y'],
      output: ['-frames:v', '1', '-f', 'rawvideo', '-pix_fmt', 'gray'],
    } as const;
    return collectOutput(bench, plan, { maxBytes: size, signal });
  };
  const made = await pixels(path, 'jpeg_pipe').catch((error: unknown) => {
    if (error instanceof MediaError && ['ffmpeg_failed', 'output_too_large'].includes(error.code))
      throw wrong('it cannot be decoded.');
    throw error;
  });
  if (made.length !== size) throw wrong(`it does not have ${upright.width} by ${upright.height} pixels.`);
  const original = covers.some(({ style }) => style !== 'solid') ? await pixels(upright.path, 'png_pipe') : made;
  for (const cover of covers) {
    // Two hundred rectangles of a large picture are a lot of work for one turn.
    await setImmediate();
    signal?.throwIfAborted();
    const bright = cover.style === 'solid' ? brightPixel(made, upright.width, cover, label) : null;
    if (bright) throw wrong(`a covered part of the picture (${bright}) can be seen.`);
    if (cover.style !== 'solid' && detailLeft(made, original, upright.width, cover) > mostDetail)
      throw wrong(`a part of the picture (${cover.x}, ${cover.y}) is not hidden.`);
  }
}

const wrong = (detail: string) => new MediaError('result_wrong', `What was made is not what was asked for: ${detail}`);

function brightPixel(pixels: Buffer, stride: number, cover: Cover, label: Label | null): string | null {
  const { x, y, width, height } = cover;
  const margin = Math.min(2, Math.floor((Math.min(width, height) - 1) / 2));
  for (let row = y + margin; row < y + height - margin; row++) {
    for (let column = x + margin; column < x + width - margin; column++) {
      const written = label !== null && column < label.x + label.width && row >= label.y;
      if (!written && (pixels[row * stride + column] ?? 0) > black) return `${column}, ${row}`;
    }
  }
  return null;
}

/**
 * How much of the original's fine detail is left in a rectangle, 0 to about 1: the regression of what was made on what the original has beyond
 * the mean of each cell. The means themselves are meant to be seen.
 */
export function detailLeft(made: Buffer, original: Buffer, stride: number, cover: Cover): number {
  const [columns, rows] = gridOf(cover);
  const margin = Math.min(edge, Math.floor(Math.min(cover.width, cover.height) / 4));
  const area = {
    x: cover.x + margin,
    y: cover.y + margin,
    width: cover.width - 2 * margin,
    height: cover.height - 2 * margin,
  };
  let [detail, found, count] = [0, 0, 0];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const left = area.x + Math.floor((column * area.width) / columns);
      const right = area.x + Math.floor(((column + 1) * area.width) / columns);
      const top = area.y + Math.floor((row * area.height) / rows);
      const bottom = area.y + Math.floor(((row + 1) * area.height) / rows);
      const pixels = (right - left) * (bottom - top);
      if (pixels === 0) continue;
      let [sum, madeSum, products, squares] = [0, 0, 0, 0];
      for (let y = top; y < bottom; y++) {
        for (let x = left; x < right; x++) {
          const [was, is] = [original[y * stride + x] ?? 0, made[y * stride + x] ?? 0];
          sum += was;
          madeSum += is;
          products += was * is;
          squares += was * was;
        }
      }
      detail += squares - (sum * sum) / pixels;
      found += products - (sum * madeSum) / pixels;
      count += pixels;
    }
  }
  return count === 0 || detail / count < leastDetail ? 0 : found / detail;
}
