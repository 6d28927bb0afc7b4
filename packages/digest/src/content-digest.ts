import { BLOCK_SIZE, type Block, type BlockStore } from './blocks.ts';
import { DigestError } from './errors.ts';
import { TREE_LEAF_SIZE, treeRoot } from './part-tree.ts';
import type { LaneOutput } from './protocol.ts';
import type { ContentDigests, DigestSelection } from './selection.ts';
import type { DigestThread } from './thread.ts';

/** blocks one stream may have filled and unread: enough to keep the slowest lane busy, few enough to share the pool */
const BLOCKS_PER_STREAM = 4;

type State =
  | { readonly kind: 'open' }
  | { readonly kind: 'finishing' }
  | { readonly kind: 'ended' }
  | { readonly kind: 'failed'; readonly error: DigestError };

/**
 * The digests of one content, fed in order, computed on the threads of a `DigestPool`.
 *
 * It may rest for as long as the caller likes between two updates: whatever was fed is digested to the last byte, no block
 * of memory is held, and only a few hundred bytes of hash state stay in the threads. It does not survive the process.
 */
export class ContentDigest<S extends DigestSelection = DigestSelection> {
  readonly #stream: number;
  readonly #selection: S;
  readonly #blocks: BlockStore;
  readonly #threads: readonly DigestThread[];
  readonly #onEnd: (digest: ContentDigest) => void;
  /** blocks sent, and by how many threads each is still to be read */
  readonly #unread = new Map<Block, number>();
  readonly #final: LaneOutput = {};
  readonly #parts: string[] = [];
  readonly #leaves: Uint8Array[] = [];
  #state: State = { kind: 'open' };
  #size = 0;
  #filling: { readonly block: Block; length: number } | null = null;
  #updating = false;
  #unfinished: number;
  #change = Promise.withResolvers<void>();

  /** Made by `DigestPool.open`. */
  constructor(
    stream: number,
    selection: S,
    blocks: BlockStore,
    threads: readonly DigestThread[],
    onEnd: (digest: ContentDigest) => void,
  ) {
    this.#stream = stream;
    this.#selection = selection;
    this.#blocks = blocks;
    this.#threads = threads;
    this.#onEnd = onEnd;
    this.#unfinished = threads.length;
  }

  /** bytes taken so far */
  get size(): number {
    return this.#size;
  }

