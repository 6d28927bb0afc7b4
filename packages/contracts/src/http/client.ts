import { type Api, api } from '../api.ts';
import type { Problem } from './problem.ts';
import { readRetryAfter } from './retry-after.ts';
import type { RouteContract, StaticOf } from './route.ts';

/** The same, without the types of each: the union of all of them is more than the compiler takes. */
const routes: Readonly<Record<keyof Api, RouteContract>> = api;

/** A reply that was a problem document, or a failure to get any reply (`status` 0, code `unreachable`). */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly problem: Problem;
  /** seconds the reply asked to wait before another try; null when it did not */
  readonly retryAfter: number | null;

  constructor(problem: Problem, options: ErrorOptions & { readonly retryAfter?: number | null } = {}) {
    super(`${problem.title}: ${problem.detail}`, options);
    this.problem = problem;
    this.retryAfter = options.retryAfter ?? null;
  }
}

type Needs<K extends string, T> = T extends undefined ? { readonly [P in K]?: undefined } : { readonly [P in K]: T };
type QueryOf<T> = T extends undefined ? { readonly query?: undefined } : { readonly query?: T };

/** What a call to route `N` takes. */
export type CallInput<N extends keyof Api> = Needs<'params', StaticOf<Api[N]['params']>> &
  QueryOf<StaticOf<Api[N]['query']>> &
  Needs<'body', StaticOf<Api[N]['body']>> & { readonly signal?: AbortSignal };

/** What a call to route `N` answers: its JSON reply, or the `Response` where the reply is not JSON. */
export type CallReply<N extends keyof Api> = Api[N]['reply'] extends undefined
  ? Api[N] extends { media: string }
    ? Response
    : undefined
  : StaticOf<Api[N]['reply']>;

/** The same, whatever the route. */
interface Input {
  readonly params?: Record<string, string>;
  readonly query?: Record<string, unknown>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

type Optional<I> = Record<never, never> extends I ? [input?: I] : [input: I];

export interface Client {
  call<N extends keyof Api>(route: N, ...input: Optional<CallInput<N>>): Promise<CallReply<N>>;
}

export interface ClientOptions {
  /** origin, e.g. `https://evidence.example`; empty in the browser */
  readonly baseUrl: string;
  readonly fetch?: typeof fetch;
  /** headers for every request, e.g. a dock's fresh token */
  readonly headers?: () => Promise<Record<string, string>> | Record<string, string>;
}

/** Typed client of the whole API. Rejects with `ApiError` only. */
export function createClient(options: ClientOptions): Client {
  const send = options.fetch ?? globalThis.fetch.bind(globalThis);
  return {
    async call(name, ...rest) {
      const route = routes[name];
      const [input = {}] = rest as unknown as readonly [Input?];
      const init: RequestInit = {
        method: route.method,
        headers: {
          accept: route.media ?? 'application/json, application/problem+json',
          ...(input.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(await options.headers?.()),
        },
        ...(input.body === undefined ? {} : { body: JSON.stringify(input.body) }),
        ...(input.signal ? { signal: input.signal } : {}),
      };
      const response = await send(options.baseUrl + urlOf(route.path, input.params, input.query), init).catch(
        (cause: unknown) => {
          if (input.signal?.aborted) throw cause;
          throw new ApiError(unreachable(options.baseUrl), { cause });
        },
      );
      if (!response.ok) {
        const retryAfter = readRetryAfter(response.headers.get('retry-after'));
        throw new ApiError(await problemOf(response, options.baseUrl), { retryAfter });
      }
      if (route.reply) return (await jsonOf(response, options.baseUrl, input.signal)) as never;
      return (route.media ? response : undefined) as never;
    },
  };
}

/** Fills `:name` placeholders and appends the query; undefined values are left out. */
export function urlOf(path: string, params: Record<string, string> = {}, query: Record<string, unknown> = {}): string {
  const filled = path.replace(/:(\w+)/g, (_, key: string) => {
    const value = params[key];
    if (value === undefined) throw new TypeError(`Missing parameter ${key} of ${path}`);
    return encodeURIComponent(value);
  });
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query))
    if (value !== undefined && value !== null) search.set(key, String(value));
  return search.size ? `${filled}?${search}` : filled;
}

/** A reply can break off after its headers, and a proxy in between can answer with something else. */
async function jsonOf(response: Response, baseUrl: string, signal: AbortSignal | undefined): Promise<unknown> {
  const text = await response.text().catch((cause: unknown) => {
    if (signal?.aborted) throw cause;
    throw new ApiError(unreachable(baseUrl), { cause });
  });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ApiError(unexpected(response, text), { cause });
  }
}

async function problemOf(response: Response, baseUrl: string): Promise<Problem> {
  const text = await response.text().catch(() => null);
  // What the refusal was is lost with its body: a caller that takes it for final could be wrong.
  if (text === null) return unreachable(baseUrl);
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null && 'code' in parsed && 'detail' in parsed)
      return parsed as Problem;
  } catch {
    // Not a problem document: a proxy in between answered. Fall through and say what came.
  }
  return unexpected(response, text);
}

function unexpected(response: Response, text: string): Problem {
  return {
    type: 'about:blank',
    title: response.statusText || 'Unexpected reply',
    status: response.status,
    code: 'unexpected_reply',
    detail: text.slice(0, 200) || `The server answered ${response.status} without a problem document.`,
  };
}

function unreachable(baseUrl: string): Problem {
  return {
    type: 'urn:fengcun:problem:unreachable',
    title: 'Server unreachable',
    status: 0,
    code: 'unreachable',
    detail: `No reply from ${baseUrl || 'the server'}. Check the network and try again.`,
  };
}
