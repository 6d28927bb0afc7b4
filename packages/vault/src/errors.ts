/**
 * - `not_found`: no such version or transfer; it never existed, was deleted, or was aborted.
 * - `exists`: the place is taken by a completed object, which is never overwritten.
 * - `retained` / `held`: protected by retention or by a legal hold; wait, or have the hold lifted.
 * - `no_space`: the vault is full; what was acknowledged before is safe, the refused bytes must be sent again.
 * - `read_only`: the vault cannot be written by this process; mend permissions or the mount.
 * - `part_mismatch`: the caller's parts are not what is stored; compare with the part ledger before doing anything else.
 * - `incomplete`: fewer bytes are stored than were asked for; continue from what is there.
 * - `superseded`: a later writer took over this part; stop writing.
 * - `invalid`: the call makes no sense as made; it would fail again.
 * - `corrupt`: what is stored is not what was promised; raise an alarm, do not retry.
 * - `unavailable`: the engine could not be asked or its answer was lost; the call may have had its effect. Retry it.
 */
export type VaultErrorCode =
  | 'not_found'
  | 'exists'
  | 'retained'
  | 'held'
  | 'no_space'
  | 'read_only'
  | 'part_mismatch'
  | 'incomplete'
  | 'superseded'
  | 'invalid'
  | 'corrupt'
  | 'unavailable';

/** The only error a vault rejects with. */
export class VaultError extends Error {
  override readonly name = 'VaultError';
  readonly code: VaultErrorCode;
  /** the setting (environment variable) that has to be mended, where it is one; the message names it too */
  readonly variable: string | null;

  constructor(
    code: VaultErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly variable?: string } = {},
  ) {
    super(message, options);
    this.code = code;
    this.variable = options.variable ?? null;
  }
}
