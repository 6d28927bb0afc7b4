import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type BurnOptions, type BurntCopy, makeBurntCopy } from './burn/make-burnt-copy.ts';
import { MediaError } from './errors.ts';
import { makePoster, type Picture } from './pictures/poster.ts';
import { makeThumbnails, type Thumbnails } from './pictures/thumbnails.ts';
import { probeFile } from './probe/probe.ts';
import type { ProbeResult } from './probe/types.ts';
import type { ToolBench } from './process/bench.ts';
import { createLauncher } from './process/launcher.ts';
import { defaultLimits, type MediaLimits } from './process/limits.ts';
import { type MediaInput, makeProxy, type ProxyOptions } from './proxy/make-proxy.ts';
import type { ProxyIndex } from './proxy/types.ts';
import { makeRedacted, type RedactOptions } from './redact/make-redacted.ts';
import { makeWaveform, type Waveform } from './sound/waveform.ts';
import { makeStill, type StillIndex, type StillOptions } from './still/make-still.ts';
import { findTools, type MediaTools } from './tools.ts';

export interface MediaOptions {
  /** Path or name; without it the tool is looked for on PATH. */
  readonly ffmpegPath?: string;
  readonly ffprobePath?: string;
  /** Made if it is not there. Runs work in directories of their own inside it, which do not outlive them. */
  readonly scratchDir: string;
  readonly limits?: Partial<MediaLimits>;
  /** A font with Chinese characters, for marks; without it one is looked for where distributions put them. */
  readonly cjkFont?: string | undefined;
}

interface Cancellable {
  readonly signal?: AbortSignal | undefined;
}

/**
 * What can be done with a recording. Files are given by path, on a local disk, and only ever read. Each method documents its errors;
 * all are `MediaError`, except what a caller's own sink throws.
 */
export interface Media {
  readonly tools: MediaTools;
  readonly limits: MediaLimits;
  /** Says what a file is; broken files are answers, not errors. */
  probe(path: string, options?: Cancellable): Promise<ProbeResult>;
  /** Makes the encrypted HLS proxy, streaming it into `options.sink`. */
  makeProxy<Stored>(
    input: MediaInput,
    options: ProxyOptions<Stored>,
  ): Promise<{ readonly index: ProxyIndex; readonly stored: Stored }>;
  /** Makes a file that may leave the house, with a mark in every frame (or, of sound, in its tags), streaming it into `options.sink`. */
  makeBurntCopy<Stored>(input: MediaInput, options: BurnOptions<Stored>): Promise<BurntCopy<Stored>>;
  /** Makes a redacted version of a recording or a still picture: a new file, checked, with what is marked covered, silenced or left out, and nothing of the original's metadata. */
  makeRedacted<Used>(input: MediaInput, options: RedactOptions<Used>): Promise<Used>;
  /** Makes what is looked at of a still picture, encrypted, streaming it into `options.sink`. */
  makeStill<Stored>(
    input: MediaInput,
    options: StillOptions<Stored>,
  ): Promise<{ readonly index: StillIndex; readonly stored: Stored }>;
  makePoster(input: MediaInput, options?: Cancellable): Promise<Picture>;
  makeThumbnails(input: MediaInput, options?: Cancellable): Promise<Thumbnails>;
  makeWaveform(input: MediaInput, options?: Cancellable): Promise<Waveform>;
}

/**
 * Finds the tools, proves what they can do, and opens the port.
 * @throws MediaError tool_missing (names what is missing and how to install it), io (scratch directory)
 */
export async function openMedia(options: MediaOptions): Promise<Media> {
  const tools = await findTools(options);
  const limits: MediaLimits = { ...defaultLimits, ...options.limits };
  const scratchDir = resolve(options.scratchDir);
  await mkdir(scratchDir, { recursive: true }).catch((cause: unknown) => {
    throw new MediaError(
      'io',
      `The scratch directory ${scratchDir} cannot be made: check the path and its permissions.`,
      { cause },
    );
  });
  const bench: ToolBench = {
    tools,
    limits,
    launcher: await createLauncher(limits),
    scratchDir,
    cjkFont: options.cjkFont,
  };
  return {
    tools,
    limits,
    probe: (path, given) => probeFile(bench, path, given),
    makeProxy: (input, given) => makeProxy(bench, input, given),
    makeBurntCopy: (input, given) => makeBurntCopy(bench, input, given),
    makeRedacted: (input, given) => makeRedacted(bench, input, given),
    makeStill: (input, given) => makeStill(bench, input, given),
    makePoster: (input, given) => makePoster(bench, input, given),
    makeThumbnails: (input, given) => makeThumbnails(bench, input, given),
    makeWaveform: (input, given) => makeWaveform(bench, input, given),
  };
}
