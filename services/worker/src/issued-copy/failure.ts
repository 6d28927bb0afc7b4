import { type CopyFailure, type Finding, inEnglish, type RenderFailure } from '@fengcun/contracts';
import { MediaError, type MediaErrorCode } from '@fengcun/media';
import { VaultError } from '@fengcun/vault';
import { findingsOf } from '../errors.ts';

/** Why a copy cannot be made. */
export class CopyFailed extends Error {
  override readonly name = 'CopyFailed';
  readonly reason: CopyFailure;
  readonly findings: readonly Finding[];

  constructor(reason: CopyFailure, findings: readonly Finding[], options?: ErrorOptions) {
    super(inEnglish(findings), options);
    this.reason = reason;
    this.findings = findings;
  }
}

const ofMedia: Readonly<Record<Exclude<MediaErrorCode, 'aborted' | 'io' | 'tool_missing'>, CopyFailure>> = {
  font_missing: 'no_cjk_font',
  not_media: 'media_failed',
  ffmpeg_failed: 'media_failed',
  no_progress: 'media_bounds',
  timed_out: 'media_bounds',
  output_too_large: 'media_bounds',
  result_wrong: 'media_failed',
};

/**
 * What an error says about the copy; null when it says something about the machine, in which case the job is tried again. `last`: no further
 * attempt follows soon, so a fault of a disk is shown too.
 */
export function failureOf(error: unknown, last: boolean): { reason: CopyFailure; findings: readonly Finding[] } | null {
  if (error instanceof CopyFailed) return { reason: error.reason, findings: error.findings };
  if (error instanceof MediaError) {
    const { code } = error;
    if (code === 'aborted') return null;
    if (code !== 'io' && code !== 'tool_missing') return { reason: ofMedia[code], findings: findingsOf(error) };
    return last ? { reason: 'storage_failed', findings: findingsOf(error) } : null;
  }
  if (error instanceof VaultError) return last ? { reason: 'storage_failed', findings: findingsOf(error) } : null;
  return null;
}

/** The same of a rendering of a redacted version. */
export function renderFailureOf(
  error: unknown,
  last: boolean,
): { reason: RenderFailure; findings: readonly Finding[] } | null {
  if (error instanceof MediaError && error.code === 'result_wrong')
    return { reason: 'result_wrong', findings: findingsOf(error) };
  const failure = failureOf(error, last);
  return failure && { ...failure, reason: failure.reason === 'redaction_unusable' ? 'gave_up' : failure.reason };
}
