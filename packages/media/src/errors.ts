/** Everything that can go wrong in this package, closed so that callers can be exhaustive. */
export type MediaErrorCode =
  /** ffmpeg, ffprobe, or an encoder or muxer they need, is not on this machine. */
  | 'tool_missing'
  /** There is no font with Chinese characters on this machine, and a name cannot be burnt in without one. */
  | 'font_missing'
  /** Nothing in the file can be shown or heard; trying again will not help. */
  | 'not_media'
  /** The tool stopped moving and was killed by the watchdog. */
  | 'no_progress'
  /** The tool used up its wall time or its processor time and was killed. */
  | 'timed_out'
  /** The caller's `AbortSignal` fired. */
  | 'aborted'
  /** The tool wrote more than the bound and was killed. */
  | 'output_too_large'
  /** The tool ended with an error of its own; `stderrTail` has its last words. */
  | 'ffmpeg_failed'
  /** What was made is not what was asked for; it was looked at, and is not handed on. */
  | 'result_wrong'
  /** The file or the scratch directory could not be read or written. */
  | 'io';

/** The only error class of this package. `message` says what the caller can do. */
export class MediaError extends Error {
  readonly code: MediaErrorCode;
  /** The end of what the tool printed, at most a few KiB. Untrusted text: it can quote the file's own metadata. */
  readonly stderrTail: string | null;

  constructor(code: MediaErrorCode, message: string, options: { cause?: unknown; stderrTail?: string } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'MediaError';
    this.code = code;
    this.stderrTail = options.stderrTail ?? null;
  }
}
