import { api, openApiDocument, type Role, roles } from '@fengcun/contracts';
import { makePerson, type TestPerson } from '@fengcun/identity/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectations } from './expectations.ts';
import {
  addressOf,
  type Fixture,
  type GrantState,
  makeEndedSession,
  makeFixture,
  makeGrant,
  makeTokens,
  noSuchId,
  type Route,
} from './fixture.ts';
import { sample, seeded } from './samples.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await makeFixture();
});
afterAll(() => fixture.harness.close());

type Headers = Readonly<Record<string, string>>;

/** Asks a route. Without `body` nothing is sent where one is wanted, so that whoever gets past the door changes nothing. */
async function ask(route: Route, headers: Headers, params: Record<string, string> = {}, body?: unknown) {
  const { method } = route.contract;
  const url = addressOf(route, params);
  const payload = body === undefined ? {} : { payload: body as object };
  const reply = await fixture.harness.app.inject({ method, url, headers, ...payload });
  const json = String(reply.headers['content-type']).includes('json');
  const { requestId: _, ...said } = json && reply.body ? reply.json() : {};
  return { status: reply.statusCode, code: said.code as string | undefined, said };
}

const closed = () => fixture.routes.filter(({ open }) => !open);
/** Routes that end the session that asks, or never answer: whoever may enter them is looked at elsewhere. */
const apart = new Set<string>(['signOut', 'streamChanges', 'beginSecondFactor']);
const atTheDoor = ['role_required', 'sign_in_required', 'session_over', 'wrong_caller', 'sign_in_incomplete'];

describe('every route of the API', () => {
  it('is expected, and nothing else is: the OpenAPI document and the expectations are the same list', () => {
    const { paths } = openApiDocument({ version: '0' }) as {
      paths: Record<string, Record<string, { operationId: string }>>;
    };
    const operations = Object.values(paths).flatMap((path) =>
      Object.values(path).map(({ operationId }) => operationId),
    );
    expect(operations.sort()).toEqual(Object.keys(expectations).sort());
    expect(operations.sort()).toEqual(Object.keys(api).sort());
    expect(fixture.routes.length).toBeGreaterThan(90);
  });

  it('has the rule that is expected of it', () => {
    for (const { name, contract, open, roles: entering, pending } of fixture.routes) {
      const { rule } = contract;
      expect(rule.who === 'public', name).toBe(open);
      if (rule.who === 'public' || rule.who === 'dock') continue;
      expect(rule.roles.length === 0 ? [...roles] : roles.filter((role) => rule.roles.includes(role)), name).toEqual(
        entering,
      );
      expect(rule.pending === true, name).toBe(pending);
    }
  });

  it('that shows or hands out footage wants the scope that says so, and no other', () => {
    for (const { name, contract, scope } of fixture.routes) {
      const shows =
        contract.path.startsWith('/api/plays') ||
        name === 'startPlay' ||
        name === 'startCopy' ||
        name === 'getCopyContent' ||
        name === 'readAttachment';
      if (shows) expect(scope, name).toBe('footage');
    }
  });

  it('that is not public refuses strangers, and sessions that are over or revoked', async () => {
    const sessions: readonly [Headers, string][] = [
      [{}, 'sign_in_required'],
      [await makeEndedSession(fixture, fixture.people.officer, 'expired'), 'session_over'],
      [await makeEndedSession(fixture, fixture.people.officer, 'revoked'), 'session_over'],
    ];
    for (const route of closed()) {
      for (const [headers, code] of sessions) {
        expect(await ask(route, headers), route.name).toMatchObject({ status: 401, code });
      }
    }
  });

  it('refuses whoever has not finished signing in, but for the steps that finish it', async () => {
    const half = await makePerson(
      fixture.harness.owner,
      [...roles].filter((role) => !role.endsWith('_admin')),
      {
        unit: fixture.own,
        now: fixture.harness.clock.now(),
      },
    );
    await fixture.harness.owner
      .updateTable('session')
      .set({ second_factor: null })
      .where('id', '=', half.session)
      .execute();
    for (const route of closed()) {
      if (apart.has(route.name)) continue;
      const { status, code } = await ask(route, half.headers);
      if (route.pending)
        expect(atTheDoor, route.name).not.toContain(code === 'sign_in_incomplete' && status === 403 ? undefined : code);
      else expect([status, code], route.name).toEqual([403, 'sign_in_incomplete']);
    }
  });

  it.each(roles)('lets %s in where that is expected, and nowhere else', async (role) => {
    const { headers } = fixture.people[role];
    for (const route of closed()) {
      if (route.roles.includes(role)) {
        if (apart.has(route.name)) continue;
        const { status, code } = await ask(route, headers);
        expect(atTheDoor, `${route.name} was answered ${status} ${code}`).not.toContain(code);
        expect(status, route.name).toBeLessThan(500);
      } else {
        expect(await ask(route, headers), route.name).toMatchObject({ status: 403, code: 'role_required' });
      }
    }
  });

  it('takes a token with its scope, and no token without it', async () => {
    const tokens = new Map<Role, Awaited<ReturnType<typeof makeTokens>>>();
    for (const role of roles) tokens.set(role, await makeTokens(fixture, fixture.people[role]));
    for (const route of closed()) {
      const [role] = route.roles;
      const own = role && tokens.get(role);
      if (!own) throw new Error(`nobody may enter ${route.name}`);
      if (route.scope === 'session') {
        expect(await ask(route, own.all), route.name).toMatchObject({ status: 403, code: 'session_required' });
        continue;
      }
      expect(await ask(route, own.without.get(route.scope) ?? {}), route.name).toMatchObject({
        status: 403,
        code: 'scope_required',
      });
      if (apart.has(route.name)) continue;
      const { code } = await ask(route, own.all);
      expect([...atTheDoor, 'scope_required', 'session_required', 'access_token_invalid'], route.name).not.toContain(
        code,
      );
    }
  });

  it('refuses a dock where only people may enter, and a forged token everywhere', async () => {
    for (const route of closed()) {
      const { status } = await ask(route, { authorization: `Bearer fcp_${'A'.repeat(43)}` });
      expect(status, route.name).toBe(401);
    }
  });
});