  /**
   * Takes the next bytes. Resolves once they are copied, so that the caller may reuse the chunk; waits while the threads are
   * behind. One call at a time. Rejects with `DigestError`.
   */
  async update(chunk: Uint8Array): Promise<void> {
    this.#assertOpen();
    if (this.#updating) {
      throw new DigestError('misuse', 'Await one update before the next: bytes have an order.');
    }
    this.#updating = true;
    try {
      for (let at = 0; at < chunk.length; ) {
        const filling = this.#filling ?? (await this.#startBlock());
        const bytes = chunk.subarray(at, at + BLOCK_SIZE - filling.length);
        filling.block.bytes.set(bytes, filling.length);
        filling.length += bytes.length;
        this.#size += bytes.length;
        at += bytes.length;
        if (filling.length === BLOCK_SIZE) this.#send();
      }
      // Small chunks gather in a block only while the threads are busy anyway; a stream that rests holds nothing back.
      if (this.#unread.size === 0) this.#send();
    } finally {
      this.#updating = false;
    }
  }

  /** Resolves once every byte taken has been digested, so that `partDigests` is up to date. */
  async settled(): Promise<void> {
    this.#assertOpen();
    this.#send();
    while (this.#unread.size > 0) {
      await this.#change.promise;
      this.#assertUnfailed();
    }
  }

  /** SHA-256, hex, of the parts complete so far, in order; empty when parts were not selected. See `settled`. */
  partDigests(): readonly string[] {
    return this.#parts.slice();
  }

  /** Ends the content and resolves with its digests. Rejects with `DigestError`. */
  async finish(): Promise<ContentDigests<S>> {
    this.#assertOpen();
    if (this.#updating) throw new DigestError('misuse', 'Await the last update before finishing.');
    this.#state = { kind: 'finishing' };
    this.#send();
    for (const thread of this.#threads) thread.finish(this.#stream);
    while (this.#unfinished > 0) {
      await this.#change.promise;
      this.#assertUnfailed();
    }
    this.#state = { kind: 'ended' };
    this.#onEnd(this);
    return this.#results();
  }

  /** Ends the digest without a result; pending calls reject `aborted`. Does nothing after `finish` or a failure. */
  abort(): void {
    this.fail(new DigestError('aborted', 'The digest was aborted; open another one to digest the content.'));
  }

  [Symbol.dispose](): void {
    this.abort();
  }

  /** Ends the digest with `error`. For the pool; callers use `abort`. */
  fail(error: DigestError): void {
    if (this.#state.kind === 'ended' || this.#state.kind === 'failed') return;
    this.#state = { kind: 'failed', error };
    if (this.#filling !== null) this.#blocks.give(this.#filling.block);
    this.#filling = null;
    for (const thread of this.#threads) thread.drop(this.#stream);
    this.#onEnd(this);
    this.#changed();
  }

  /** One of this stream's threads has read a block. */
  read(block: Block, output: LaneOutput): void {
    this.#collect(output);
    this.#release(block);
    if (this.#unread.size === 0 && !this.#updating) this.#send();
    this.#changed();
  }

  /** One of this stream's threads has given its last digests. */
  finished(output: LaneOutput): void {
    this.#collect(output);
    this.#unfinished--;
    this.#changed();
  }

  /** One of this stream's threads died. */
  lost(error: DigestError, unread: readonly Block[]): void {
    this.fail(error);
    for (const block of unread) this.#release(block);
  }

  async #startBlock(): Promise<{ readonly block: Block; length: number }> {
    while (this.#unread.size >= BLOCKS_PER_STREAM) {
      await this.#change.promise;
      this.#assertUnfailed();
    }
    const block = await this.#blocks.take();
    if (this.#state.kind === 'failed') {
      this.#blocks.give(block);
      throw this.#state.error;
    }
    this.#filling = { block, length: 0 };
    return this.#filling;
  }

  #send(): void {
    if (this.#filling === null || this.#state.kind === 'failed') return;
    const { block, length } = this.#filling;
    this.#filling = null;
    this.#unread.set(block, this.#threads.length);
    for (const thread of this.#threads) thread.send(this.#stream, block, length);
  }

  #release(block: Block): void {
    const readers = (this.#unread.get(block) ?? 0) - 1;
    if (readers > 0) {
      this.#unread.set(block, readers);
    } else if (this.#unread.delete(block)) {
      this.#blocks.give(block);
    }
  }

  #collect(output: LaneOutput): void {
    if (output.sha256 !== undefined) this.#final.sha256 = output.sha256;
    if (output.sm3 !== undefined) this.#final.sm3 = output.sm3;
    for (const part of output.parts ?? []) this.#parts.push(part);
    for (const leaf of output.leaves ?? []) this.#leaves.push(leaf);
  }

  #results(): ContentDigests<S> {
    const { sha256, sm3 } = this.#final;
    const leaves = Buffer.concat(this.#leaves);
    const results: ContentDigests = {
      size: this.#size,
      sha256: sha256 ?? null,
      sm3: sm3 ?? null,
      parts: this.#selection.partSize === null ? null : this.#parts.slice(),
      tree: this.#selection.tree ? { root: treeRoot(leaves), leafSize: TREE_LEAF_SIZE, leaves } : null,
    };
    // The threads answered for every lane of the selection, which is what the narrower type says.
    return results as ContentDigests<S>;
  }

  #changed(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }

  #assertOpen(): void {
    this.#assertUnfailed();
    if (this.#state.kind !== 'open') {
      throw new DigestError('misuse', 'This digest is finished; open another one for more content.');
    }
  }

  #assertUnfailed(): void {
    if (this.#state.kind === 'failed') throw this.#state.error;
  }
}
