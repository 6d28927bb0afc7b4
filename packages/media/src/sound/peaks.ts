/** Most points kept; when they are full, neighbours are merged, so that the result has between half of this and this. */
const mostPoints = 2_000;

/** Folds 16-bit little-endian interleaved PCM of unknown length into a bounded number of peaks. */
export class PeakFolder {
  readonly #channels: number;
  #peaks: number[] = [];
  #samplesPerPoint = 2;
  #inPoint = 0;
  #peak = 0;
  #samples = 0;
  #left: Buffer = Buffer.alloc(0);

  constructor(channels: number) {
    this.#channels = channels;
  }

  add(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const pending = this.#left.length === 0 ? bytes : Buffer.concat([this.#left, bytes]);
    const frameBytes = this.#channels * 2;
    const whole = pending.length - (pending.length % frameBytes);
    for (let at = 0; at < whole; at += frameBytes) {
      for (let channel = 0; channel < this.#channels; channel += 1) {
        const level = Math.abs(pending.readInt16LE(at + channel * 2));
        if (level > this.#peak) this.#peak = level;
      }
      this.#inPoint += 1;
      if (this.#inPoint === this.#samplesPerPoint) this.#close();
    }
    this.#samples += whole / frameBytes;
    this.#left = Buffer.from(pending.subarray(whole));
  }

  finish(): { readonly peaks: readonly number[]; readonly samplesPerPoint: number; readonly samples: number } {
    if (this.#inPoint > 0) this.#peaks.push(this.#peak);
    const peaks = this.#peaks.map((level) => Math.min(255, Math.round((level / 32_768) * 255)));
    return { peaks, samplesPerPoint: this.#samplesPerPoint, samples: this.#samples };
  }

  #close(): void {
    this.#peaks.push(this.#peak);
    this.#peak = 0;
    this.#inPoint = 0;
    if (this.#peaks.length < mostPoints) return;
    const merged: number[] = [];
    for (let at = 0; at < this.#peaks.length; at += 2) {
      merged.push(Math.max(this.#peaks[at] ?? 0, this.#peaks[at + 1] ?? 0));
    }
    this.#peaks = merged;
    this.#samplesPerPoint *= 2;
  }
}
