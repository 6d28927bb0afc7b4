import { makePerson } from '@fengcun/identity/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OidcConfig } from '../index.ts';
import { eventsOf } from '../testing/events.ts';
import { type Harness, startHarness } from '../testing/harness.ts';
import { clientSecret, type IdentityProvider, startIdentityProvider } from '../testing/identity-provider.ts';

const host = 'evidence.example';
const callback = `http://${host}/api/session/oidc/callback`;
let harness: Harness;
let provider: IdentityProvider;
let settings: OidcConfig;
beforeAll(async () => {
  provider = await startIdentityProvider(callback);
  const { issuer } = provider;
  settings = { issuer, clientId: 'fengcun', clientSecret, label: '统一认证', claim: null, secondFactor: 'ours' };
  harness = await startHarness({ config: { oidc: settings } });
});
afterAll(async () => {
  await harness.close();
  await provider.close();
});
beforeEach(() => {
  provider.refuses = false;
});

const cookieOf = (header: unknown, name: string) =>
  [header]
    .flat()
    .map(String)
    .find((each) => each.startsWith(`${name}=`))
    ?.split(';', 1)[0] ?? '';

/** Sends a browser away to the provider; answers the cookie it keeps and where it was sent. */
async function leave(app = harness.app, back = '/evidence?kind=video') {
  const url = `/api/session/oidc?return=${encodeURIComponent(back)}`;
  const reply = await app.inject({ url, headers: { host } });
  expect(reply.statusCode).toBe(302);
  return { cookie: cookieOf(reply.headers['set-cookie'], 'fengcun_oidc'), away: String(reply.headers.location) };
}

async function comeBack(returned: string, cookie: string, app = harness.app) {
  const { pathname, search } = new URL(returned);
  const reply = await app.inject({ url: pathname + search, headers: { host, cookie, 'sec-fetch-site': 'cross-site' } });
  return { to: reply.headers.location, session: cookieOf(reply.headers['set-cookie'], 'fengcun_session') };
}

async function signIn(app = harness.app) {
  const { cookie, away } = await leave(app);
  return comeBack(await provider.visit(away), cookie, app);
}

const linked = async (role: 'officer' | 'supervisor' = 'officer') => {
  const person = await makePerson(harness.owner, role);
  provider.person = { sub: `sub of ${person.login}`, login: person.login };
  await harness.owner
    .insertInto('federated_identity')
    .values({ issuer: provider.issuer, subject: provider.person.sub, account_id: person.id, linked_at: new Date() })
    .execute();
  return person;
};

