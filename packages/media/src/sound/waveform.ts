import { MediaError } from '../errors.ts';
import { playedAudio } from '../probe/verdict.ts';
import type { ToolBench } from '../process/bench.ts';
import { streamOutput } from '../process/collect.ts';
import type { MediaInput } from '../proxy/make-proxy.ts';
import { PeakFolder } from './peaks.ts';

/** The outline of the sound, small enough to send as JSON. */
export interface Waveform {
  readonly version: 1;
  readonly durationMs: number;
  /** Time that one point stands for; the last one may be shorter. */
  readonly pointMs: number;
  /** Loudest sample of each point, 0..255, over all channels. */
  readonly peaks: readonly number[];
}

/** Enough for an outline: what lies above 4 kHz does not change where people speak. */
const sampleRate = 8_000;
const maxPcmBytes = 16 * 1024 ** 3;

/**
 * Draws the sound of the track the proxy carries, for audio and for video's sound: 1,000 to 2,000 points (fewer if the sound is shorter
 * than half a second).
 * @throws MediaError not_media (no sound), ffmpeg_failed, no_progress, timed_out, output_too_large, aborted, io
 */
export async function makeWaveform(
  bench: ToolBench,
  input: MediaInput,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<Waveform> {
  const audio = playedAudio(input.probe.streams);
  if (!audio || input.probe.playable.state === 'nothing-to-play')
    throw new MediaError('not_media', 'The file has no sound to draw.');
  const channels = Math.min(2, audio.channels);
  const folder = new PeakFolder(channels);
  await streamOutput(
    bench,
    {
      inputs: [{ from: 'recording', path: input.path, options: ['-vn'] }],
      audioFilters: ['aresample=async=1:first_pts=0'],
      output: [
        '-map',
        `0:${audio.index}`,
        '-sn',
        '-dn',
        '-ac',
        String(channels),
        '-ar',
        String(sampleRate),
        '-f',
        's16le',
      ],
    },
    { maxBytes: maxPcmBytes, signal: options.signal },
    (chunk) => folder.add(chunk),
  );
  const { peaks, samplesPerPoint, samples } = folder.finish();
  if (samples === 0) throw new MediaError('not_media', 'Not one sound in the file could be decoded.');
  return {
    version: 1,
    durationMs: Math.round((samples / sampleRate) * 1000),
    pointMs: (samplesPerPoint / sampleRate) * 1000,
    peaks,
  };
}
