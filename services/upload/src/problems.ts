import { Problem } from '@fengcun/runtime';
import { VaultError } from '@fengcun/vault';
import { UploadError } from './upload-session/errors.ts';

const problems = {
  // tus, protocol
  version_unsupported: [
    412,
    'Protocol version not supported',
    'Send "Tus-Resumable: 1.0.0"; this server speaks nothing else.',
  ],
  method_unsupported: [405, 'Method not supported', 'Use POST on /files, and HEAD, PATCH or DELETE on an upload.'],
  header_invalid: [400, 'Header refused', 'Correct the header and send the request again.'],
  metadata_invalid: [400, 'Metadata refused', 'Correct the Upload-Metadata header and send the request again.'],
  length_required: [
    400,
    'Length missing',
    'Send either Upload-Length, or "Upload-Defer-Length: 1" while the length is not known.',
  ],
  length_fixed: [
    400,
    'Length already known',
    'The length of an upload cannot be changed once it is known; leave Upload-Length out.',
  ],
  length_too_small: [400, 'Length too small', 'More bytes than this have already been received; send the true length.'],
  extension_unsupported: [
    501,
    'Extension not supported',
    'Uploads are not put together from others here; send the file as one upload.',
  ],
  content_type_unsupported: [
    415,
    'Content type refused',
    'Send the bytes with "Content-Type: application/offset+octet-stream".',
  ],
  checksum_algorithm_unsupported: [
    400,
    'Checksum algorithm not supported',
    'Use sha256, sha1 or md5 in Upload-Checksum.',
  ],
  checksum_invalid: [400, 'Checksum refused', 'Send "Upload-Checksum: <algorithm> <base64 of the digest>".'],
  checksum_mismatch: [
    460,
    'Checksum mismatch',
    'The bytes were damaged on the way and were discarded; send them again from the same offset.',
  ],
  wrong_offset: [409, 'Wrong offset', 'Ask for the offset with HEAD and go on from there.'],
  // limits
  too_large: [413, 'Upload too large', 'This site takes no uploads of this size; Tus-Max-Size names the limit.'],
  length_exceeded: [
    413,
    'More bytes than announced',
    'The body is longer than the upload; ask for the offset with HEAD and send no more than the rest.',
  ],
  idle: [
    408,
    'Nothing received for too long',
    'What had arrived is kept; ask for the offset with HEAD and go on from there.',
  ],
  connection_lost: [
    400,
    'Connection lost',
    'What had arrived is kept; ask for the offset with HEAD and go on from there.',
  ],
  too_many_uploads: [429, 'Too many uploads at once', 'Wait until uploads under way have finished, then try again.'],
  no_space: [
    507,
    'No space left',
    'The vault is full. What was acknowledged is safe; tell the system administrator, keep the recording and try again later.',
  ],
  vault_unavailable: [
    503,
    'Storage unavailable',
    'The storage did not answer. What was acknowledged is safe; try again in a moment.',
  ],
  // uploads
  upload_unknown: [404, 'No such upload', 'There is no such upload of yours; create a new one.'],
  upload_ended: [410, 'Upload ended', 'The upload has expired or was terminated; create a new one.'],
  upload_complete: [
    403,
    'Upload complete',
    'All bytes have been received, and what has been received is kept: it cannot be terminated.',
  ],
  superseded: [
    409,
    'Another request took over',
    'A later request writes to this upload now; ask for the offset with HEAD if that was not you.',
  ],
  upload_busy: [423, 'Upload busy', 'Another server is still writing to this upload; try again in a few seconds.'],
  shutting_down: [
    503,
    'Shutting down',
    'The server is shutting down. What had arrived is kept; ask for the offset with HEAD and go on from there.',
  ],
  dock_revoked: [
    401,
    'Dock revoked',
    'This dock was revoked. What had arrived is kept; ask the security administrator to enrol it anew.',
  ],
  offload_unknown: [
    404,
    'No such offload',
    'Announce the files with POST /api/offloads first, and name the offload it answers.',
  ],
  offload_foreign: [
    403,
    'Offload of another sender',
    'Only the sender that announced an offload may upload its files. The refusal is on record.',
  ],
  file_not_announced: [
    409,
    'File not announced',
    'The offload names no file with this name, size and sha256; announce it in a new offload.',
  ],
  // the rest of this service
  not_found: [404, 'Not found', 'There is nothing of this id that you may see.'],
  already_explained: [409, 'Already explained', 'Somebody has closed this gap with a reason before.'],
  unit_unknown: [404, 'No such unit', 'Choose a unit that you can see.'],
  code_invalid: [
    403,
    'Code refused',
    'The code is wrong, spent or expired. Ask the security administrator for a new one.',
  ],
  too_many_attempts: [
    429,
    'Too many attempts',
    'Too many wrong codes came from this address; wait before trying again.',
  ],
  already_enrolled: [
    409,
    'Already enrolled',
    'This dock has its key. Revoke it and create another one if the machine was replaced.',
  ],
  already_revoked: [409, 'Already revoked', 'This dock was revoked before.'],
  not_sealed: [409, 'Not sealed', 'Only sealed evidence has a receipt; look at its state first.'],
  receipt_pending: [409, 'Receipt not ready', 'The seal is not in a signed checkpoint yet; ask again in a second.'],
  cursor_invalid: [400, 'Cursor refused', 'The cursor was not made by this list; start again without one.'],
} as const satisfies Record<string, readonly [number, string, string]>;

/** Every way this service refuses, beside `identity`'s and the general ones. */
export type UploadProblemCode = keyof typeof problems;
export const uploadProblemCodes: readonly string[] = Object.keys(problems);

interface ProblemMore {
  /** in place of the general sentence */
  readonly detail?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

export function problem(code: UploadProblemCode, more: ProblemMore = {}): Problem {
  const [status, title, detail] = problems[code];
  return new Problem({ status, code, title, detail, ...more });
}

/** What a session's or the vault's error means to the caller; any other error is returned as it is. */
export function problemOf(error: unknown): unknown {
  if (error instanceof UploadError) {
    switch (error.code) {
      case 'missing':
        return problem('upload_unknown', { cause: error });
      case 'ended':
        return problem('upload_ended', { cause: error });
      case 'revoked':
        return problem('dock_revoked', {
          cause: error,
          headers: { 'www-authenticate': 'Bearer realm="fengcun", error="invalid_token"' },
        });
      case 'superseded':
        return problem('superseded', { cause: error });
      case 'lease_busy':
        return problem('upload_busy', { cause: error, headers: { 'retry-after': '5' } });
      case 'shutting_down':
        return problem('shutting_down', { cause: error, headers: { 'retry-after': '5' } });
      case 'lease_lost':
        return problem('vault_unavailable', { cause: error, headers: { 'retry-after': '5' } });
      case 'length_fixed':
      case 'length_too_small':
        return problem(error.code, { cause: error });
    }
  }
  if (error instanceof VaultError) {
    switch (error.code) {
      case 'no_space':
        return problem('no_space', { cause: error, headers: { 'retry-after': '300' } });
      case 'unavailable':
      case 'read_only':
        return problem('vault_unavailable', { cause: error, headers: { 'retry-after': '5' } });
      case 'superseded':
        return problem('superseded', { cause: error });
      default:
        return error;
    }
  }
  return error;
}
