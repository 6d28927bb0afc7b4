import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { CallReply } from '@fengcun/contracts';
import type { ClipKind } from '@fengcun/media/testing';
import { beforeAll, expect, it } from 'vitest';
import { type AgentRun, enrolDock, freshSerial, temporaryDirectory } from '../product/dock.ts';
import { eventually } from '../product/eventually.ts';
import type { Person } from '../product/person.ts';
import { openProduct, type Product } from '../product/product.ts';
import { opensslDigests, placeClip } from '../product/recordings.ts';

const execute = promisify(execFile);
const serial = freshSerial();

/** Recordings that browsers cannot play as they are, or only with care; seconds that must come out of the playable version. */
const playable = [
  ['h264-aac', '正常.mp4', { seconds: 10, video: true, audio: true }],
  ['no-audio', '无声.mp4', { seconds: 6, video: true, audio: false }],
  ['m4a', '仅音频.m4a', { seconds: 9, video: false, audio: true }],
  ['wav', '录音.wav', { seconds: 5, video: false, audio: true }],
  ['pcm-mov', 'PCM 音轨.mov', { seconds: 2, video: true, audio: true }],
  ['hevc', 'HEVC.mp4', { seconds: 2, video: true, audio: true }],
  ['rotated', '竖拍.mp4', { seconds: 2, video: true, audio: false }],
  ['variable-rate', '可变帧率.mp4', { seconds: 4, video: true, audio: false }],
  ['mpeg4-avi', '旧设备.avi', { seconds: 2, video: true, audio: true }],
] as const satisfies readonly (readonly [ClipKind, string, { seconds: number; video: boolean; audio: boolean }])[];

/** A picture that is looked at. */
const photo = ['jpg', '照片.jpg'] as const;

/** Files with nothing to play, and why. */
const unplayable = [
  ['no-moov', '断电截断.mp4', 'no-moov'],
  ['text-named-mp4', '其实是文本.mp4', 'not-media'],
  ['garbage-named-mp4', '乱码.mp4', 'not-media'],
  ['empty', '空文件.mp4', 'empty-file'],
  ['pdf', '笔录.pdf', 'document'],
] as const satisfies readonly (readonly [ClipKind, string, string])[];

let product: Product;
let officer: Person;
let folder: string;
let run: AgentRun;
beforeAll(async () => {
  product = await openProduct();
  officer = await product.person('officer');
  const dock = await enrolDock(product);
  folder = await temporaryDirectory('odd');
  for (const [kind, name] of [...playable, photo, ...unplayable]) await placeClip(kind, join(folder, name));
  // Of the officer who plays them: others need an approval.
  const { officerNumber } = await officer.call('whoAmI', {});
  run = await dock.run('offload', folder, '--device', serial, '--officer', officerNumber ?? '', '--json');
});

type Item = CallReply<'getEvidence'>;

/** The item of that name, once nothing of it is being made any more. */
async function settledItem(name: string): Promise<Item> {
  const { rows } = await product.database.query<{ id: string }>(
    'select id from evidence where device_serial = $1 and name = $2',
    [serial, name],
  );
  expect(rows, name).toHaveLength(1);
  return eventually(async () => {
    const item = await officer.call('getEvidence', { params: { id: rows[0]?.id ?? '' } });
    expect(
      item.derivatives.filter(({ state }) => state === 'pending').map(({ kind }) => kind),
      name,
    ).toEqual([]);
    return item;
  });
}

const proxyOf = (item: Item) => item.derivatives.find(({ kind }) => kind === 'proxy');

it('seals all of them as they are', async () => {
  expect(run.exitCode, run.stderr).toBe(0);
  for (const [, name] of [...playable, photo, ...unplayable]) {
    const { rows } = await product.database.query(
      `select state, encode(sha256, 'hex') as sha256, encode(sm3, 'hex') as sm3 from evidence
       where device_serial = $1 and name = $2`,
      [serial, name],
    );
    expect(rows, name).toEqual([{ state: 'sealed', ...(await opensslDigests(join(folder, name))) }]);
  }
});

it.each(unplayable)('says why there is nothing to play in a file like "%s" (%s)', async (_, name, reason) => {
  const item = await settledItem(name);
  expect(proxyOf(item)).toMatchObject({ state: 'nothing_to_play', reason, detail: expect.stringMatching(/\w{3}/) });
  expect(item.state).toBe('sealed');
  await expect(officer.call('startPlay', { params: { id: item.id }, body: {} })).rejects.toMatchObject({
    problem: { code: 'nothing_to_play' },
  });
});

