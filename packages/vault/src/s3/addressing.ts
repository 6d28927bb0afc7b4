import { isIP } from 'node:net';
import { VaultError } from '../errors.ts';
import type { CompleteOptions } from './options.ts';

/**
 * Refuses options with which the SDK would put buckets into paths although they shall be host names: it does so without a word where a name is
 * none (`isVirtualHostableS3Bucket` of its endpoint rules). Throws `invalid`.
 */
export function assertAddressing(options: CompleteOptions): void {
  const { addressing, endpoint, variables } = options;
  if (addressing === 'path') return;
  const variable = `${variables}_S3_ADDRESSING`;
  const refuse = (why: string) =>
    new VaultError('invalid', `${variable} is "virtual_host", but ${why} Otherwise let it be "path".`, { variable });
  if (endpoint !== undefined && isIP(new URL(endpoint).hostname.replace(/^\[|\]$/g, '')) !== 0) {
    throw refuse(`${endpoint} is an address, before which no bucket's name can stand; name the engine's host.`);
  }
  for (const bucket of [options.bucket, options.stagingBucket]) {
    if (/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(bucket)) continue;
    throw refuse(`${bucket} cannot be part of a host name; use lower-case letters, digits and hyphens, 3 to 63.`);
  }
}
