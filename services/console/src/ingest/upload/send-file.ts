import type { Problem } from '@fengcun/contracts';
import { DetailedError, defaultOptions, type PreviousUpload, Upload } from 'tus-js-client';
import { problemIn } from '../../app/api/client.ts';
import { mediaKindOf } from './media-kind.ts';

export interface SendOptions {
  readonly file: File;
  /** hex; declared before the first byte */
  readonly sha256: string;
  /** tus endpoint of the site */
  readonly endpoint: string;
  /** who sends: one person's unfinished uploads are not another's */
  readonly account: string;
  readonly onProgress: (bytes: number) => void;
  readonly onDone: (uploadId: string) => void;
  readonly onFault: (problem: Problem) => void;
}

export interface Sending {
  /** Stops sending; what the server has stays there. */
  pause(): Promise<void>;
  /** Stops and tells the server to forget the upload. */
  cancel(): Promise<void>;
}

/** An upload that this browser began and did not finish; the same file has to be chosen again to go on. */
export interface Unfinished {
  readonly key: string;
  readonly name: string;
  readonly size: number | null;
  readonly since: string;
}

const place = 'tus::';
const prefix = (account: string) => `fengcun-${account}-`;

/**
 * Sends a file by tus, going on where an earlier attempt of the same person with the same content stopped, also after a reload. The
 * fingerprint is the content's own digest: a file that changed since under the same name and date can never be appended to the old one.
 */
export async function sendFile(options: SendOptions): Promise<Sending> {
  const { file, sha256 } = options;
  const upload = new Upload(file, {
    endpoint: options.endpoint,
    retryDelays: [0, 1000, 3000, 5000, 10_000, 20_000, 30_000, 30_000],
    removeFingerprintOnSuccess: true,
    fingerprint: async () => `${prefix(options.account)}${sha256}-${file.size}-${file.name}`,
    metadata: {
      filename: file.name,
      sha256,
      kind: mediaKindOf(file),
      recordedFrom: new Date(file.lastModified).toISOString(),
    },
    onAfterResponse: (request, response) => {
      if (request.getMethod() === 'HEAD') refuseToBeginAnew(response.getStatus());
    },
    onShouldRetry: (error) => {
      const status = statusOf(error);
      return status === 0 || status === 409 || status === 423 || status === 429 || status === 460 || status >= 500;
    },
    onProgress: (sent) => options.onProgress(sent),
    onSuccess: () => options.onDone(uploadIdOf(upload.url)),
    onError: (error) => options.onFault(problemOf(error)),
  });
  const [previous] = await upload.findPreviousUploads();
  if (previous) upload.resumeFromPreviousUpload(previous);
  upload.start();
  return {
    pause: () => upload.abort(),
    cancel: async () => {
      // Without an address the server has never heard of it.
      if (upload.url) await upload.abort(true);
      else await upload.abort();
    },
  };
}

/** Uploads of this person that this browser began and did not finish, oldest first. */
export async function listUnfinished(account: string): Promise<Unfinished[]> {
  const all = await defaultOptions.urlStorage.findAllUploads();
  return all
    .filter(({ urlStorageKey }) => urlStorageKey.startsWith(place + prefix(account)))
    .map((upload) => ({
      key: upload.urlStorageKey,
      name: nameOf(upload),
      size: upload.size,
      since: new Date(upload.creationTime).toISOString(),
    }))
    .sort((a, b) => a.since.localeCompare(b.since));
}

/** Forgets an unfinished upload here; on the server it expires by itself. */
export async function forgetUnfinished(key: string): Promise<void> {
  await defaultOptions.urlStorage.removeUpload(key);
}

const nameOf = ({ metadata }: PreviousUpload): string => metadata.filename ?? '';

function uploadIdOf(url: string | null): string {
  return new URL(url ?? '', window.location.href).pathname.split('/').at(-1) ?? '';
}

/** HEAD was answered with something that says nothing about the upload itself. */
class NotNow extends Error {
  override readonly name = 'NotNow';
  readonly status: number;
  constructor(status: number) {
    super(`The server answered ${status} when asked how much it has.`);
    this.status = status;
  }
}

/** tus-js-client would take any refusal of HEAD for "gone" and send everything again; only 404 and 410 mean that. */
function refuseToBeginAnew(status: number): void {
  if (status >= 500 || status === 401 || status === 403 || status === 429) throw new NotNow(status);
}

function statusOf(error: Error | DetailedError): number {
  if (!(error instanceof DetailedError)) return -1;
  const { causingError } = error;
  if (causingError instanceof NotNow) return causingError.status;
  return error.originalResponse?.getStatus() ?? 0;
}

/** The server's problem document where there is one. */
function problemOf(error: Error | DetailedError): Problem {
  const status = statusOf(error);
  const general = {
    type: 'about:blank',
    title: 'Upload failed',
    status: Math.max(0, status),
    code:
      status === 0
        ? 'unreachable'
        : status === 401
          ? 'unauthenticated'
          : status === 403
            ? 'role_required'
            : 'unexpected_reply',
    detail: error.message,
  };
  if (status < 0) return problemIn(error);
  if (!(error instanceof DetailedError)) return general;
  try {
    const body: unknown = JSON.parse(error.originalResponse?.getBody() ?? '');
    if (typeof body === 'object' && body !== null && 'code' in body && 'detail' in body)
      return { ...general, ...(body as Problem) };
  } catch {
    // No problem document: no reply at all, or one from a proxy in between.
  }
  return general;
}
