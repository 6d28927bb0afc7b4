import { createDecipheriv } from 'node:crypto';
import type { StillIndex } from '@fengcun/media';
import type { ProxyCopy } from './proxy-copy.ts';

/** The index of a still picture, or null of a recording. */
export const stillOf = (index: ProxyCopy['index']): StillIndex | null => ('still' in index ? index : null);

/** What `startPlay` says of a still picture; null of a recording. */
export function describeStill(play: string, index: ProxyCopy['index'] | undefined) {
  const still = index && stillOf(index);
  return still ? { uri: `/api/plays/${play}/pictures/still`, width: still.width, height: still.height } : null;
}

/** The picture itself. It lies encrypted, and is decrypted here: a page of plain HTTP has no cipher of its own. */
export async function* decryptStill(
  { encryption }: StillIndex,
  key: Uint8Array,
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const decipher = createDecipheriv('aes-128-cbc', key, Buffer.from(encryption.baseIv, 'hex'));
  for await (const chunk of bytes) yield decipher.update(chunk);
  yield decipher.final();
}
