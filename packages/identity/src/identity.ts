import fastifyCookie from '@fastify/cookie';
import type { Database } from '@fengcun/catalog';
import type { EventDraft, RouteRule } from '@fengcun/contracts';
import { type Clock, systemClock } from '@fengcun/runtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import type { Caller } from './caller/caller.ts';
import { RefusalRecorder } from './denial/recorder.ts';
import { authenticateDock } from './dock/authenticate-dock.ts';
import { type RefusalCode, refusal } from './errors.ts';
import { authenticateSession } from './session/authenticate-session.ts';
import { sessionTokenOf } from './session/cookie.ts';
import { isSameOrigin } from './session/same-origin.ts';

export interface IdentityOptions {
  /** a pool logged in as the service's own role */
  readonly catalog: Database;
  /** this site's id: what docks' tokens must name as `aud` */
  readonly audience: string;
  readonly clock?: Clock;
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
  async (app: FastifyInstance, { catalog, audience, clock = systemClock }: IdentityOptions) => {
    await app.register(fastifyCookie);
    const refusals = new RefusalRecorder({ catalog, clock, log: app.log });
    app.decorate('refusals', refusals);
    app.decorateRequest('caller');
    app.addHook('onClose', () => refusals.close());
    app.addHook('onRequest', async (request) => {
      if (request.is404) return;
      request.caller = { kind: 'anonymous', address: request.ip };
      const code = await admit(request);
      if (code === undefined) return;
      await recordDenial(request, { code });
      throw refusal(code);
    });

    async function admit(request: FastifyRequest): Promise<RefusalCode | undefined> {
      const { rule } = request.routeOptions.config;
      if (!rule || rule.who === 'public')
        return isSameOrigin(request, { proofRequired: false }) ? undefined : 'cross_site';
      return (await authenticate(request, rule)) ?? ruleFault(rule, request.caller);
    }

    /** Sets `request.caller`. A credential that is presented must be good: there is no falling back to another. */
    async function authenticate(request: FastifyRequest, rule: RouteRule): Promise<RefusalCode | undefined> {
      const { authorization } = request.headers;
      if (authorization !== undefined) {
        const [, token] = /^Bearer +([\w.~+/=-]+)$/i.exec(authorization) ?? [];
        if (token === undefined) return 'token_invalid';
        const outcome = await authenticateDock(catalog, token, { audience, clock });
        if ('known' in outcome) request.caller = outcome.known;
        else if (outcome.dock) request.caller = outcome.dock;
        return 'refused' in outcome ? outcome.refused : undefined;
      }
      const token = sessionTokenOf(request);
      if (token === undefined) return rule.who === 'dock' ? 'token_required' : 'sign_in_required';
      if (!isSameOrigin(request, { proofRequired: true })) return 'cross_site';
      const background = isBackground(request);
      const person = await authenticateSession(catalog, token, { clock, background });
      if (!person) return 'session_over';
      request.caller = person;
      return undefined;
    }
  },
  { name: '@fengcun/identity', fastify: '5.x' },
);

/** A browser's EventSource comes back by itself as often as it is cut off, and can send no header of ours (HTML, 9.2). */
function isBackground({ headers }: FastifyRequest): boolean {
  return headers[backgroundHeader] !== undefined || headers.accept === 'text/event-stream';
}

function ruleFault(rule: RouteRule, caller: Caller): RefusalCode | undefined {
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
  const { roles } = rule;
  if (roles.length === 0 || caller.roles.some((held) => roles.includes(held.role))) return undefined;
  return 'role_required';
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
