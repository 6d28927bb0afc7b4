import { createHash, timingSafeEqual } from 'node:crypto';
import { problem } from '../problems.ts';
import type { BodyCheck } from '../upload-session/upload-session.ts';

/** "The Server MUST support at least the SHA1 checksum algorithm identified by sha1." (Checksum) */
export const checksumAlgorithms = ['sha256', 'sha1', 'md5'] as const;

const digestLength = { sha256: 32, sha1: 20, md5: 16 } as const;

export interface Checksum {
  readonly algorithm: (typeof checksumAlgorithms)[number];
  readonly digest: Buffer;
}

/**
 * "The header MUST consist of the name of the used checksum algorithm and the Base64 encoded checksum separated by a space."
 * (Upload-Checksum). Throws `checksum_algorithm_unsupported`, `checksum_invalid`.
 */
export function parseChecksum(header: string): Checksum {
  const [name = '', encoded = '', ...more] = header.split(' ');
  const algorithm = checksumAlgorithms.find((known) => known === name);
  if (!algorithm) throw problem('checksum_algorithm_unsupported');
  const digest = Buffer.from(encoded, 'base64');
  const exact = digest.toString('base64') === encoded && digest.length === digestLength[algorithm];
  if (more.length > 0 || !exact) throw problem('checksum_invalid');
  return { algorithm, digest };
}

/** Checks the bytes of one request. */
export function checkOf({ algorithm, digest }: Checksum): BodyCheck {
  const hash = createHash(algorithm);
  return {
    update: (chunk) => {
      hash.update(chunk);
    },
    matches: () => timingSafeEqual(hash.digest(), digest),
  };
}
