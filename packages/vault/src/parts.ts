import { VaultError } from './errors.ts';
import type { Capabilities, StoredPart } from './port.ts';

const SHA256_HEX = /^[0-9a-f]{64}$/;

/** Rejects `invalid` unless `sha256` is a SHA-256 as the port spells it. */
export function assertSha256(sha256: string): void {
  if (SHA256_HEX.test(sha256)) return;
  throw new VaultError('invalid', 'A part is committed with its SHA-256 as 64 lower-case hex digits.');
}

/** Rejects `invalid` for a part size that no object could be made of. */
export function assertPartSize(partSize: number, { minPartSize, maxParts }: Capabilities): void {
  if (Number.isSafeInteger(partSize) && partSize >= minPartSize && Number.isSafeInteger(partSize * maxParts)) return;
  throw new VaultError('invalid', `A part size is a whole number of at least ${minPartSize} bytes, not ${partSize}.`);
}

/** Rejects `invalid` for a part, or a tail of it, that cannot exist. */
export function assertPart(partNumber: number, tailLength: number, partSize: number, { maxParts }: Capabilities): void {
  if (!(Number.isSafeInteger(partNumber) && partNumber >= 1 && partNumber <= maxParts)) {
    throw new VaultError('invalid', `Parts are numbered 1 to ${maxParts}, not ${partNumber}.`);
  }
  if (!(Number.isSafeInteger(tailLength) && tailLength >= 0 && tailLength <= partSize)) {
    throw new VaultError('invalid', `A tail has 0 to ${partSize} bytes, not ${tailLength}.`);
  }
}

/** bytes of the object the parts make, which must be 1..n, all full but the last */
export function contiguousSize(partSize: number, parts: readonly StoredPart[]): number {
  parts.forEach((part, index) => {
    const last = index === parts.length - 1;
    const sized = last ? part.size >= 1 && part.size <= partSize : part.size === partSize;
    if (part.partNumber !== index + 1 || !sized) {
      throw new VaultError(
        'part_mismatch',
        `Entry ${index + 1} of the part list is part ${part.partNumber} with ${part.size} bytes; parts run from 1 without a gap, each of ${partSize} bytes but the last.`,
      );
    }
  });
  return parts.reduce((total, part) => total + part.size, 0);
}
