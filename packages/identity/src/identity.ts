import fastifyCookie from '@fastify/cookie';
import type { Database } from '@fengcun/catalog';
import { type EventDraft, type PersonRule, type Rate, type RouteRule, tokenScopeOf } from '@fengcun/contracts';
import { type Clock, systemClock } from '@fengcun/runtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import type { Caller, Person } from './caller/caller.ts';
import { RefusalRecorder, sourceOf } from './denial/recorder.ts';
import { authenticateDock } from './dock/authenticate-dock.ts';
import { type RefusalCode, refusal } from './errors.ts';
import { RateLimiter, type RateLimits } from './rate/rate-limiter.ts';
import { authenticateSession } from './session/authenticate-session.ts';
import { accessTokenPattern, sessionTokenOf } from './session/cookie.ts';
import { isSameOrigin } from './session/same-origin.ts';

export interface IdentityOptions {
  /** a pool logged in as the service's own role */
  readonly catalog: Database;
  /** this site's id: what docks' tokens must name as `aud` */
  readonly audience: string;
  readonly clock?: Clock;
  /** without them callers are not limited here */
  readonly rates?: RateLimits;
}

declare module 'fastify' {
  interface FastifyInstance {
    refusals: RefusalRecorder;
  }
}

/** Sent by pages with requests that nobody's hand caused; they do not keep a session from falling idle. */
const backgroundHeader = 'fengcun-background';

/**
 * Authenticates every request before its body is read, enforces the route's rule, and puts refusals on record. Register once per service,
 * before its routes, in the service's own scope.
 */
export const identity = fastifyPlugin<IdentityOptions>(
  async (app: FastifyInstance, { catalog, audience, clock = systemClock, rates }: IdentityOptions) => {
    const limiter = rates && new RateLimiter(rates);
    await app.register(fastifyCookie);
    const refusals = new RefusalRecorder({ catalog, clock, log: app.log });
    app.decorate('refusals', refusals);
    app.decorateRequest('caller');
    app.addHook('onClose', () => refusals.close());
    app.addHook('onRequest', async (request) => {
      if (request.is404) return;
      request.caller = { kind: 'anonymous', address: request.ip };
      const code = await admit(request);
      const rate = rateOf(request);
      const wait = (rate && limiter?.take(sourceKey(request, rate), rate)) ?? 0;
      if (wait > 0) {
        await recordDenial(request, { code: 'too_many_requests' });
        throw refusal('too_many_requests', undefined, { headers: { 'retry-after': String(wait) } });
      }
      if (code === undefined) return;
      if (!isAnswer(code, request)) await recordDenial(request, { code });
      throw refusal(code, undefined, { extensions: explained(code, request.caller) });
    });

    async function admit(request: FastifyRequest): Promise<RefusalCode | undefined> {
      const { rule } = request.routeOptions.config;
      if (!rule || rule.who === 'public')
        return isSameOrigin(request, { proofRequired: false }) ? undefined : 'cross_site';
      return (await authenticate(request, rule)) ?? ruleFault(rule, request);
    }

    /** Sets `request.caller`. A credential that is presented must be good: there is no falling back to another. */
    async function authenticate(request: FastifyRequest, rule: RouteRule): Promise<RefusalCode | undefined> {
      const { authorization } = request.headers;
      if (authorization !== undefined) {
        const [, token] = /^Bearer +([\w.~+/=-]+)$/i.exec(authorization) ?? [];
        if (token === undefined) return 'token_invalid';
        if (accessTokenPattern.test(token)) {
          const person = await authenticateSession(catalog, token, { clock, background: false, kind: 'token' });
          if (!person) return 'access_token_invalid';
          request.caller = person;
          return undefined;
        }
        const outcome = await authenticateDock(catalog, token, { audience, clock });
        if ('known' in outcome) request.caller = outcome.known;
        else if (outcome.dock) request.caller = outcome.dock;
        return 'refused' in outcome ? outcome.refused : undefined;
      }
      const token = sessionTokenOf(request);
      if (token === undefined) return rule.who === 'dock' ? 'token_required' : 'sign_in_required';
      if (!isSameOrigin(request, { proofRequired: true })) return 'cross_site';
      const background = isBackground(request);
      const person = await authenticateSession(catalog, token, { clock, background, kind: 'browser' });
      if (!person) return 'session_over';
      request.caller = person;
      return undefined;
    }
  },
  { name: '@fengcun/identity', fastify: '5.x' },
);

