import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Media, type NothingToPlay, openMedia, type TranscodeCause } from '../index.ts';
import { type ClipKind, makeClip } from '../testing/index.ts';
import { clipDirectory, temporaryDirectory } from '../testing/workshop.ts';

let media: Media;
let scratch: Awaited<ReturnType<typeof temporaryDirectory>>;

beforeAll(async () => {
  scratch = await temporaryDirectory();
  media = await openMedia({ scratchDir: join(scratch.path, 'scratch') });
});
afterAll(() => scratch[Symbol.asyncDispose]());

const probe = async (kind: ClipKind) => await media.probe(await makeClip(kind, clipDirectory));

describe('what plays as it is', () => {
  it.each(['h264-aac', 'h264-mkv', 'no-audio', 'two-audio', 'm4a', 'dark-start', 'fragmented'] as const)(
    '%s',
    async (kind) => {
      expect((await probe(kind)).playable).toEqual({ state: 'ready-as-is' });
    },
  );
});

describe('what has to be encoded says every cause', () => {
  it.each<[ClipKind, TranscodeCause[]]>([
    ['hevc', ['video-codec']],
    ['h264-10bit', ['video-profile', 'video-pixel-format']],
    ['mpeg4-avi', ['video-codec', 'audio-codec', 'container']],
    ['rotated', ['rotated']],
    ['variable-rate', ['variable-frame-rate']],
    ['sparse-keyframes', ['sparse-keyframes']],
    ['pcm-mov', ['audio-codec']],
    ['h264-mp3', ['audio-codec']],
    ['wav', ['audio-codec']],
    ['mp3', ['audio-codec']],
  ])('%s: %s', async (kind, why) => {
    expect((await probe(kind)).playable).toEqual({ state: 'needs-transcode', why });
  });
});

describe('what has nothing to play is a result with a reason, not an error', () => {
  it.each<[ClipKind, string, NothingToPlay]>([
    ['empty', 'unknown', 'empty-file'],
    ['one-byte', 'unknown', 'not-media'],
    ['text-named-mp4', 'unknown', 'not-media'],
    ['garbage-named-mp4', 'unknown', 'not-media'],
    ['pdf', 'document', 'document'],
    ['jpg', 'image', 'image'],
    ['no-moov', 'unknown', 'no-moov'],
    ['cut-in-moov', 'unknown', 'truncated'],
  ])('%s is %s: %s', async (kind, what, reason) => {
    const result = await probe(kind);
    expect(result.kind).toBe(what);
    expect(result.playable).toMatchObject({ state: 'nothing-to-play', reason });
  });

  it('an MP4 whose moov is there but whose contents are zeros', async () => {
    const path = join(scratch.path, 'zeros.mp4');
    await writeFile(
      path,
      Buffer.concat([Buffer.from('\0\0\0\x10ftypisom\0\0\0\0\0\0\x01\0moov', 'latin1'), Buffer.alloc(248)]),
    );
    expect((await media.probe(path)).playable).toMatchObject({ state: 'nothing-to-play', reason: 'corrupt' });
  });

  it('a file whose boxes nest without end', async () => {
    const path = join(scratch.path, 'nested.mp4');
    const levels = 20_000;
    const bytes = Buffer.alloc(levels * 8);
    for (let level = 0; level < levels; level += 1) {
      bytes.writeUInt32BE(bytes.length - level * 8, level * 8);
      bytes.write('moov', level * 8 + 4, 'latin1');
    }
    await writeFile(path, bytes);
    expect((await media.probe(path)).playable.state).toBe('nothing-to-play');
  });
});

describe('recordings that end early', () => {
  it('play as far as they go and say that they are cut: index first', async () => {
    expect(await probe('cut-moov-first')).toMatchObject({
      kind: 'video',
      truncated: true,
      playable: { state: 'ready-as-is' },
    });
  });

  it('play as far as they go and say that they are cut: fragments', async () => {
    expect(await probe('cut-fragmented')).toMatchObject({
      kind: 'video',
      truncated: true,
      playable: { state: 'ready-as-is' },
    });
  });

  it('whole ones do not say so', async () => {
    expect((await probe('h264-aac')).truncated).toBe(false);
    expect((await probe('wav')).truncated).toBe(false);
  });
});

describe('the summary', () => {
  it('describes streams and keeps what ffprobe said whole', async () => {
    const result = await probe('h264-aac');
    expect(result).toMatchObject({ kind: 'video', container: 'mov,mp4,m4a,3gp,3g2,mj2', durationMs: 10_000 });
    expect(result.streams).toMatchObject([
      {
        type: 'video',
        codec: 'h264',
        width: 320,
        height: 180,
        averageFps: 25,
        pixelFormat: 'yuv420p',
        bitDepth: 8,
        keyframeIntervalMs: 1000,
      },
      { type: 'audio', codec: 'aac', profile: 'LC', channels: 1, sampleRate: 48_000 },
    ]);
    expect(result.raw).toMatchObject({
      format: { nb_streams: 2 },
      streams: [{ codec_name: 'h264' }, { codec_name: 'aac' }],
    });
    expect(result.raw).not.toHaveProperty('packets');
  });

  it('gives width and height as they are seen, after rotation', async () => {
    const [video] = (await probe('rotated')).streams;
    expect(video).toMatchObject({ width: 180, height: 320 });
  });
});

it('a file that is not there is an error', async () => {
  await expect(media.probe(join(scratch.path, 'nowhere.mp4'))).rejects.toMatchObject({
    name: 'MediaError',
    code: 'io',
  });
});

it('a name that looks like an option or a protocol is only a name', async () => {
  for (const name of ['-i.mp4', 'http:\\x.mp4', 'concat:a|b.mp4', '执法 视频 🎥 %03d.mp4']) {
    const path = join(scratch.path, name);
    await writeFile(path, 'nothing');
    expect((await media.probe(path)).playable).toMatchObject({ reason: 'not-media' });
  }
});
