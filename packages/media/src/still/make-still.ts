import { createCipheriv, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isStill } from '../burn/copy-shape.ts';
import { MediaError } from '../errors.ts';
import type { ToolBench } from '../process/bench.ts';
import { collectOutput } from '../process/collect.ts';
import type { MediaInput } from '../proxy/make-proxy.ts';
import type { ByteSpan } from '../proxy/types.ts';
import { makeUpright } from './upright.ts';

/** How to decrypt the one piece of a still picture that is looked at. Plain JSON: it is kept in the catalogue where a recording has its `ProxyIndex`. */
export interface StillIndex {
  readonly version: 1;
  /** what is found when its bytes are decrypted; `size`: of them */
  readonly still: { readonly mediaType: 'image/jpeg'; readonly size: number };
  /** pixels, upright */
  readonly width: number;
  readonly height: number;
  /** AES-128-CBC with PKCS7 padding over the whole */
  readonly encryption: { readonly method: 'AES-128'; readonly baseIv: string };
  /** one piece, which counts as one millisecond where what was shown is told in time */
  readonly segments: readonly [ByteSpan & { readonly durationMs: 1 }];
  readonly totalBytes: number;
}

export interface StillOptions<Stored> {
  /** 16 bytes, this evidence's or this rendering's own */
  readonly key: Uint8Array;
  /** Stores the encrypted piece: one stream of bytes, to be read to its end. */
  readonly sink: (bytes: AsyncIterable<Uint8Array>) => Promise<Stored>;
  /** the file is a redacted version that was made here: it is shown byte for byte */
  readonly asItIs?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** bytes; no JPEG of the longest side that is shown has as many */
const mostBytes = 64 * 1024 * 1024;

/**
 * Makes what is looked at of a still picture: a JPEG, upright, without any metadata, as one encrypted piece.
 * @throws MediaError not_media (nothing here decodes it), ffmpeg_failed, no_progress, timed_out, aborted, io
 * @throws whatever `sink` throws
 */
export async function makeStill<Stored>(
  bench: ToolBench,
  input: MediaInput,
  options: StillOptions<Stored>,
): Promise<{ readonly index: StillIndex; readonly stored: Stored }> {
  if (options.key.byteLength !== 16) throw new TypeError('An AES-128 key has 16 bytes.');
  if (!isStill(input.probe))
    throw new MediaError('not_media', 'The file is no still picture that can be decoded here.');
  const { bytes, width, height } = options.asItIs ? await asItIs(input) : await looked(bench, input, options.signal);
  const iv = randomBytes(16);
  const cipher = createCipheriv('aes-128-cbc', options.key, iv);
  const encrypted = Buffer.concat([cipher.update(bytes), cipher.final()]);
  const stored = await options.sink(once(encrypted));
  const index: StillIndex = {
    version: 1,
    still: { mediaType: 'image/jpeg', size: bytes.length },
    width,
    height,
    encryption: { method: 'AES-128', baseIv: iv.toString('hex') },
    segments: [{ offset: 0, length: encrypted.length, durationMs: 1 }],
    totalBytes: encrypted.length,
  };
  return { index, stored };
}

interface Looked {
  readonly bytes: Buffer;
  readonly width: number;
  readonly height: number;
}

async function asItIs({ path, probe }: MediaInput): Promise<Looked> {
  const picture = probe.streams.find((stream) => stream.type === 'video');
  if (!picture) throw new MediaError('not_media', 'The file has no picture.');
  const chunks: Uint8Array[] = [];
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024, end: mostBytes })) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  if (bytes.length > mostBytes)
    throw new MediaError('output_too_large', `The picture has more than ${mostBytes} bytes.`);
  return { bytes, width: picture.width, height: picture.height };
}

async function looked(bench: ToolBench, input: MediaInput, signal: AbortSignal | undefined): Promise<Looked> {
  const directory = await scratchOf(bench, 'still-');
  try {
    const { path, width, height } = await makeUpright(bench, input, directory, signal);
    const plan = {
      inputs: [{ from: 'recording', path, demuxer: 'png_pipe' }],
      videoFilters: ['scale=flags=bicubic:out_range=pc', 'format=yuv444p'],
      output: [...stillOutput, '-q:v', '3'],
    } as const;
    return { bytes: await collectOutput(bench, plan, { maxBytes: mostBytes, signal }), width, height };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** A JPEG with a colour for every pixel and nothing in it that is not the picture: no comment, no encoder's name. */
export const stillOutput = [
  ...['-map_metadata', '-1', '-frames:v', '1', '-c:v', 'mjpeg', '-pix_fmt', 'yuvj444p'],
  ...['-fflags', '+bitexact', '-flags:v', '+bitexact', '-f', 'image2pipe', '-an'],
] as const;

/** A directory of one run's own. @throws MediaError io */
export async function scratchOf({ scratchDir }: ToolBench, prefix: string): Promise<string> {
  return mkdtemp(join(scratchDir, prefix)).catch((cause: unknown) => {
    throw new MediaError('io', `The scratch directory ${scratchDir} cannot be written: make it writable.`, { cause });
  });
}

const mib = 1024 * 1024;

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += mib) yield bytes.subarray(at, at + mib);
}
