import { createHash, type Hash } from 'node:crypto';
import type { OpenPartOptions, PartWriter, StoredPart, Transfer, Vault } from '@fengcun/vault';

/** A part being filled: the vault's writer and the digest of everything in the part so far, its tail included. */
export class OpenPart {
  readonly partNumber: number;
  readonly #writer: PartWriter;
  readonly #hash: Hash;
  #length: number;

  private constructor(partNumber: number, writer: PartWriter, hash: Hash, length: number) {
    this.partNumber = partNumber;
    this.#writer = writer;
    this.#hash = hash;
    this.#length = length;
  }

  /**
   * Opens a part after its first `tailLength` bytes. `digest` is the state of its digest after them, where this process still has it;
   * otherwise the tail is read back.
   */
  static async open(
    vault: Vault,
    transfer: Transfer,
    partNumber: number,
    tailLength: number,
    digest: Hash | undefined,
    options: OpenPartOptions,
  ): Promise<OpenPart> {
    const hash = digest ?? (await digestTail(vault, transfer, partNumber, tailLength));
    const writer = await vault.openPart(transfer, partNumber, tailLength, options);
    return new OpenPart(partNumber, writer, hash, tailLength);
  }

  /** bytes, tail included */
  get length(): number {
    return this.#length;
  }

  /** Digest and vault work at the same time: the writer gathers and writes in the background while the digest is computed here. */
  write(piece: Buffer): Promise<void> {
    this.#length += piece.length;
    const written = this.#writer.write(piece);
    this.#hash.update(piece);
    return written;
  }

  async commit(): Promise<StoredPart> {
    return this.#ended(this.#writer.commit(this.#hash.digest('hex')));
  }

  /** Makes the bytes durable as the part's tail; answers the digest's state, to go on with. */
  async keep(): Promise<Hash> {
    await this.#ended(this.#writer.keep());
    return this.#hash;
  }

  discard(): Promise<void> {
    return this.#writer.discard();
  }

  /** A writer that failed still holds what it opened. */
  async #ended<T>(ending: Promise<T>): Promise<T> {
    try {
      return await ending;
    } catch (error) {
      await this.#writer.discard();
      throw error;
    }
  }
}

/** node:crypto cannot save a digest's state across processes, so the tail (less than a part) is digested again. */
async function digestTail(vault: Vault, transfer: Transfer, partNumber: number, length: number): Promise<Hash> {
  const hash = createHash('sha256');
  if (length > 0) for await (const chunk of vault.readTail(transfer, partNumber, length)) hash.update(chunk);
  return hash;
}
