import { copyFile, readdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { closedInput } from './command.ts';
import { type Media, openMedia, type ProbeResult } from './index.ts';
import { makeClip } from './testing/index.ts';
import { clipDirectory, temporaryDirectory } from './testing/workshop.ts';

/** Files that ask ffmpeg to open something else: another file, or the network. */

let media: Media;
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let server: Server;
let origin: string;
let visits = 0;
let target: string;
let honest: ProbeResult;

beforeAll(async () => {
  directory = await temporaryDirectory();
  media = await openMedia({ scratchDir: join(directory.path, 'scratch') });
  server = createServer((_, response) => {
    visits += 1;
    response.end('#EXTM3U\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  // A real film beside the hostile file: if it were opened, it would show.
  target = await makeClip('fragmented', clipDirectory);
  await copyFile(target, join(directory.path, 'sibling.mp4'));
  honest = await media.probe(target);
});
afterAll(async () => {
  server.close();
  await directory[Symbol.asyncDispose]();
});
beforeEach(() => {
  visits = 0;
});

const hostile: [name: string, text: () => string][] = [
  ['playlist to the network', () => `#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n${origin}/a.ts\n#EXT-X-ENDLIST\n`],
  ['playlist to a file', () => `#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nfile://${target}\n#EXT-X-ENDLIST\n`],
  ['playlist to a secret', () => '#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n'],
  [
    'playlist through concat:',
    () => `#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nconcat:${origin}/h|file:///etc/passwd\n`,
  ],
  ['ffconcat', () => 'ffconcat version 1.0\nfile sibling.mp4\n'],
  [
    'session description',
    () =>
      `v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 96\na=rtpmap:96 H264/90000\n`,
  ],
  [
    'manifest',
    () =>
      `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" profiles="urn:mpeg:dash:profile:isoff-main:2011" mediaPresentationDuration="PT4S"><Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1"><BaseURL>${origin}/c.mp4</BaseURL></Representation></AdaptationSet></Period></MPD>`,
  ],
];

describe.each(hostile)('a %s', (name, text) => {
  let path: string;
  beforeAll(async () => {
    path = join(directory.path, `${name.replace(/\W+/g, '-')}.mp4`);
    await writeFile(path, text());
  });

  it('is not media, and nothing else is opened', async () => {
    const result = await media.probe(path);
    expect(result.playable).toMatchObject({ state: 'nothing-to-play', reason: 'not-media' });
    expect(JSON.stringify(result)).not.toContain('root:');
    expect(visits).toBe(0);
  });

  it('yields no proxy and no picture even when somebody swears that it is a film', async () => {
    const input = { path, probe: honest };
    const got: Uint8Array[] = [];
    const proxy = media.makeProxy(input, {
      key: new Uint8Array(16),
      sink: async (bytes) => {
        for await (const chunk of bytes) got.push(chunk);
      },
    });
    await expect(proxy).rejects.toMatchObject({ code: 'ffmpeg_failed' });
    await expect(media.makePoster(input)).rejects.toMatchObject({ name: 'MediaError' });
    expect(got).toEqual([]);
    expect(visits).toBe(0);
    expect(await readdir(join(directory.path, 'scratch'))).toEqual([]);
  });
});

it('no network protocol and no demuxer that follows links is ever allowed', () => {
  const protocols = closedInput[closedInput.indexOf('-protocol_whitelist') + 1]?.split(',');
  const demuxers = closedInput[closedInput.indexOf('-format_whitelist') + 1]?.split(',');
  expect(protocols).toEqual(['file', 'pipe']);
  for (const name of [
    'hls',
    'concat',
    'dash',
    'sdp',
    'rtsp',
    'imf',
    'image2',
    'lavfi',
    'tty',
    'vapoursynth',
    'avisynth',
  ]) {
    expect(demuxers).not.toContain(name);
  }
});
