import { webcrypto } from 'node:crypto';

/** AES works on blocks of this many bytes. */
const block = 16;
const { subtle } = webcrypto;

/**
 * The IV of segment `n`: the base plus `n`, as a 128-bit big-endian number. Each segment has its own, so that two segments that begin
 * alike do not encrypt alike; the base is random for every proxy, so that neither do two proxies under one key.
 */
export function segmentIv(baseIv: string, n: number): Buffer {
  const sum = (BigInt(`0x${baseIv}`) + BigInt(n)) & ((1n << 128n) - 1n);
  return Buffer.from(sum.toString(16).padStart(32, '0'), 'hex');
}

/** Takes 16 bytes. */
export async function importSegmentKey(key: Uint8Array): Promise<webcrypto.CryptoKey> {
  return await subtle.importKey('raw', Uint8Array.from(key), 'AES-CBC', false, ['encrypt']);
}

/** Bytes on their way through the thread that encrypts; how many they will be is known before. */
export interface Encrypting {
  readonly length: number;
  readonly bytes: Promise<Buffer>;
}

/**
 * AES-128-CBC with PKCS7 padding over one whole segment (RFC 8216, section 5.2), which ffmpeg's own muxer refuses to do for fMP4.
 * Web Crypto encrypts on a thread of its own, but only whole messages: a longer one is made of several by taking each one's last block
 * as the next one's IV, which is what CBC does anyway, and by dropping the padding of all but the last. So the pieces of a segment wait for
 * each other, and those of two segments do not.
 */
export class SegmentCipher {
  readonly #key: webcrypto.CryptoKey;
  #iv: Promise<Uint8Array>;
  #left: Buffer = Buffer.alloc(0);

  constructor(key: webcrypto.CryptoKey, iv: Uint8Array) {
    this.#key = key;
    this.#iv = Promise.resolve(iv);
  }

  /** Encrypts as many whole blocks as there are. The bytes must not change until they are encrypted. */
  update(bytes: Buffer): Encrypting {
    const pending = this.#left.length === 0 ? bytes : Buffer.concat([this.#left, bytes]);
    const whole = pending.length - (pending.length % block);
    this.#left = Buffer.from(pending.subarray(whole));
    if (whole === 0) return { length: 0, bytes: Promise.resolve(Buffer.alloc(0)) };
    const encrypted = this.#encrypt(pending.subarray(0, whole)).then((padded) => padded.subarray(0, whole));
    this.#iv = encrypted.then((blocks) => Uint8Array.from(blocks.subarray(whole - block)));
    // A failure reaches whoever waits for the bytes.
    this.#iv.catch(() => undefined);
    return { length: whole, bytes: encrypted };
  }

  /** The last, padded block. */
  final(): Encrypting {
    return { length: block, bytes: this.#encrypt(this.#left) };
  }

  async #encrypt(bytes: Uint8Array): Promise<Buffer> {
    return Buffer.from(await subtle.encrypt({ name: 'AES-CBC', iv: await this.#iv }, this.#key, bytes));
  }
}