describe('what is there but not for the reader', () => {
  /** Ids of all kinds of things of a unit that the readers do not reach. */
  async function foreignIds(): Promise<Readonly<Record<string, string>>> {
    const { harness, foreign, foreignItem } = fixture;
    const stranger = await makePerson(harness.owner, ['officer', 'supervisor', 'legal', 'archivist'], {
      unit: foreign,
    });
    const call = async (method: 'GET' | 'POST', url: string, payload?: object) => {
      const reply = await harness.app.inject({
        method,
        url,
        headers: stranger.headers,
        ...(payload ? { payload } : {}),
      });
      return reply.statusCode < 300 ? reply.json() : undefined;
    };
    const play = await call('POST', `/api/evidence/${foreignItem.id}/plays`, { purpose: 'supervision' });
    const verification = await call('POST', `/api/evidence/${foreignItem.id}/verification`);
    const request = await call('POST', '/api/requests', {
      purpose: 'case_handling',
      basis: '案件办理需要',
      items: [foreignItem.id],
      operations: ['play'],
      window: {
        from: harness.clock.now().toISOString(),
        until: new Date(harness.clock.now().getTime() + 3_600_000).toISOString(),
      },
    });
    const alarm = '0190a000-0000-7000-8000-00000000a1a1';
    await harness.owner
      .insertInto('alarm')
      .values({
        id: alarm,
        kind: 'vault',
        unit_id: foreign.id,
        subject_kind: null,
        subject_id: null,
        detail: 'x',
        raised_at: harness.clock.now(),
        acknowledged_by: null,
        acknowledged_at: null,
        note: null,
      })
      .execute();
    await makeGrant(fixture, { to: stranger, item: foreignItem.id, state: 'live', by: stranger });
    const grant = await harness.owner
      .selectFrom('access_grant')
      .select(['id', 'request_id'])
      .where('account_id', '=', stranger.id)
      .executeTakeFirstOrThrow();
    const ids: Record<string, string | undefined> = {
      evidence: foreignItem.id,
      account: stranger.id,
      unit: foreign.id,
      session: stranger.session,
      alarm,
      grant: grant.id,
      'granted request': grant.request_id,
      play: play?.id,
      verification: verification?.id,
      request: request?.id,
    };
    return Object.fromEntries(Object.entries(ids).filter((entry): entry is [string, string] => entry[1] !== undefined));
  }

  it('is answered exactly as what is not there, on every route with an id, to every role that may enter', async () => {
    const ids = await foreignIds();
    expect(Object.keys(ids)).toEqual(
      expect.arrayContaining(['evidence', 'account', 'unit', 'alarm', 'grant', 'play', 'request', 'verification']),
    );
    const random = seeded(1);
    const differences: string[] = [];
    let compared = 0;
    for (const route of closed()) {
      const { body, path } = route.contract;
      if (!path.includes(':id') || apart.has(route.name)) continue;
      for (const [turn, role] of route.roles.entries()) {
        const { headers } = fixture.people[role];
        const payload = body ? sample(body, { random, ids: [fixture.own.id], hostility: 0 }) : undefined;
        const nothing = await ask(route, headers, {}, payload);
        for (const [place, [kind, id]] of Object.entries(ids).entries()) {
          // Every role asks for things of the route's own kind; for the others the roles take turns.
          if (!isOwnKind(path, kind) && place % route.roles.length !== turn) continue;
          const something = await ask(route, headers, { id }, payload);
          compared++;
          const same =
            something.status === nothing.status &&
            JSON.stringify(something.said).replaceAll(id, noSuchId) === JSON.stringify(nothing.said);
          if (!same) {
            differences.push(
              `${role} ${route.name} ${kind}: ${something.status} ${something.code}, not ${nothing.status} ${nothing.code}`,
            );
          }
        }
      }
    }
    expect(differences).toEqual([]);
    expect(compared).toBeGreaterThan(300);
  }, 120_000);
});

