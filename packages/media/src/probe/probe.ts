import { type FileHandle, open } from 'node:fs/promises';
import { MediaError } from '../errors.ts';
import type { ToolBench } from '../process/bench.ts';
import { askFfprobe, type FfprobeAnswer, numberField, objectOf, textField } from './ffprobe.ts';
import { type Mp4Skeleton, readSkeleton } from './mp4-boxes.ts';
import { type Sniffed, sniff } from './sniff.ts';
import { describeStreams } from './streams.ts';
import type { MediaKind, NothingToPlay, ProbeResult } from './types.ts';
import { judge } from './verdict.ts';

/**
 * Says what a file is. Whatever the bytes are, there is a result: broken media is still evidence.
 * @throws MediaError io (the file cannot be read), tool_missing, aborted, timed_out, no_progress, ffmpeg_failed
 */
export async function probeFile(
  bench: ToolBench,
  path: string,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<ProbeResult> {
  const { sizeBytes, sniffed, skeleton } = await look(path);
  const nothing = (
    kind: MediaKind,
    reason: NothingToPlay,
    detail: string,
    { raw = null, ...format }: { readonly raw?: unknown; readonly format?: string } = {},
  ): ProbeResult => ({
    kind,
    container: null,
    sizeBytes,
    durationMs: null,
    bitsPerSecond: null,
    creationTime: null,
    streams: [],
    truncated: reason === 'truncated' || reason === 'no-moov' || (skeleton?.truncated ?? false),
    playable: { state: 'nothing-to-play', reason, detail, ...format },
    raw,
  });

  if (sniffed.family === 'empty') return nothing('unknown', 'empty-file', 'The file has no bytes.');
  if (sniffed.family === 'document')
    return nothing('document', 'document', `A document (${sniffed.name}), not a recording.`, {
      format: sniffed.name,
    });
  if (sniffed.family === 'image' && sniffed.demuxer === null) {
    return nothing('image', 'image', `A still picture (${sniffed.name}).`, { format: sniffed.name });
  }

  const answer = await askFfprobe(bench, path, {
    demuxer: sniffed.family === 'image' ? (sniffed.demuxer ?? undefined) : undefined,
    signal: options.signal,
  });
  if (sniffed.family === 'image') return imageResult(sniffed.name, sizeBytes, answer);

  const streams = describeStreams(answer);
  const hasVideo = streams.some((stream) => stream.type === 'video' && stream.width > 0 && stream.height > 0);
  const hasAudio = streams.some((stream) => stream.type === 'audio' && stream.channels > 0);
  if (!answer.opened || (!hasVideo && !hasAudio)) {
    const { reason, detail } = whyNothing(sniffed, skeleton, answer);
    return nothing('unknown', reason, detail, { raw: answer.raw });
  }

  const container = textField(answer.format, 'format_name');
  const durationSeconds = numberField(answer.format, 'duration');
  const seen = answer.packets.length > 0;
  return {
    kind: hasVideo ? 'video' : 'audio',
    container,
    sizeBytes,
    durationMs: durationSeconds === null ? null : Math.round(durationSeconds * 1000),
    bitsPerSecond: numberField(answer.format, 'bit_rate'),
    creationTime: textField(objectOf(answer.format.tags), 'creation_time'),
    streams,
    truncated: cutShort(sniffed, skeleton, sizeBytes),
    playable: seen
      ? judge(container, streams, skeleton)
      : {
          state: 'nothing-to-play',
          reason: cutShort(sniffed, skeleton, sizeBytes) ? 'truncated' : 'corrupt',
          detail: 'The headers are there, but not one picture or sound follows them.',
        },
    raw: answer.raw,
  };
}

async function look(path: string): Promise<{ sizeBytes: number; sniffed: Sniffed; skeleton: Mp4Skeleton | null }> {
  let file: FileHandle | null = null;
  try {
    file = await open(path, 'r');
    const { size } = await file.stat();
    const sniffed = await sniff(file, size);
    return { sizeBytes: size, sniffed, skeleton: sniffed.family === 'mp4' ? await readSkeleton(file, size) : null };
  } catch (cause) {
    throw new MediaError('io', 'The file could not be read: check that it exists and that the service may read it.', {
      cause,
    });
  } finally {
    await file?.close();
  }
}

function imageResult(name: string, sizeBytes: number, answer: FfprobeAnswer): ProbeResult {
  return {
    kind: 'image',
    container: textField(answer.format, 'format_name'),
    sizeBytes,
    durationMs: null,
    bitsPerSecond: null,
    creationTime: null,
    streams: describeStreams(answer),
    truncated: false,
    playable: { state: 'nothing-to-play', reason: 'image', detail: `A still picture (${name}).`, format: name },
    raw: answer.raw,
  };
}

function whyNothing(
  sniffed: Sniffed,
  skeleton: Mp4Skeleton | null,
  answer: FfprobeAnswer,
): { readonly reason: NothingToPlay; readonly detail: string } {
  if (skeleton && !skeleton.hasMoov) {
    return skeleton.hasMdat
      ? {
          reason: 'no-moov',
          detail: 'An MP4 without its index (moov): the recorder stopped before it could close the file.',
        }
      : { reason: 'truncated', detail: 'The beginning of an MP4 and nothing more.' };
  }
  if (skeleton?.truncated) return { reason: 'truncated', detail: 'The file ends inside its own index.' };
  if (skeleton || sniffed.family === 'riff')
    return { reason: 'corrupt', detail: 'A media container whose contents cannot be read.' };
  return answer.opened
    ? { reason: 'not-media', detail: 'The file holds neither picture nor sound.' }
    : { reason: 'not-media', detail: 'Not a picture, sound or video format that is known here.' };
}

function cutShort(sniffed: Sniffed, skeleton: Mp4Skeleton | null, sizeBytes: number): boolean {
  // A recorder that streams leaves 0 or 0xFFFFFFFF as the size of a RIFF file it never went back to.
  if (sniffed.family === 'riff') return sniffed.declaredBytes > sizeBytes && sniffed.declaredBytes < 0xffff_ffff;
  return skeleton?.truncated ?? false;
}
