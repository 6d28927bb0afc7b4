import type { Hash } from 'node:crypto';

interface KeptDigest {
  readonly token: number;
  readonly partNumber: number;
  readonly length: number;
  readonly digest: Hash;
}

const capacity = 512;

/**
 * Digests of unfinished parts that this process kept, so that a client that sends in small requests does not have its tail read back
 * for each of them. One counts only for the very next lease: had another process written in between, the token would have moved on.
 */
export class TailDigests {
  readonly #kept = new Map<string, KeptDigest>();

  keep(uploadId: string, kept: KeptDigest): void {
    this.#kept.delete(uploadId);
    this.#kept.set(uploadId, kept);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > capacity && oldest !== undefined) this.#kept.delete(oldest);
  }

  /** Takes the digest out: it is about to be changed. */
  take(uploadId: string, at: Omit<KeptDigest, 'digest'>): Hash | undefined {
    const kept = this.#kept.get(uploadId);
    this.#kept.delete(uploadId);
    const fits =
      kept !== undefined &&
      kept.token === at.token - 1 &&
      kept.partNumber === at.partNumber &&
      kept.length === at.length;
    return fits ? kept.digest : undefined;
  }

  forget(uploadId: string): void {
    this.#kept.delete(uploadId);
  }
}
