const messages = {
  missing: 'There is no such upload',
  ended: 'The upload has expired or was terminated; create a new one',
  superseded: 'Another request for this upload took over; ask for the offset and go on from there',
  revoked: 'The dock was revoked while it was sending; what had arrived is kept',
  shutting_down: 'The server is shutting down; what had arrived is kept, go on from there in a moment',
  lease_lost: 'The database could not be reached in time; what was acknowledged is kept, go on from there',
  lease_busy: 'Another server is still writing to this upload; try again in a few seconds',
  length_fixed: 'The length of this upload is already known and cannot be changed',
  length_too_small: 'More bytes than this length have already been received',
} as const;

/** Why an upload cannot be written to, or can no longer. */
export type UploadErrorCode = keyof typeof messages;

export class UploadError extends Error {
  override readonly name = 'UploadError';
  readonly code: UploadErrorCode;

  constructor(code: UploadErrorCode, options?: ErrorOptions) {
    super(messages[code], options);
    this.code = code;
  }
}

/** Why a session was cut off from outside. */
export type CutReason = Extract<UploadErrorCode, 'superseded' | 'revoked' | 'shutting_down' | 'lease_lost' | 'ended'>;
