import type { Problem as ProblemDocument } from '@fengcun/contracts';

/** Problems every route may answer with; services add their own codes beside these. */
export interface ProblemInit {
  readonly status: number;
  /** snake_case, closed per service */
  readonly code: string;
  readonly title: string;
  /** a sentence that says what the caller can do */
  readonly detail: string;
  /** headers the reply must carry, e.g. Retry-After */
  readonly headers?: Readonly<Record<string, string>>;
  /** further members of the document */
  readonly extensions?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** An error that is meant to reach the caller, as an RFC 9457 problem document. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly extensions: Readonly<Record<string, unknown>>;

  constructor(init: ProblemInit) {
    super(`${init.title}: ${init.detail}`, init.cause === undefined ? {} : { cause: init.cause });
    this.status = init.status;
    this.code = init.code;
    this.title = init.title;
    this.detail = init.detail;
    this.headers = init.headers ?? {};
    this.extensions = init.extensions ?? {};
  }

  toDocument(requestId?: string): ProblemDocument {
    return {
      ...this.extensions,
      type: `urn:fengcun:problem:${this.code}`,
      title: this.title,
      status: this.status,
      code: this.code,
      detail: this.detail,
      ...(requestId === undefined ? {} : { requestId }),
    };
  }
}