it('shows a still picture', async () => {
  const item = await settledItem(photo[1]);
  const play = await officer.call('startPlay', { params: { id: item.id }, body: {} });
  expect(play).toMatchObject({ playlist: null, still: { width: 320, height: 180 } });
  const reply = await fetch(new URL(play.still?.uri ?? '', product.url), { headers: officer.headers });
  expect(reply.headers.get('content-type')).toBe('image/jpeg');
  const bytes = Buffer.from(await reply.arrayBuffer());
  expect(bytes.subarray(0, 2).toString('hex')).toBe('ffd8');
  await officer.call('endPlay', { params: { id: play.id }, body: { watched: [] } });
});

it.each(playable)('plays a file like "%s" (%s)', async (_, name, expected) => {
  const item = await settledItem(name);
  expect(proxyOf(item), JSON.stringify(proxyOf(item))).toMatchObject({ state: 'ready' });
  const play = await officer.call('startPlay', { params: { id: item.id }, body: {} });
  try {
    const decoded = await decode(new URL(play.playlist ?? '', product.url).href);
    expect(decoded.video > 0, `${name} has pictures`).toBe(expected.video);
    expect(decoded.audio > 0, `${name} has sound`).toBe(expected.audio);
    // A frame or an audio packet more or less is the container's business.
    const seconds = Math.max(decoded.video, decoded.audio);
    expect(Math.abs(seconds - expected.seconds), `${name}: ${seconds} s`).toBeLessThan(0.5);
  } finally {
    await officer.call('endPlay', { params: { id: play.id }, body: { watched: [] } });
  }
});

/** Fetches everything of a play as its viewer would, decodes all of it, and answers the seconds of each kind. A decoding error rejects. */
async function decode(playlist: string): Promise<{ video: number; audio: number }> {
  const local = await fetched(playlist);
  const input = ['-v', 'error', '-protocol_whitelist', 'file,crypto,data', '-allowed_extensions', 'ALL'];
  const secondsOf = async (map: string) => {
    const output = ['-map', map, '-f', 'framecrc', '-'];
    const { stdout } = await execute('ffmpeg', ['-nostdin', '-xerror', ...input, '-i', local, ...output], {
      maxBuffer: 1 << 26,
    });
    const timeBase = /^#tb 0: (\d+)\/(\d+)$/m.exec(stdout);
    const ends = stdout.split('\n').flatMap((line) => {
      // stream, dts, pts, duration, size, checksum
      const [, , pts, duration] = /^#/.test(line) ? [] : line.split(',').map(Number);
      return pts === undefined || duration === undefined ? [] : [pts + duration];
    });
    return ends.length === 0 ? 0 : (Math.max(...ends) * Number(timeBase?.[1])) / Number(timeBase?.[2]);
  };
  const streams = ['-show_entries', 'stream=codec_type', '-of', 'csv=p=0'];
  const { stdout } = await execute('ffprobe', [...input, ...streams, local]);
  return {
    video: stdout.includes('video') ? await secondsOf('0:v') : 0,
    audio: stdout.includes('audio') ? await secondsOf('0:a') : 0,
  };
}

/** Brings a playlist and all that it names into a directory. Some builds of ffmpeg open only segments whose names end in a known way. */
async function fetched(playlist: string): Promise<string> {
  const directory = await temporaryDirectory('play');
  const fetchBytes = async (address: string) => {
    const response = await fetch(new URL(address, playlist), { headers: officer.headers });
    const bytes = Buffer.from(await response.arrayBuffer());
    if (!response.ok) throw new Error(`${address} was answered with ${response.status}: ${bytes}`);
    return bytes;
  };
  const addresses = new Set<string>();
  const nameOf = (address: string) => {
    addresses.add(address);
    const last = address.split('/').at(-1) ?? '';
    return last === 'key' ? 'key.bin' : last === 'init' ? 'init.mp4' : `${last}.m4s`;
  };
  const text = (await fetchBytes(playlist)).toString();
  const rewritten = text
    .split('\n')
    .map((line) =>
      line.startsWith('#') || line === ''
        ? line.replace(/URI="([^"]+)"/, (_, address: string) => `URI="${nameOf(address)}"`)
        : nameOf(line),
    )
    .join('\n');
  for (const address of addresses) await writeFile(join(directory, nameOf(address)), await fetchBytes(address));
  const path = join(directory, 'index.m3u8');
  await writeFile(path, rewritten);
  return path;
}