/** A stranger who asks whether anybody is signed in is told so; a register full of sign-in pages that were opened would hide what it is for. */
function isAnswer(code: RefusalCode, { routeOptions }: FastifyRequest): boolean {
  const { rule } = routeOptions.config;
  return code === 'sign_in_required' && rule !== undefined && 'roles' in rule && rule.askedByStrangers === true;
}

/** A browser's EventSource comes back by itself as often as it is cut off, and can send no header of ours (HTML, 9.2). */
function isBackground({ headers }: FastifyRequest): boolean {
  return headers[backgroundHeader] !== undefined || headers.accept === 'text/event-stream';
}

function rateOf(request: FastifyRequest): Rate | null {
  const { rate = null } = request.routeOptions.config;
  return typeof rate === 'function' ? rate(request) : rate;
}

/** Whose bucket a request is taken from: the caller's, or the address's where nobody is known, and for guesses at secrets. */
function sourceKey({ caller, ip }: FastifyRequest, rate: Rate): string {
  if (rate === 'sign_in') return sourceOf(ip);
  switch (caller.kind) {
    case 'person':
      return caller.account.id;
    case 'dock':
      return caller.dock.id;
    case 'anonymous':
      return sourceOf(ip);
  }
}

function explained(code: RefusalCode, caller: Caller): Record<string, unknown> {
  return code === 'sign_in_incomplete' && caller.kind === 'person' ? { pending: caller.pending } : {};
}

function ruleFault(rule: RouteRule, { caller, method }: FastifyRequest): RefusalCode | undefined {
  switch (rule.who) {
    case 'public':
      return undefined;
    case 'dock':
      return caller.kind === 'dock' ? undefined : 'wrong_caller';
    case 'dock-or-person':
      if (caller.kind === 'dock') return undefined;
      break;
    case 'person':
      if (caller.kind === 'dock') return 'wrong_caller';
  }
  if (caller.kind !== 'person') return 'sign_in_required';
  return personFault(rule, caller, method);
}

function personFault(rule: PersonRule, person: Person, method: string): RefusalCode | undefined {
  if (person.pending !== null && rule.pending !== true) return 'sign_in_incomplete';
  const { roles } = rule;
  if (roles.length > 0 && !person.roles.some((held) => roles.includes(held.role))) return 'role_required';
  if (person.scopes === null) return undefined;
  const scope = tokenScopeOf(method, rule);
  if (scope === 'session') return 'session_required';
  return person.scopes.includes(scope) ? undefined : 'scope_required';
}

/**
 * Puts a refusal on record as `access.denied`, at most once a minute for the same caller, route, code and subject; the rest are counted
 * and the count is recorded. Never keeps the refusal from being answered: a ledger that is away is logged.
 */
export async function recordDenial(
  request: FastifyRequest,
  denial: { readonly code: string; readonly rule?: string; readonly subject?: EventDraft['subject'] },
): Promise<void> {
  const { method, routeOptions, caller, server } = request;
  try {
    await server.refusals.recordDenial({
      caller,
      route: `${method} ${routeOptions.url ?? '?'}`,
      code: denial.code,
      rule: denial.rule ?? null,
      subject: denial.subject ?? null,
    });
  } catch (error) {
    request.log.error({ err: error, denied: denial.code }, 'a refusal could not be recorded');
  }
}

/** Puts a failed sign-in on record as `session.refused`, rate-limited and counted like `recordDenial`. */
export async function recordRefusedSignIn(
  request: FastifyRequest,
  refused: { readonly login: string; readonly code: string },
): Promise<void> {
  try {
    await request.server.refusals.recordRefusedSignIn({ address: request.ip, ...refused });
  } catch (error) {
    request.log.error({ err: error, denied: refused.code }, 'a refused sign-in could not be recorded');
  }
}
