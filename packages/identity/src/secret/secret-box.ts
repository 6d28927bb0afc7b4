import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

const nonceBytes = 12;
const tagBytes = 16;
export const siteSecretBytes = 32;

/**
 * What is kept under the site's own key: secrets at rest (AES-256-GCM) and keyed hashes. Every use has a key of its own (HKDF), and every
 * sealed value is bound to what it is for: moved to another row it does not open.
 */
export class SecretBox {
  readonly #key: (use: string) => Buffer;

  /** `siteKey`: 32 random bytes, from a file beside the other keys. Throws a RangeError for another length. */
  constructor(siteKey: Uint8Array) {
    if (siteKey.length !== siteSecretBytes) {
      throw new RangeError(`The key for secrets must have ${siteSecretBytes} bytes, not ${siteKey.length}`);
    }
    const derived = new Map<string, Buffer>();
    this.#key = (use) => {
      const key = derived.get(use) ?? Buffer.from(hkdfSync('sha256', siteKey, '', `fengcun/${use}`, 32));
      derived.set(use, key);
      return key;
    };
  }

  seal(secret: Uint8Array, about: string): Buffer {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv('aes-256-gcm', this.#key('seal'), nonce).setAAD(Buffer.from(about));
    return Buffer.concat([nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
  }

  /** Undefined where it was sealed by another key, for something else, or altered. */
  open(sealed: Uint8Array, about: string): Buffer | undefined {
    const bytes = Buffer.from(sealed);
    if (bytes.length < nonceBytes + tagBytes) return undefined;
    const decipher = createDecipheriv('aes-256-gcm', this.#key('seal'), bytes.subarray(0, nonceBytes))
      .setAAD(Buffer.from(about))
      .setAuthTag(bytes.subarray(bytes.length - tagBytes));
    try {
      return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, bytes.length - tagBytes)), decipher.final()]);
    } catch {
      return undefined;
    }
  }

  /** HMAC-SHA-256: a stolen table alone lets nobody try out short codes. */
  hash(text: string, about: string): Buffer {
    return createHmac('sha256', this.#key('hash')).update(`${about}\n${text}`).digest();
  }
}

/** The site's key out of its file: 64 hex digits. Throws a RangeError that does not show it. */
export function parseSiteSecret(text: string): Buffer {
  if (!/^[0-9a-f]{64}$/i.test(text.trim())) {
    throw new RangeError('The file with the key for secrets must have 64 hex digits');
  }
  return Buffer.from(text.trim(), 'hex');
}
