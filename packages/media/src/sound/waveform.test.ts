import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Media, openMedia } from '../index.ts';
import { type ClipKind, makeClip } from '../testing/index.ts';
import { clipDirectory, temporaryDirectory } from '../testing/workshop.ts';
import { PeakFolder } from './peaks.ts';

let media: Media;
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
beforeAll(async () => {
  directory = await temporaryDirectory();
  media = await openMedia({ scratchDir: join(directory.path, 'scratch') });
});
afterAll(() => directory[Symbol.asyncDispose]());

async function inputOf(kind: ClipKind) {
  const path = await makeClip(kind, clipDirectory);
  return { path, probe: await media.probe(path) };
}

it.each(['wav', 'mp3', 'h264-aac', 'pcm-mov', 'cut-moov-first'] as const)(
  '%s has 1,000 to 2,000 points that span its sound',
  async (kind) => {
    const wave = await media.makeWaveform(await inputOf(kind));
    expect(wave.peaks.length).toBeGreaterThanOrEqual(1000);
    expect(wave.peaks.length).toBeLessThanOrEqual(2000);
    expect(wave.peaks.length * wave.pointMs).toBeGreaterThanOrEqual(wave.durationMs - 1);
    // The tone is at one eighth of full scale.
    expect(Math.max(...wave.peaks)).toBeGreaterThan(25);
  },
);

it('a video without sound is refused', async () => {
  await expect(media.makeWaveform(await inputOf('no-audio'))).rejects.toMatchObject({ code: 'not_media' });
});

it('a loud moment stays visible however long the recording and wherever the chunks end', () => {
  const folder = new PeakFolder(2);
  const pcm = Buffer.alloc(400_000 * 4);
  pcm.writeInt16LE(-32_768, 300_001 * 4 + 2);
  for (let at = 0; at < pcm.length; at += 4_099) folder.add(pcm.subarray(at, at + 4_099));
  const { peaks, samplesPerPoint, samples } = folder.finish();
  expect(samples).toBe(400_000);
  expect(peaks.indexOf(255)).toBe(Math.floor(300_001 / samplesPerPoint));
  expect(peaks.filter((level) => level > 0)).toEqual([255]);
});
