import { api, openApiDocument, type Role, roles } from '@fengcun/contracts';
import { makePerson } from '@fengcun/identity/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectations } from './expectations.ts';
import { ask, type Fixture, forEachOf, type Headers, makeEndedSession, makeFixture, makeTokens } from './fixture.ts';
import type { Route } from './routes.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await makeFixture();
});
afterAll(() => fixture.close());

const closed = () => fixture.table.routes.filter(({ open }) => !open);
/** Routes that end the session that asks, or never answer: whoever may enter them is looked at elsewhere. */
const apart = new Set<string>(['signOut', 'streamChanges', 'beginSecondFactor']);
const atTheDoor = ['role_required', 'sign_in_required', 'session_over', 'wrong_caller', 'sign_in_incomplete'];

/** An answer to HEAD has no body to say why. */
const said = (route: Route, status: number, code: string) => (route.method === 'HEAD' ? { status } : { status, code });

async function expectRefusal(route: Route, headers: Headers, status: number, code: string): Promise<void> {
  expect(await ask(fixture, route, headers), `${route.name} ${code}`).toMatchObject(said(route, status, code));
}

async function expectEntry(route: Route, headers: Headers, also: readonly string[] = []): Promise<void> {
  const { status, code } = await ask(fixture, route, headers);
  expect([...atTheDoor, ...also], `${route.name} was answered ${status} ${code}`).not.toContain(code);
  expect([401, 403], `${route.name} was answered ${status} ${code}`).not.toContain(code === undefined ? status : 0);
  expect(status, route.name).toBeLessThan(500);
}

