/** Why a local server could not be started, kept or stopped. */
export type LocalErrorCode =
  /** PostgreSQL, Redis or a system tool is not installed. */
  | 'program_missing'
  /** The installed program, or the data directory, is of a version we cannot use. */
  | 'program_version'
  /** We are root, PostgreSQL refuses root, and no way round it works on this machine. */
  | 'root_refused'
  | 'directory_not_writable'
  | 'disk_full'
  /** Another living process holds the data directory. */
  | 'already_running'
  | 'port_taken'
  /** The files in the data directory cannot be read by the server. */
  | 'data_unreadable'
  | 'start_failed'
  | 'start_timeout'
  | 'stop_failed';

/** The one error of this package; `message` says what the caller can do. */
export class LocalError extends Error {
  readonly code: LocalErrorCode;

  constructor(code: LocalErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'LocalError';
    this.code = code;
  }
}

/** The `code` of a Node system error (`EACCES`, `ENOSPC`, ...), if `error` is one. */
export function systemErrorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
