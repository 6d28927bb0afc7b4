import { makeCopyReady } from '@fengcun/access/testing';
import { makePerson, type TestPerson } from '@fengcun/identity/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { underGrant } from './expectations.ts';
import { ask, type Fixture, forEachOf, makeFixture } from './fixture.ts';
import { type GrantState, makeGrant } from './grants.ts';
import type { Route } from './routes.ts';
import { sample, seeded } from './samples.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await makeFixture();
});
afterAll(() => fixture.close());

const viewers = ['officer', 'supervisor', 'legal', 'bureau_head', 'archivist'] as const;
const administrators = ['auditor', 'system_admin', 'security_admin'] as const;
const states = ['none', 'expired', 'revoked', 'not_yet', 'used_up', 'live'] as const satisfies readonly GrantState[];
const operations = ['play', 'download_proxy'] as const;

const under = (prefix: string) => fixture.table.routes.filter(({ path }) => path.startsWith(prefix));
const aboutItems = () => under('/api/evidence/:id');
const personOf = (role: Parameters<typeof makePerson>[1]) =>
  makePerson(fixture.harness.owner, role, { unit: fixture.own, now: fixture.harness.clock.now() });

/** A body that the route takes, and that does something where it is let. */
function bodyOf({ name, contract }: Route): object | undefined {
  if (name === 'startPlay') return {};
  if (name === 'startCopy') return { operation: 'download_proxy' };
  if (!contract?.body) return undefined;
  return sample(contract.body, { random: seeded(1), ids: [fixture.own.id], hostility: 0 }) as object;
}

const see = async (person: TestPerson, id: string) => {
  const { app } = fixture.harness;
  const { headers } = person;
  const seen = await app.inject({ url: `/api/evidence/${id}`, headers });
  const played = await app.inject({ method: 'POST', url: `/api/evidence/${id}/plays`, headers, payload: {} });
  return [seen.statusCode, played.statusCode];
};

describe('a recording of another unit', () => {
  it('has an expectation for each route about one recording', () => {
    expect(
      aboutItems()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(Object.keys(underGrant).sort());
  });

  it.each(viewers)(
    'is there for %s as long as a grant lives, and not before, after or instead, on every route',
    async (role) => {
      const { foreignItem, people } = fixture;
      const faults: string[] = [];
      for (const state of states) {
        const person = await personOf(role);
        await makeGrant(fixture, { to: person, item: foreignItem.id, state, by: people.legal, operations });
        await forEachOf(aboutItems(), async (route) => {
          if (!route.roles.includes(role)) return;
          const payload = bodyOf(route);
          const nothing = await ask(fixture, route, person.headers, {}, payload);
          const something = await ask(fixture, route, person.headers, { id: foreignItem.id }, payload);
          const hidden = something.status === nothing.status && something.code === nothing.code;
          const kind = underGrant[route.name];
          const live = state === 'live' || state === 'used_up';
          if (hidden !== (!live || kind === 'closed'))
            faults.push(`${state} ${route.name}: ${something.status} ${something.code}`);
          if (kind === 'used' && state === 'live' && something.status > 202)
            faults.push(`${state} ${route.name} is not opened: ${something.status} ${something.code}`);
          if (kind === 'used' && state === 'used_up' && something.code !== 'approval_required')
            faults.push(`${state} ${route.name} is open: ${something.status} ${something.code}`);
        });
      }
      expect(faults).toEqual([]);
    },
  );

  it.each(administrators)('is not opened to %s by a grant', async (role) => {
    const person = await personOf(role);
    const { foreignItem, people } = fixture;
    await makeGrant(fixture, { to: person, item: foreignItem.id, state: 'live', by: people.legal, operations });
    for (const route of aboutItems()) {
      if (underGrant[route.name] !== 'used') continue;
      const answer = await ask(fixture, route, person.headers, { id: foreignItem.id }, bodyOf(route));
      expect(answer, route.name).toMatchObject({ status: 403, code: 'role_required' });
    }
    expect((await see(person, fixture.ownItem.id))[1]).toBe(403);
  });

  it('granted to one is not granted to another', async () => {
    const [a, b] = [await personOf('officer'), await personOf('officer')];
    const { foreignItem, people } = fixture;
    await makeGrant(fixture, { to: a, item: foreignItem.id, state: 'live', by: people.legal, operations });
    expect(await see(b, foreignItem.id)).toEqual([404, 404]);
  });

  it('is not opened by a grant for another one', async () => {
    const { foreignItem, ownItem, people } = fixture;
    const person = await personOf('officer');
    await makeGrant(fixture, { to: person, item: ownItem.id, state: 'live', by: people.legal, operations });
    expect(await see(person, foreignItem.id)).toEqual([404, 404]);
  });
});

describe('what was begun under a grant', () => {
  it.each(['revoked', 'expired'] as const)(
    'is over on every route once the grant is %s, and was another person’s never',
    async (end) => {
      const { foreignItem, harness, people } = fixture;
      const person = await personOf('officer');
      const other = await personOf('officer');
      const grant = await makeGrant(fixture, {
        to: person,
        item: foreignItem.id,
        state: 'live',
        by: people.legal,
        operations,
      });
      await makeGrant(fixture, { to: other, item: foreignItem.id, state: 'live', by: people.legal, operations });
      const begin = async (what: string, payload: object): Promise<string> => {
        const url = `/api/evidence/${foreignItem.id}/${what}`;
        const reply = await harness.app.inject({ method: 'POST', url, headers: person.headers, payload });
        expect(reply.statusCode, reply.body).toBeLessThan(300);
        return reply.json().id;
      };
      const play = await begin('plays', {});
      const copy = await begin('copies', { operation: 'download_proxy' });
      await makeCopyReady(harness, copy, Buffer.from('copy'));
      const reading = [
        ...under('/api/plays/:id')
          .filter(({ method }) => method === 'GET')
          .map((route) => [route, play] as const),
        ...under('/api/copies/:id')
          .filter(({ name }) => name === 'getCopyContent')
          .map((route) => [route, copy] as const),
      ];
      expect(reading.length).toBeGreaterThanOrEqual(5);
      for (const [route, id] of reading) {
        const params = { id, segment: '1.m4s' };
        expect((await ask(fixture, route, person.headers, params)).status, route.name).toBe(200);
        // Neither the link nor a grant of one's own opens what somebody else began.
        expect((await ask(fixture, route, other.headers, params)).status, route.name).toBe(404);
      }
      const now = harness.clock.now();
      await harness.owner
        .updateTable('access_grant')
        .set(
          end === 'expired'
            ? { valid_until: now }
            : { revoked_at: now, revoked_by: people.legal.id, revoke_reason: 'x' },
        )
        .where('id', '=', grant ?? '')
        .execute();
      for (const [route, id] of reading) {
        const answer = await ask(fixture, route, person.headers, { id, segment: '1.m4s' });
        expect(answer.status, `${route.name} ${answer.code}`).toBe(
          route.name === 'getCopyContent' ? answer.status : 410,
        );
        expect(answer.status, `${route.name} ${answer.code}`).toBeGreaterThanOrEqual(403);
      }
      expect(await see(person, foreignItem.id)).toEqual([404, 404]);
    },
  );
});

describe('a recording of one’s own unit', () => {
  it.each(administrators)('is seen by %s, and played by none of the three', async (role) => {
    expect(await see(fixture.people[role], fixture.ownItem.id)).toEqual([200, 403]);
  });
});
