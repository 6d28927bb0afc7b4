import type { CopyFailure } from '@fengcun/contracts';
import { MediaError, type MediaErrorCode } from '@fengcun/media';
import { VaultError } from '@fengcun/vault';

/** Why a copy cannot be made. */
export class CopyFailed extends Error {
  override readonly name = 'CopyFailed';
  readonly reason: CopyFailure;

  constructor(reason: CopyFailure, detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.reason = reason;
  }
}

const ofMedia: Readonly<Record<Exclude<MediaErrorCode, 'aborted' | 'io' | 'tool_missing'>, CopyFailure>> = {
  font_missing: 'no_cjk_font',
  not_media: 'media_failed',
  ffmpeg_failed: 'media_failed',
  no_progress: 'media_bounds',
  timed_out: 'media_bounds',
  output_too_large: 'media_bounds',
};

/**
 * What an error says about the copy; null when it says something about the machine, in which case the job is tried again. `last`: no further
 * attempt follows soon, so a fault of a disk is shown too.
 */
export function failureOf(error: unknown, last: boolean): { reason: CopyFailure; detail: string } | null {
  if (error instanceof CopyFailed) return { reason: error.reason, detail: error.message };
  if (error instanceof MediaError) {
    const { code, message } = error;
    if (code === 'aborted') return null;
    if (code !== 'io' && code !== 'tool_missing') return { reason: ofMedia[code], detail: message };
    return last ? { reason: 'storage_failed', detail: message } : null;
  }
  if (error instanceof VaultError) return last ? { reason: 'storage_failed', detail: error.message } : null;
  return null;
}
