import { checksumAlgorithms } from './checksum.ts';
import type { TusHandler } from './context.ts';
import { tusExtensions, tusVersion } from './headers.ts';

/**
 * "A successful response indicated by the 204 No Content or 200 OK status MUST contain the Tus-Version header. It MAY include the
 * Tus-Extension and Tus-Max-Size headers." (OPTIONS) "The Tus-Checksum-Algorithm header MUST be included in the response to an OPTIONS
 * request." (Checksum)
 */
export const handleOptions: TusHandler = async ({ config }, _request, reply) =>
  reply
    .code(204)
    .headers({
      'tus-version': tusVersion,
      'tus-extension': tusExtensions.join(','),
      'tus-max-size': String(config.maxSize),
      'tus-checksum-algorithm': checksumAlgorithms.join(','),
    })
    .send();