describe('every route of every service', () => {
  it('is expected, and nothing else is', () => {
    const { routes, unexpected, missing } = fixture.table;
    expect({ unexpected, missing: missing.filter((key) => !fixture.harness.app.hasRoute(addressed(key))) }).toEqual({
      unexpected: [],
      missing: [],
    });
    expect(routes.filter(({ name }) => name.includes(' /files'))).toHaveLength(21);
    expect(routes.filter(({ path }) => path.startsWith('/ledger/'))).toHaveLength(5);
    expect(routes.filter(({ contract }) => contract).map(({ name }) => name)).toHaveLength(Object.keys(api).length);
  });

  it('of the API is in the OpenAPI document, which has no others', () => {
    const { paths } = openApiDocument({ version: '0' }) as {
      paths: Record<string, Record<string, { operationId: string }>>;
    };
    const operations = Object.values(paths).flatMap((path) =>
      Object.values(path).map(({ operationId }) => operationId),
    );
    expect(operations.sort()).toEqual(Object.keys(expectations).sort());
    expect(operations.sort()).toEqual(Object.keys(api).sort());
  });

  it('has the rule that is expected of it, and that its contract says', () => {
    for (const { name, contract, rule, open, dock, roles: entering, pending } of fixture.table.routes) {
      if (contract) expect(rule, name).toEqual(contract.rule);
      expect(rule.who === 'public', name).toBe(open);
      expect(rule.who.startsWith('dock'), name).toBe(dock);
      if (rule.who === 'public' || rule.who === 'dock') continue;
      expect(rule.roles.length === 0 ? [...roles] : roles.filter((role) => rule.roles.includes(role)), name).toEqual(
        entering,
      );
      expect(rule.pending === true, name).toBe(pending);
    }
  });

  it('that shows or hands out footage wants the scope that says so', () => {
    const others = new Set(['startPlay', 'startCopy', 'getCopyContent', 'readAttachment']);
    for (const { name, path, scope } of fixture.table.routes) {
      if (path.startsWith('/api/plays') || others.has(name)) expect(scope, name).toBe('footage');
    }
  });

  it('that is public lets anybody in', async () => {
    await forEachOf(
      fixture.table.routes.filter(({ open }) => open),
      (route) => expectEntry(route, {}),
    );
  });

  it('that is not public refuses strangers, and sessions that are over or revoked', async () => {
    const sessions: readonly [Headers, string][] = [
      [{}, 'sign_in_required'],
      [await makeEndedSession(fixture, fixture.people.officer, 'expired'), 'session_over'],
      [await makeEndedSession(fixture, fixture.people.officer, 'revoked'), 'session_over'],
    ];
    await forEachOf(closed(), async (route) => {
      for (const [headers, code] of sessions) await expectRefusal(route, headers, 401, code);
    });
  });

  it('refuses whoever has not finished signing in, but for the steps that finish it', async () => {
    const { harness, own } = fixture;
    const working = roles.filter((role) => !role.endsWith('_admin'));
    const half = await makePerson(harness.owner, working, { unit: own, now: harness.clock.now() });
    await harness.owner.updateTable('session').set({ second_factor: null }).where('id', '=', half.session).execute();
    await forEachOf(closed(), async (route) => {
      if (apart.has(route.name)) return;
      if (!route.pending) return expectRefusal(route, half.headers, 403, 'sign_in_incomplete');
      const { status, code } = await ask(fixture, route, half.headers);
      // A step that is not the next one says so itself.
      if (code !== 'sign_in_incomplete' || status !== 403) expect(atTheDoor, route.name).not.toContain(code);
    });
  });

  it.each(roles)('lets %s in where that is expected, and nowhere else', async (role) => {
    const { headers } = fixture.people[role];
    await forEachOf(closed(), async (route) => {
      if (!route.roles.includes(role)) return expectRefusal(route, headers, 403, 'role_required');
      if (!apart.has(route.name)) await expectEntry(route, headers);
    });
  });

  it('lets a dock in where that is expected, and nowhere else, and a dock that was revoked nowhere', async () => {
    const { dock, harness } = fixture;
    await forEachOf(closed(), (route) =>
      route.dock ? expectEntry(route, dock.headers) : expectRefusal(route, dock.headers, 403, 'wrong_caller'),
    );
    const revoke = (at: Date | null) =>
      harness.owner.updateTable('dock').set({ revoked_at: at }).where('id', '=', dock.id).execute();
    await revoke(harness.clock.now());
    await forEachOf(closed(), (route) => expectRefusal(route, dock.headers, 401, 'dock_revoked'));
    await revoke(null);
  });

  it('takes a token with its scope, and no token without it', async () => {
    const tokens = new Map<Role, Awaited<ReturnType<typeof makeTokens>>>();
    for (const role of roles) tokens.set(role, await makeTokens(fixture, fixture.people[role]));
    await forEachOf(closed(), async (route) => {
      const [role] = route.roles;
      const own = role && tokens.get(role);
      if (!own) throw new Error(`nobody may enter ${route.name}`);
      if (route.scope === 'session') return expectRefusal(route, own.all, 403, 'session_required');
      await expectRefusal(route, own.without.get(route.scope) ?? {}, 403, 'scope_required');
      if (!apart.has(route.name)) {
        await expectEntry(route, own.all, ['scope_required', 'session_required', 'access_token_invalid']);
      }
    });
  });

  it('refuses a forged token', async () => {
    const forged = [`fcp_${'A'.repeat(43)}`, 'a.b.c', 'eyJhbGciOiJub25lIn0.e30.'];
    await forEachOf(closed().entries(), async ([at, route]) => {
      const { status } = await ask(fixture, route, { authorization: `Bearer ${forged[at % forged.length]}` });
      expect(status, route.name).toBe(401);
    });
  });

  it('that changes something refuses a page of another site, whoever is signed in there', async () => {
    await forEachOf(closed(), async (route) => {
      if (route.method === 'GET' || route.method === 'HEAD') return;
      const [role = 'officer'] = route.roles;
      const headers = { ...fixture.people[role].headers, 'sec-fetch-site': 'cross-site' };
      await expectRefusal(route, headers, 403, 'cross_site');
    });
  });

  it('is not reached by calling it another method', async () => {
    // tus lets a client name its verb in a header; the rule of the route that was really asked is the one that holds.
    for (const [method, url] of [
      ['OPTIONS', '/files'],
      ['OPTIONS', '/files/x'],
    ] as const) {
      for (const verb of ['POST', 'PATCH', 'DELETE', 'HEAD']) {
        const headers = { 'tus-resumable': '1.0.0', 'x-http-method-override': verb };
        const reply = await fixture.harness.app.inject({ method, url, headers });
        expect([reply.statusCode, reply.json().code], `${method} ${url} as ${verb}`).toEqual([
          405,
          'method_unsupported',
        ]);
      }
    }
  });
});

/** The three addresses that every server has before anything is registered on it. */
function addressed(key: string): { method: string; url: string } {
  const [method = '', url = ''] = key.split(' ');
  return { method, url };
}