describe('signing in at the identity provider', () => {
  it('is offered, and leads a linked person back to the page they asked for', async () => {
    expect((await harness.app.inject({ url: '/api/site' })).json().signIn.oidc).toEqual({ label: '统一认证' });
    const person = await linked();
    const { to, session } = await signIn();
    expect(to).toBe('/evidence?kind=video');
    const me = await harness.app.inject({ url: '/api/session', headers: { cookie: session } });
    expect(me.json()).toMatchObject({ id: person.id, via: 'oidc', pending: null });
    expect((await eventsOf(harness, 'session.opened')).at(-1)).toMatchObject({
      actor: person.id,
      data: { via: 'oidc' },
    });
  });

  it('asks with PKCE, state and nonce, which no two share', async () => {
    const [a, b] = [await leave(), await leave()].map(({ away }) => new URL(away).searchParams);
    expect(a?.get('code_challenge_method')).toBe('S256');
    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(a?.get(name)?.length).toBeGreaterThan(20);
      expect(a?.get(name)).not.toBe(b?.get(name));
    }
  });

  it('still asks an approver for the second factor here, unless the site trusts the provider with it', async () => {
    await linked('supervisor');
    const me = async (app: typeof harness.app) => {
      const { session } = await signIn(app);
      return (await app.inject({ url: '/api/session', headers: { cookie: session } })).json().pending;
    };
    expect(await me(harness.app)).toBe('second_factor_enrolment');
    expect(await me(await harness.another({ config: { oidc: { ...settings, secondFactor: 'theirs' } } }))).toBeNull();
  });

  it('is refused to a person nobody has linked, and to a disabled account', async () => {
    provider.person = { sub: 'a stranger', login: 'stranger' };
    expect(await signIn()).toEqual({ to: '/?signInProblem=oidc_unknown_person', session: '' });
    expect((await eventsOf(harness, 'session.refused')).at(-1)?.data).toMatchObject({ code: 'oidc_unknown_person' });
    const person = await linked();
    await harness.owner.updateTable('account').set({ disabled_at: new Date() }).where('id', '=', person.id).execute();
    expect((await signIn()).to).toBe('/?signInProblem=oidc_unknown_person');
  });

  it('links the account whose login the configured claim names, once and for good', async () => {
    const byClaim = await harness.another({ config: { oidc: { ...settings, claim: 'preferred_username' } } });
    const person = await makePerson(harness.owner, 'officer');
    provider.person = { sub: `first ${person.login}`, login: person.login.toUpperCase() };
    expect((await signIn(byClaim)).session).not.toBe('');
    expect((await eventsOf(harness, 'identity.linked')).at(-1)).toMatchObject({
      subject: person.id,
      data: { by: 'claim' },
    });
    // Somebody else who comes by the same name later is not taken for them.
    provider.person = { sub: `second ${person.login}`, login: person.login };
    expect((await signIn(byClaim)).to).toBe('/?signInProblem=oidc_unknown_person');
  });

  it('comes to nothing where the person refuses', async () => {
    await linked();
    provider.refuses = true;
    expect(await signIn()).toEqual({ to: '/?signInProblem=oidc_refused', session: '' });
  });

  it('takes an answer only in the browser that asked, in time, once, and with its own state', async () => {
    await linked();
    const [mine, theirs] = [await leave(), await leave()];
    const returned = await provider.visit(mine.away);
    expect((await comeBack(returned, '')).to).toBe('/?signInProblem=oidc_expired');
    expect((await comeBack(returned, 'fengcun_oidc=forged')).to).toBe('/?signInProblem=oidc_expired');
    const swapped = await comeBack(returned, theirs.cookie);
    expect([swapped.to, swapped.session]).toEqual([expect.stringContaining('signInProblem'), '']);
    expect((await comeBack(returned, mine.cookie)).session).not.toBe('');
    expect((await comeBack(returned, mine.cookie)).session).toBe('');
    const late = await leave();
    const lateReturn = await provider.visit(late.away);
    harness.clock.advance(10 * 60_000);
    expect((await comeBack(lateReturn, late.cookie)).to).toBe('/?signInProblem=oidc_expired');
  });

  it.each(['//elsewhere.example/', '/\\elsewhere.example', 'https://elsewhere.example/', 'evidence'])(
    'leads nobody to %s',
    async (back) => {
      const url = `/api/session/oidc?return=${encodeURIComponent(back)}`;
      expect((await harness.app.inject({ url, headers: { host } })).statusCode).toBe(400);
    },
  );

  it('ends at the provider too', async () => {
    const reply = await harness.app.inject({ url: '/api/session/oidc/end', headers: { host } });
    const end = new URL(String(reply.headers.location));
    expect(end.origin).toBe(provider.issuer);
    expect(end.searchParams.get('post_logout_redirect_uri')).toBe(`http://${host}/`);
  });

  it('is not there where no provider is configured, and says so where it does not answer', async () => {
    const without = await harness.another({ config: { oidc: null } });
    expect((await without.inject({ url: '/api/session/oidc' })).json().code).toBe('oidc_not_configured');
    const gone = await harness.another({ config: { oidc: { ...settings, issuer: 'http://127.0.0.1:1' } } });
    const reply = await gone.inject({ url: '/api/session/oidc' });
    expect([reply.statusCode, reply.json().code]).toEqual([503, 'oidc_unavailable']);
  });
});
