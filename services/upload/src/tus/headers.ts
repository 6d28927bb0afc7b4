import type { IncomingHttpHeaders } from 'node:http';
import { problem } from '../problems.ts';
import { type Checksum, parseChecksum } from './checksum.ts';

/** The one protocol version spoken here. */
export const tusVersion = '1.0.0';

export const tusExtensions = [
  'creation',
  'creation-with-upload',
  'creation-defer-length',
  'expiration',
  'checksum',
  'termination',
] as const;

export const offsetOctetStream = 'application/offset+octet-stream';

/** A header that may stand there once. */
export function single(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  if (Array.isArray(value)) throw invalid(name, 'it stands there more than once');
  return value;
}

/**
 * "If the version specified by the Client is not supported by the Server, it MUST respond with the 412 Precondition Failed status and
 * MUST include the Tus-Version header into the response. In addition, the Server MUST NOT process the request." (Tus-Resumable)
 */
export function requireVersion(headers: IncomingHttpHeaders): void {
  if (single(headers, 'tus-resumable') !== tusVersion) {
    throw problem('version_unsupported', { headers: { 'tus-version': tusVersion } });
  }
}

/** "The value MUST be a non-negative integer." (Upload-Offset, Upload-Length). Undefined when the header is absent. */
export function byteCount(headers: IncomingHttpHeaders, name: string): number | undefined {
  const value = single(headers, name);
  if (value === undefined) return undefined;
  const count = /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(count)) throw invalid(name, 'it is not a whole number of bytes');
  return count;
}

/** True when the body is upload data: "The Client MUST include the Content-Type: application/offset+octet-stream header." */
export function carriesBytes(headers: IncomingHttpHeaders): boolean {
  return (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() === offsetOctetStream;
}

/** Bytes the body announces itself to have; undefined when it is chunked or absent. */
export function contentLength(headers: IncomingHttpHeaders): number | undefined {
  return headers['transfer-encoding'] === undefined ? byteCount(headers, 'content-length') : undefined;
}

export function checksumOf(headers: IncomingHttpHeaders): Checksum | undefined {
  const value = single(headers, 'upload-checksum');
  return value === undefined ? undefined : parseChecksum(value);
}

const invalid = (name: string, why: string) =>
  problem('header_invalid', { detail: `Correct the header ${name}: ${why}.` });
