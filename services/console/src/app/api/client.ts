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

/** Whether the server no longer knows who we are. */
export function isSignedOut(error: unknown): boolean {
  return error instanceof ApiError && error.problem.status === 401 && error.problem.code !== 'wrong_credentials';
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
