import { ApiError, createClient, type Problem } from '@fengcun/contracts';
import { watchPresence } from './presence.ts';

const presence = watchPresence(globalThis);
/** For requests that something other than the person causes; see `Presence`. */
export const { inBackground } = presence;

/** The one client of the console; same origin, session cookie. */
export const client = createClient({ baseUrl: '', headers: presence.headers });

/** For what must still be sent while the page goes away (Fetch standard, keepalive; at most 64 KiB). */
export const partingClient = createClient({
  baseUrl: '',
  headers: presence.headers,
  fetch: (input, init) => fetch(input, { ...init, keepalive: true }),
});

/** The problem behind anything thrown by a query or mutation. */
export function problemIn(error: unknown): Problem {
  if (error instanceof ApiError) return error.problem;
  return {
    type: 'about:blank',
    title: 'Unexpected error',
    status: 0,
    code: 'unexpected_error',
    detail: error instanceof Error ? error.message : String(error),
  };
}

/** Wrong secrets are answered 401 as well (RFC 9110, 15.5.2); only these say that there is no session. */
const signedOut: readonly string[] = ['sign_in_required', 'session_over', 'unauthenticated'];

/** Whether the server no longer knows who we are. */
export function isSignedOut(error: unknown): boolean {
  return error instanceof ApiError && error.problem.status === 401 && signedOut.includes(error.problem.code);
}

/** Text of a plain-text page that is not part of `/api`, such as the checkpoint. Rejects with `ApiError`. */
export async function fetchText(path: string, signal: AbortSignal): Promise<string> {
  const reply = await fetch(path, { signal, headers: { accept: 'text/plain', ...presence.headers() } });
  if (reply.ok) return reply.text();
  throw new ApiError({
    type: 'about:blank',
    title: reply.statusText || 'Unexpected reply',
    status: reply.status,
    code: reply.status === 404 ? 'not_found' : 'unexpected_reply',
    detail: `The server answered ${reply.status} for ${path}.`,
  });
}
