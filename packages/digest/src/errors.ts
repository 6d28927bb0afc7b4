/**
 * - `aborted`: the caller ended this digest; open another one to start over.
 * - `closed`: the pool was closed; nothing can be digested through it any more.
 * - `thread_lost`: a hashing thread died with this stream's state in it; digest the content again from its first byte.
 * - `unsupported`: the cryptographic library under Node does not offer a selected algorithm.
 * - `misuse`: the calls came in an order that has no meaning, or an argument is out of range.
 */
export type DigestErrorCode = 'aborted' | 'closed' | 'thread_lost' | 'unsupported' | 'misuse';

/** The only error this package throws on purpose. */
export class DigestError extends Error {
  override readonly name = 'DigestError';
  readonly code: DigestErrorCode;

  constructor(code: DigestErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
