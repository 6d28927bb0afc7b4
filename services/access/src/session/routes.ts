import {
  beginSignIn,
  closeSession,
  type Database,
  findSession,
  listLivePlays,
  openSession,
  unitNames,
} from '@fengcun/catalog';
import { type Me, personal, signIn, signOut, whoAmI } from '@fengcun/contracts';
import {
  absoluteLimitMs,
  actorOf,
  clearSessionCookie,
  hashSessionToken,
  newSessionToken,
  type Person,
  personOf,
  recordRefusedSignIn,
  sessionTokenOf,
  setSessionCookie,
  verifyPassword,
} from '@fengcun/identity';
import { route } from '@fengcun/runtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Access } from '../access.ts';
import { problem } from '../errors.ts';
import type { Plays } from '../play/plays.ts';

/** Five tries are free; then 30 s, a minute, two, ... up to a quarter of an hour for each further one. */
const lockout = { free: 5, firstMs: 30_000, longestMs: 15 * 60_000 } as const;

const longestUserAgent = 512;

export function sessionRoutes(app: FastifyInstance, access: Access, plays: Plays): void {
  const { catalog, clock } = access;

  route(app, signIn, async ({ body, request, reply }) => {
    const account = await checkedAccount(access, request, body);
    const { token, hash } = newSessionToken();
    const expiresAt = new Date(clock.now().getTime() + absoluteLimitMs);
    await catalog.transaction().execute((tx) =>
      openSession(
        tx,
        {
          tokenHash: hash,
          account,
          expiresAt,
          address: request.ip,
          userAgent: (request.headers['user-agent'] ?? '').slice(0, longestUserAgent),
        },
        clock,
      ),
    );
    await closePrevious(access, request);
    const opened = await findSession(catalog, hash);
    if (!opened) throw new Error('A session just opened is not there');
    setSessionCookie(request, reply, token, expiresAt);
    return me(catalog, { ...opened, expiresAt });
  });

  route(app, whoAmI, async ({ request }) => me(catalog, personOf(request)));

  route(app, signOut, async ({ request, reply }) => {
    const person = personOf(request);
    const actor = actorOf(person);
    for (const play of await listLivePlays(catalog, person.session)) await plays.end(play, { actor, cause: 'viewer' });
    await catalog
      .transaction()
      .execute((tx) => closeSession(tx, { session: person.session, actor, cause: 'signed_out' }, clock));
    clearSessionCookie(request, reply);
    return reply.send();
  });
}

/** The account of these credentials. Whether the login exists shows neither in the answer, nor in its time, nor in the lockout. */
async function checkedAccount(
  { catalog, clock }: Access,
  request: FastifyRequest,
  { login, password }: { readonly login: string; readonly password: string },
): Promise<{ readonly id: string; readonly name: string }> {
  const attempt = await beginSignIn(catalog, login, clock.now(), lockout);
  if ('lockedForMs' in attempt) {
    await recordRefusedSignIn(request, { login, code: 'locked_out' });
    const seconds = Math.max(1, Math.ceil(attempt.lockedForMs / 1000));
    throw problem('locked_out', {
      headers: { 'retry-after': String(seconds) },
      extensions: { retryAfterSeconds: seconds },
    });
  }
  const { admitted } = attempt;
  const right = await verifyPassword(password, admitted.kind === 'account' ? admitted.passwordHash : null);
  if (right && admitted.kind === 'account' && !admitted.disabled) return { id: admitted.id, name: admitted.name };
  await recordRefusedSignIn(request, { login, code: 'wrong_credentials' });
  throw problem('wrong_credentials', {
    headers: { 'www-authenticate': 'Cookie realm="fengcun", cookie-name="fengcun_session"' },
  });
}

/** Whoever signs in anew on the same browser leaves no open session behind. */
async function closePrevious({ catalog, clock }: Access, request: FastifyRequest): Promise<void> {
  const token = sessionTokenOf(request);
  const previous = token === undefined ? undefined : await findSession(catalog, hashSessionToken(token));
  if (!previous || previous.closedAt) return;
  const { id, name } = previous.account;
  const actor = { kind: 'account', id, name: personal(name) } as const;
  await catalog
    .transaction()
    .execute((tx) => closeSession(tx, { session: previous.id, actor, cause: 'signed_out' }, clock));
}

async function me(
  catalog: Database,
  { account, roles, expiresAt }: Pick<Person, 'account' | 'roles' | 'expiresAt'>,
): Promise<Me> {
  const names = await unitNames(catalog, [...new Set([account.unitId, ...roles.map((held) => held.unit)])]);
  const nameOf = (unit: string) => names.get(unit) ?? '';
  return {
    id: account.id,
    login: account.login,
    name: account.name,
    officerNumber: account.officerNumber,
    unit: { id: account.unitId, name: nameOf(account.unitId) },
    roles: roles.map(({ unit, role }) => ({ unit, unitName: nameOf(unit), role })),
    expiresAt: expiresAt.toISOString(),
  };
}
