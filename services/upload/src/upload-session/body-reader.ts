import type { Readable } from 'node:stream';

export type BodyEvent =
  /** bytes, in order; they belong to the taker */
  | { readonly kind: 'chunks'; readonly chunks: readonly Buffer[] }
  /** the whole body has been taken */
  | { readonly kind: 'end' }
  /** nothing came for the idle time */
  | { readonly kind: 'idle' }
  /** the connection broke before the body's end */
  | { readonly kind: 'lost' }
  /** `stop` was called */
  | { readonly kind: 'stopped' };

/** Bytes held before the socket is paused. Node reads 64 KiB at a time; a megabyte keeps the kernel's buffers moving. */
const highWater = 1024 * 1024;

/**
 * Takes a request's body in batches of whatever has arrived, without copying, pausing the socket when the taker is slow. Unlike an
 * async iterator it can be stopped, and can time out, without destroying the connection, over which an answer is still to go.
 */
export class BodyReader {
  readonly #stream: Readable;
  readonly #idleMs: number;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #end: BodyEvent | null = null;
  #wake: (() => void) | null = null;

  constructor(stream: Readable, options: { readonly idleMs: number }) {
    this.#stream = stream;
    this.#idleMs = options.idleMs;
    stream.on('data', this.#onData);
    stream.on('end', this.#onEnd);
    stream.on('error', this.#onLost);
    stream.on('close', this.#onLost);
    if (stream.readableEnded) this.#onEnd();
    else if (stream.destroyed) this.#onLost();
  }

  /** The next event. What arrived before the end of the body, or before `stop`, comes before it. */
  async next(): Promise<BodyEvent> {
    if (this.#chunks.length === 0 && this.#end === null) await this.#somethingHappens();
    if (this.#chunks.length > 0) {
      const chunks = this.#chunks;
      this.#chunks = [];
      this.#bytes = 0;
      if (this.#end === null && this.#stream.isPaused()) this.#stream.resume();
      return { kind: 'chunks', chunks };
    }
    return this.#end ?? { kind: 'idle' };
  }

  /** Ends the reading: `next` answers `stopped` once what already arrived is taken. */
  stop(): void {
    this.#finish({ kind: 'stopped' });
  }

  /** Lets go of the stream, which stays paused where it is. */
  release(): void {
    this.stop();
    this.#stream.off('data', this.#onData);
    this.#stream.off('end', this.#onEnd);
    this.#stream.off('close', this.#onLost);
    // The error listener stays: an error of a stream that nobody listens to would end the process.
  }

  #somethingHappens(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#finish({ kind: 'idle' }), this.#idleMs);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = null;
        resolve();
      };
    });
  }

  #finish(event: BodyEvent): void {
    if (this.#end !== null) return;
    this.#end = event;
    if (event.kind !== 'end') this.#stream.pause();
    this.#wake?.();
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#end !== null) return;
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes >= highWater) this.#stream.pause();
    this.#wake?.();
  };

  readonly #onEnd = (): void => this.#finish({ kind: 'end' });
  readonly #onLost = (): void => this.#finish({ kind: 'lost' });
}
