import type { FastifyRequest } from 'fastify';

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Whether a request may change something as far as its origin goes. `Sec-Fetch-Site` is the browser's own word and beats `Origin`;
 * scripts can set neither. A request with a cookie and without either is refused: every browser in use sends one of them with an
 * unsafe method. A request without a cookie proves nothing by being ours, but one that says it is not is refused (login CSRF).
 */
export function isSameOrigin(request: FastifyRequest, options: { readonly proofRequired: boolean }): boolean {
  if (safeMethods.has(request.method)) return true;
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || (site === 'none' && !options.proofRequired);
  const { origin } = request.headers;
  if (origin !== undefined) return URL.canParse(origin) && new URL(origin).host === request.host;
  return !options.proofRequired;
}
