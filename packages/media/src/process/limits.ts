/** Bounds on every child process. A recording is untrusted input: it may be crafted to hang or to grow for ever. */
export interface MediaLimits {
  /** Decoder, filter and encoder threads per ffmpeg. */
  readonly threads: number;
  /** Scheduling niceness, 0..19, of work in the background, so that sealing keeps the processor before derivatives do. */
  readonly niceness: number;
  /** An ffmpeg whose clock, output and byte count all stand still for this long is killed. */
  readonly noProgressMs: number;
  /** Wall time of one run. Time spent waiting for the caller's sink does not count. */
  readonly wallTimeMs: number;
  /** Processor time of one run, enforced by the kernel (RLIMIT_CPU). */
  readonly cpuSeconds: number;
  /** Address space of one run, enforced by the kernel (RLIMIT_AS). */
  readonly memoryBytes: number;
  /** Bytes one proxy may have. Pictures and waveforms have far smaller bounds of their own. */
  readonly proxyBytes: number;
  /** Wall time of one ffprobe. */
  readonly probeTimeMs: number;
}

/** Sized for an eight-hour interview room recording on two cores. */
export const defaultLimits: MediaLimits = {
  threads: 2,
  niceness: 10,
  noProgressMs: 60_000,
  wallTimeMs: 12 * 3_600_000,
  cpuSeconds: 24 * 3_600,
  memoryBytes: 8 * 1024 ** 3,
  proxyBytes: 64 * 1024 ** 3,
  probeTimeMs: 30_000,
};
