import type { DerivativeResult } from '@fengcun/catalog';
import { MediaError, type MediaErrorCode, type NothingToPlay } from '@fengcun/media';
import { VaultError } from '@fengcun/vault';

/** Why a derivative failed, closed. Trying again is offered for all of them. */
export type FailureReason =
  | Exclude<MediaErrorCode, 'aborted'>
  /** the probe failed, so nothing is known to make this from */
  | 'probe_failed'
  /** the vault does not give the original as it was sealed */
  | 'original_unreadable'
  /** attempt after attempt ended without a result, as when a file kills the process that reads it */
  | 'gave_up';

/** Why there is nothing to make, closed. */
export type NothingReason = NothingToPlay | 'no-video' | 'no-audio';

export const failed = (reason: FailureReason, detail: string): DerivativeResult => ({
  state: 'failed',
  reason,
  detail,
});

export const nothing = (reason: NothingReason, detail: string) =>
  ({ state: 'nothing_to_play', reason, detail }) as const;

/**
 * What an error says about the derivative; null when it says something about the machine (a disk, a database, a shutdown), in which case the
 * derivative stays pending and the job is tried again. `last`: no further attempt follows soon, so a fault of the disk is shown too.
 */
export function failureOf(error: unknown, last: boolean): DerivativeResult | null {
  if (error instanceof MediaError) {
    if (error.code === 'aborted') return null;
    if ((error.code === 'io' || error.code === 'tool_missing') && !last) return null;
    return failed(error.code, error.stderrTail ? `${error.message}\n${error.stderrTail}` : error.message);
  }
  if (error instanceof VaultError && (error.code === 'corrupt' || error.code === 'not_found')) {
    return failed('original_unreadable', error.message);
  }
  return null;
}
