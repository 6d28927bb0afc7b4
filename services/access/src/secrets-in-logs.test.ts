import { Writable } from 'node:stream';
import { fromBase32, totpCode, totpStep } from '@fengcun/identity';
import { makePerson } from '@fengcun/identity/testing';
import { createLogger } from '@fengcun/runtime';
import { expect, it } from 'vitest';
import { startHarness } from './testing/harness.ts';
import { clientSecret, startIdentityProvider } from './testing/identity-provider.ts';

/** Everything that a program said, at its most talkative. */
function listening() {
  const said: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      said.push(String(chunk));
      done();
    },
  });
  return { said, logger: createLogger({ name: 'test', level: 'trace', destination }) };
}

it('no secret of a sign-in, a second factor, a token or an identity provider reaches the log', async () => {
  const { said, logger } = listening();
  const host = 'evidence.example';
  const provider = await startIdentityProvider(`http://${host}/api/session/oidc/callback`);
  const { issuer } = provider;
  const oidc = { issuer, clientId: 'fengcun', clientSecret, label: 'x', claim: null, secondFactor: 'ours' } as const;
  const harness = await startHarness({ config: { oidc }, logger });
  const secrets: string[] = [clientSecret];
  try {
    const person = await makePerson(harness.owner, 'supervisor');
    const keeper = await makePerson(harness.owner, 'security_admin', { unit: person.unit });
    secrets.push(person.password, keeper.cookie.slice('fengcun_session='.length));
    let cookie = '';
    const ask = async (method: 'GET' | 'POST', url: string, payload?: object, headers: Record<string, string> = {}) => {
      const own = { 'sec-fetch-site': 'same-origin', ...(cookie ? { cookie } : {}), ...headers };
      const reply = await harness.app.inject({ method, url, headers: own, ...(payload ? { payload } : {}) });
      for (const given of [reply.headers['set-cookie'] ?? []].flat()) {
        secrets.push(given.split(';', 1)[0]?.split('=')[1] ?? '');
        if (given.startsWith('fengcun_session=')) cookie = given.split(';', 1)[0] ?? '';
      }
      return reply.body === '' ? null : reply.json();
    };
    const { login, password } = person;
    await ask('POST', '/api/session', { login, password: 'Wrong-password-1' });
    await ask('POST', '/api/session', { login, password });
    const { secret } = await ask('POST', '/api/me/second-factor');
    const code = totpCode(fromBase32(secret), totpStep(harness.clock.now()));
    const { recoveryCodes } = await ask('POST', '/api/me/second-factor/confirmation', { code });
    await ask('POST', '/api/me/password', { current: password, next: 'Correct-horse-9' });
    const { secret: token } = await ask('POST', '/api/me/tokens', { name: 'x', scopes: ['read'], days: 1 });
    await ask('GET', '/api/units', undefined, { authorization: `Bearer ${token}` });
    await ask('GET', '/api/units', undefined, { authorization: `Bearer ${token}x` });
    const reset = await ask(
      'POST',
      `/api/accounts/${person.id}/password-reset`,
      { reason: 'x' },
      { cookie: keeper.cookie },
    );
    secrets.push('Wrong-password-1', 'Correct-horse-9', secret, ...recoveryCodes, token, reset.oneTimePassword);

    provider.person = { sub: 'stranger', login: 'stranger' };
    const sent = await harness.app.inject({ url: '/api/session/oidc', headers: { host } });
    const attempt = String(sent.headers['set-cookie']).split(';', 1)[0] ?? '';
    const returned = new URL(await provider.visit(String(sent.headers.location)));
    const back = { url: returned.pathname + returned.search, headers: { host, cookie: attempt } };
    await harness.app.inject(back);
    await harness.app.inject(back);
    secrets.push(attempt.slice('fengcun_oidc='.length), returned.searchParams.get('code') ?? '');

    // A fault in the middle of a request says what broke, and nothing of what was sent.
    await harness.owner.schema.alterTable('unknown_login').renameTo('gone').execute();
    const fault = await harness.app.inject({
      method: 'POST',
      url: '/api/session',
      payload: { login: 'nobody-at-all', password: 'Wrong-password-1' },
    });
    expect(fault.statusCode).toBe(500);
  } finally {
    await harness.close();
    await provider.close();
  }
  const log = said.join('');
  expect(log).toContain('request failed');
  expect(secrets.length).toBeGreaterThan(20);
  for (const secret of secrets) {
    if (secret.length < 6) continue;
    expect(log.includes(secret), `the log holds ${secret}`).toBe(false);
  }
}, 60_000);