/** `/api/grants/:id` is about grants, `/api/evidence/:id/plays` about evidence. */
const isOwnKind = (path: string, kind: string) => path.includes(`/${kind.split(' ').at(-1)?.slice(0, 5)}`);

describe('a recording', () => {
  const viewers = ['officer', 'supervisor', 'legal', 'bureau_head', 'archivist'] as const;
  const administrators = ['auditor', 'system_admin', 'security_admin'] as const;
  const see = async (person: TestPerson, id: string) => {
    const { app } = fixture.harness;
    const seen = await app.inject({ url: `/api/evidence/${id}`, headers: person.headers });
    const played = await app.inject({
      method: 'POST',
      url: `/api/evidence/${id}/plays`,
      headers: person.headers,
      payload: {},
    });
    return [seen.statusCode, played.statusCode];
  };

  it.each(administrators)('of their own unit is seen by %s, and played by none of the three', async (role) => {
    expect(await see(fixture.people[role], fixture.ownItem.id)).toEqual([200, 403]);
  });

  it.each(viewers)(
    'of another unit is there for %s as long as a grant lives, and not before, after or instead',
    async (role) => {
      const seen: Record<string, number[]> = {};
      for (const state of ['none', 'expired', 'revoked', 'not_yet', 'live'] as const satisfies readonly GrantState[]) {
        const person = await makePerson(fixture.harness.owner, role, {
          unit: fixture.own,
          now: fixture.harness.clock.now(),
        });
        await makeGrant(fixture, { to: person, item: fixture.foreignItem.id, state, by: fixture.people.legal });
        seen[state] = await see(person, fixture.foreignItem.id);
      }
      expect(seen).toEqual({
        none: [404, 404],
        expired: [404, 404],
        revoked: [404, 404],
        not_yet: [404, 404],
        live: [200, 201],
      });
    },
  );

  it.each(administrators)('is not opened to %s by a grant', async (role) => {
    const person = await makePerson(fixture.harness.owner, role, {
      unit: fixture.own,
      now: fixture.harness.clock.now(),
    });
    await makeGrant(fixture, { to: person, item: fixture.foreignItem.id, state: 'live', by: fixture.people.legal });
    const [, played] = await see(person, fixture.foreignItem.id);
    expect(played).toBe(403);
  });

  it('granted to one is not granted to another', async () => {
    const [a, b] = [
      await makePerson(fixture.harness.owner, 'officer', { unit: fixture.own, now: fixture.harness.clock.now() }),
      await makePerson(fixture.harness.owner, 'officer', { unit: fixture.own, now: fixture.harness.clock.now() }),
    ];
    await makeGrant(fixture, { to: a, item: fixture.foreignItem.id, state: 'live', by: fixture.people.legal });
    expect(await see(b, fixture.foreignItem.id)).toEqual([404, 404]);
  });
});
