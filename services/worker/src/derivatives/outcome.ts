import type { DerivativeResult } from '@fengcun/catalog';
import { type Finding, type FindingCode, finding } from '@fengcun/contracts';
import { MediaError, type MediaErrorCode, type NothingToPlay } from '@fengcun/media';
import { VaultError } from '@fengcun/vault';
import { findingsOf } from '../errors.ts';

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

export const failed = (reason: FailureReason, ...findings: readonly Finding[]): DerivativeResult => ({
  state: 'failed',
  reason,
  findings,
});

/** `format`: what a document or a picture is, such as PDF. */
export const nothing = (reason: NothingReason, format = '') =>
  ({ state: 'nothing_to_play', reason, findings: [whyNothing(reason, format)] }) as const;

function whyNothing(reason: NothingReason, format: string): Finding {
  if (reason === 'document' || reason === 'image') return finding(`play_${reason}`, { format: format || '—' });
  return finding(codes[reason]);
}

const codes = {
  'empty-file': 'play_empty_file',
  'not-media': 'play_not_media',
  'no-moov': 'play_no_moov',
  truncated: 'play_truncated',
  corrupt: 'play_corrupt',
  'no-video': 'play_no_video',
  'no-audio': 'play_no_audio',
} as const satisfies Record<Exclude<NothingReason, 'document' | 'image'>, FindingCode>;

/**
 * What an error says about the derivative; null when it says something about the machine (a disk, a database, a shutdown), in which case the
 * derivative stays pending and the job is tried again. `last`: no further attempt follows soon, so a fault of the disk is shown too.
 */
export function failureOf(error: unknown, last: boolean): DerivativeResult | null {
  if (error instanceof MediaError) {
    if (error.code === 'aborted') return null;
    if ((error.code === 'io' || error.code === 'tool_missing') && !last) return null;
    return failed(error.code, ...findingsOf(error));
  }
  if (error instanceof VaultError && (error.code === 'corrupt' || error.code === 'not_found')) {
    return failed('original_unreadable', ...findingsOf(error));
  }
  return null;
}
