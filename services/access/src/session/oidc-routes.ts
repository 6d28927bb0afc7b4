import { findLinkedAccount, findUnlinkedAccount, type LinkedAccount, linkIdentity } from '@fengcun/catalog';
import { beginOidcSession, completeOidcSession, endOidcSession, personal } from '@fengcun/contracts';
import { recordRefusedSignIn } from '@fengcun/identity';
import { route } from '@fengcun/runtime';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Access } from '../access.ts';
import { problem } from '../errors.ts';
import { type OidcAttempt, type OidcPerson, OidcProvider } from './oidc-provider.ts';
import { beginSession } from './sign-in.ts';

const cookieName = 'fengcun_oidc';
const cookiePath = '/api/session/oidc';
const attemptLifeMs = 10 * 60_000;
const sealedFor = 'oidc attempt';

/** What the console is told, in its address, of a sign-in that came to nothing. */
type Failure = 'oidc_unavailable' | 'oidc_refused' | 'oidc_unknown_person' | 'oidc_expired';

interface Attempt extends OidcAttempt {
  /** path of the console to come back to */
  readonly back: string;
  /** ms since 1970 */
  readonly until: number;
}

/** Signing in at an identity provider. */
export function oidcRoutes(app: FastifyInstance, access: Access): void {
  const { config, secrets, clock } = access;
  const provider = config.oidc && new OidcProvider(config.oidc);

  route(app, beginOidcSession, async ({ query, request, reply }) => {
    if (!provider) throw problem('oidc_not_configured');
    const begun = await provider.authorizationUrl(callbackOf(request)).catch((cause: unknown) => {
      throw problem('oidc_unavailable', { cause });
    });
    const until = clock.now().getTime() + attemptLifeMs;
    const attempt: Attempt = { ...begun.attempt, back: query.return ?? '/', until };
    const sealed = secrets.seal(Buffer.from(JSON.stringify(attempt)), sealedFor).toString('base64url');
    // Lax: it has to come back with the browser when the provider sends that here.
    reply.setCookie(cookieName, sealed, { ...cookieAttributes(request), maxAge: attemptLifeMs / 1000 });
    return reply.redirect(begun.url.href, 302);
  });

  route(app, completeOidcSession, async ({ request, reply }) => {
    if (!provider) throw problem('oidc_not_configured');
    const attempt = attemptIn(access, request);
    reply.clearCookie(cookieName, cookieAttributes(request));
    if (!attempt) return sendBack(request, reply, 'oidc_expired');
    let person: OidcPerson;
    try {
      person = await provider.personAt(new URL(request.url, originOf(request)), attempt);
    } catch (error) {
      // The provider's words may hold the code: only what kind of failure it was is logged.
      request.log.warn(
        { failure: error instanceof Error ? error.name : 'unknown' },
        'a sign-in at the provider failed',
      );
      return sendBack(request, reply, isRefusal(error) ? 'oidc_refused' : 'oidc_unavailable');
    }
    const account = await accountOf(access, person);
    if (!account || account.disabled) return sendBack(request, reply, 'oidc_unknown_person', person.subject);
    const secondFactor = provider.config.secondFactor === 'theirs' ? 'provider' : null;
    await beginSession(access, request, reply, { account, via: 'oidc', secondFactor });
    return reply.redirect(attempt.back, 302);
  });

  route(app, endOidcSession, async ({ request, reply }) => {
    if (!provider) throw problem('oidc_not_configured');
    const end = await provider.endUrl(`${originOf(request)}/`).catch((cause: unknown) => {
      throw problem('oidc_unavailable', { cause });
    });
    return reply.redirect(end?.href ?? '/', 302);
  });
}

/** The linked account; or, where a claim names logins, the account of that login that nobody is linked to, which is linked now. */
async function accountOf({ catalog, clock }: Access, person: OidcPerson): Promise<LinkedAccount | undefined> {
  const { issuer, subject, login } = person;
  const linked = await findLinkedAccount(catalog, issuer, subject);
  if (linked || login === undefined) return linked;
  const account = await findUnlinkedAccount(catalog, login);
  if (!account || account.disabled) return account;
  const actor = { kind: 'account', id: account.id, name: personal(account.name) } as const;
  const link = { account: account.id, issuer, subject, actor, by: 'claim' } as const;
  const done = await catalog.transaction().execute((tx) => linkIdentity(tx, link, clock));
  return done ? account : findLinkedAccount(catalog, issuer, subject);
}

async function sendBack(
  request: FastifyRequest,
  reply: FastifyReply,
  failure: Failure,
  subject = '',
): Promise<FastifyReply> {
  await recordRefusedSignIn(request, { login: subject, code: failure });
  return reply.redirect(`/?signInProblem=${failure}`, 302);
}

/** What openid-client says of an answer of the provider, in contrast to none: its errors carry the provider's `error`. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'error' in error && typeof error.error === 'string';
}

function attemptIn({ secrets, clock }: Access, request: FastifyRequest): Attempt | undefined {
  const sealed = request.cookies[cookieName];
  const opened = sealed === undefined ? undefined : secrets.open(Buffer.from(sealed, 'base64url'), sealedFor);
  if (!opened) return undefined;
  // Ours: nobody else can seal.
  const attempt = JSON.parse(opened.toString()) as Attempt;
  return attempt.until > clock.now().getTime() ? attempt : undefined;
}

/** As the provider has it registered: without the port that goes without saying. */
const originOf = (request: FastifyRequest) => new URL(`${request.protocol}://${request.host}`).origin;
const callbackOf = (request: FastifyRequest) => `${originOf(request)}${completeOidcSession.path}`;

const cookieAttributes = (request: FastifyRequest) =>
  ({ path: cookiePath, httpOnly: true, sameSite: 'lax', secure: request.protocol === 'https' }) as const;
