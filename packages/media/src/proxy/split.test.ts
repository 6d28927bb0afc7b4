import { expect, it } from 'vitest';
import { type Mp4Piece, splitMp4 } from './split.ts';

const box = (type: string, body: string): Buffer => {
  const bytes = Buffer.alloc(8 + body.length);
  bytes.writeUInt32BE(bytes.length, 0);
  bytes.write(type, 4, 'latin1');
  bytes.write(body, 8, 'latin1');
  return bytes;
};
const film = Buffer.concat([
  box('ftyp', 'x'),
  box('moov', 'yy'),
  box('moof', 'm1'),
  box('mdat', 'data1'),
  box('moof', 'm2'),
  box('mdat', ''),
]);

async function* chunks(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function split(bytes: Buffer, size: number): Promise<string[]> {
  const pieces: string[] = [];
  let data = '';
  for await (const piece of splitMp4(chunks(bytes, size)) as AsyncIterable<Mp4Piece>) {
    if (piece.kind === 'data') data += piece.bytes.toString('latin1');
    else if (piece.kind === 'end') {
      pieces.push(`data ${data.slice(4)}`);
      data = '';
    } else pieces.push(`${piece.kind} ${piece.bytes.length}`);
  }
  return pieces;
}

it.each([1, 2, 3, 7, 8, 9, 16, 40, 1000])('chunks of %i bytes make no difference', async (size) => {
  expect(await split(film, size)).toEqual(['init 19', 'moof 10', 'data mdatdata1', 'moof 10', 'data mdat']);
});

it.each([5, 12, 25, 45, 59])('an end after %i bytes, inside a box, is an error', async (length) => {
  await expect(split(film.subarray(0, length), 1000)).rejects.toMatchObject({ code: 'ffmpeg_failed' });
});

it('a box that says it is huge is refused, not waited for', async () => {
  const huge = Buffer.from('7fffffff6d6f6f66', 'hex');
  await expect(split(Buffer.concat([film, huge]), 1000)).rejects.toThrow('moof box of 2147483647 bytes');
});

it('a box of another kind is refused', async () => {
  await expect(split(Buffer.concat([film, box('free', '')]), 1000)).rejects.toThrow('unexpected free box');
});
