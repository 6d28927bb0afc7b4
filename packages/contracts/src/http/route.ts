import type { Static, TSchema } from 'typebox';

/**
 * Who may call a route at all. This is the gate at the door; what a caller may do with one item is decided by `policy.decide`.
 * `person` lists the roles that may enter; an empty list means any signed-in person.
 */
export type RouteRule =
  | { readonly who: 'public' }
  | { readonly who: 'dock' }
  | ({ readonly who: 'person' } & PersonRule)
  | ({ readonly who: 'dock-or-person' } & PersonRule);

export interface PersonRule {
  readonly roles: readonly Role[];
  /**
   * What a personal access token must have been given for this route; `session`: no token will do, a person has to sit there. Unless said,
   * `read` for GET and `manage` for everything else (`tokenScopeOf`).
   */
  readonly scope?: TokenScope | 'session';
  /** open to somebody whose sign-in still waits for a second factor or a new password */
  readonly pending?: true;
  /** pages ask this before anybody is signed in: 401 to who brings no credential is the answer, and no refusal to put on record */
  readonly askedByStrangers?: true;
}

/** What a personal access token can be good for. `footage`: whatever shows or hands out recordings, and only that scope does. */
export const tokenScopes = ['read', 'manage', 'upload', 'footage'] as const;
export type TokenScope = (typeof tokenScopes)[number];

/** The scope that a token needs to call a route. */
export function tokenScopeOf(method: string, rule: PersonRule): TokenScope | 'session' {
  return rule.scope ?? (method === 'GET' || method === 'HEAD' ? 'read' : 'manage');
}

export const roles = [
  'officer',
  'supervisor',
  'legal',
  'bureau_head',
  'archivist',
  'auditor',
  'system_admin',
  'security_admin',
] as const;
export type Role = (typeof roles)[number];

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One JSON (or streamed) route of the public API: the single source for validation, types, client and OpenAPI. */
export interface RouteContract<
  Params extends TSchema | undefined = TSchema | undefined,
  Query extends TSchema | undefined = TSchema | undefined,
  Body extends TSchema | undefined = TSchema | undefined,
  Reply extends TSchema | undefined = TSchema | undefined,
  Media extends string | undefined = string | undefined,
> {
  readonly method: Method;
  /** with `:name` placeholders */
  readonly path: `/${string}`;
  readonly summary: string;
  readonly tag: string;
  readonly rule: RouteRule;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** the success reply; `undefined` where it is not JSON (see `media`) or 204 */
  readonly reply: Reply;
  /** 302: the reply only sends a browser on */
  readonly status: 200 | 201 | 202 | 204 | 302;
  /** media type of a success reply that is not JSON; `undefined` where it is JSON or 204 */
  readonly media: Media;
  /** problem codes this route answers with beside the general ones */
  readonly problems: readonly string[];
  /** which limit of requests in a minute a caller of this route is held to */
  readonly rate: Rate;
}

/**
 * `sign_in`: guesses at secrets, by address; `search`: what is dear to answer; `upload`: uploads begun and asked after, not their bytes; `log`: the
 * log's tiles and proofs; `general`: everything else.
 */
export const rates = ['general', 'search', 'sign_in', 'upload', 'log'] as const;
export type Rate = (typeof rates)[number];

type RouteInput<P, Q, B, R, M> = Pick<RouteContract, 'method' | 'path' | 'summary' | 'tag' | 'rule'> & {
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly reply?: R;
  readonly status?: 200 | 201 | 202 | 204 | 302;
  readonly media?: M;
  readonly problems?: readonly string[];
  /** `general` unless said */
  readonly rate?: Rate;
};

/** Declares a route. Status is 200 with a reply or media, 204 without, unless said. */
export function defineRoute<
  P extends TSchema | undefined = undefined,
  Q extends TSchema | undefined = undefined,
  B extends TSchema | undefined = undefined,
  R extends TSchema | undefined = undefined,
  const M extends string | undefined = undefined,
>(input: RouteInput<P, Q, B, R, M>): RouteContract<P, Q, B, R, M> {
  return {
    method: input.method,
    path: input.path,
    summary: input.summary,
    tag: input.tag,
    rule: input.rule,
    params: input.params as P,
    query: input.query as Q,
    body: input.body as B,
    reply: input.reply as R,
    status: input.status ?? (input.reply || input.media ? 200 : 204),
    media: input.media as M,
    problems: input.problems ?? [],
    rate: input.rate ?? 'general',
  };
}

/** Static type of an optional schema; `undefined` when the route has none. */
export type StaticOf<S> = S extends TSchema ? Static<S> : undefined;
