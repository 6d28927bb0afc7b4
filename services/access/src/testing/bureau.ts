import type { AccessRequest } from '@fengcun/contracts';
import { makePerson, makeSession, makeUnit, type TestPerson, type TestUnit } from '@fengcun/identity/testing';
import { expect } from 'vitest';
import { sweepRequests } from '../access-request/sweep.ts';
import { defaultAccessLimits } from '../config.ts';
import type { Harness } from './harness.ts';

/** A bureau of three levels with one person for each part in the story of a request. */
export interface TestBureau {
  readonly bureau: TestUnit;
  readonly county: TestUnit;
  readonly section: TestUnit;
  readonly otherCounty: TestUnit;
  readonly officer: TestPerson;
  readonly colleague: TestPerson;
  readonly supervisor: TestPerson;
  readonly legal: TestPerson;
  readonly head: TestPerson;
  readonly bureauHead: TestPerson;
  readonly archivist: TestPerson;
  readonly auditor: TestPerson;
  readonly securityAdmin: TestPerson;
  readonly stranger: TestPerson;
}

export async function makeBureau({ owner, clock }: Harness): Promise<TestBureau> {
  const bureau = await makeUnit(owner, { name: '市局' });
  const county = await makeUnit(owner, { parent: bureau, name: '县局' });
  const section = await makeUnit(owner, { parent: county, name: '执法科' });
  const otherCounty = await makeUnit(owner, { parent: bureau, name: '邻县' });
  const person = (role: Parameters<typeof makePerson>[1], unit: TestUnit) =>
    makePerson(owner, role, { unit, now: clock.now() });
  return {
    bureau,
    county,
    section,
    otherCounty,
    officer: await person('officer', section),
    colleague: await person('officer', section),
    supervisor: await person('supervisor', county),
    legal: await person('legal', county),
    head: await person('bureau_head', county),
    bureauHead: await person('bureau_head', bureau),
    archivist: await person('archivist', county),
    auditor: await person('auditor', county),
    securityAdmin: await person('security_admin', bureau),
    stranger: await person(['officer', 'bureau_head', 'legal', 'archivist'], otherCounty),
  };
}

const day = 86_400_000;

/** The API as people use it for requests, each reply checked for its status. */
export function requestsOf(harness: Harness, app = harness.app) {
  const sessions = new Map<string, { readonly headers: TestPerson['headers']; readonly at: number }>();
  const since = harness.clock.now().getTime();
  /** Signs in anew once the clock has gone on: an approver's session lies idle for a quarter of an hour at most. */
  const headersOf = async (as: TestPerson) => {
    const now = harness.clock.now();
    const known = sessions.get(as.id) ?? { headers: as.headers, at: since };
    if (now.getTime() - known.at < 10 * 60_000) return known.headers;
    const { headers } = await makeSession(harness.owner, as.id, now);
    sessions.set(as.id, { headers, at: now.getTime() });
    return headers;
  };
  const call = async (method: 'GET' | 'POST' | 'PUT', url: string, as: TestPerson, payload?: object) => {
    const reply = await app.inject({ method, url, headers: await headersOf(as), ...(payload ? { payload } : {}) });
    return { status: reply.statusCode, body: reply.body === '' ? null : reply.json() };
  };
  const good = async (...args: Parameters<typeof call>): Promise<AccessRequest> => {
    const { status, body } = await call(...args);
    expect(status, JSON.stringify(body)).toBeLessThan(300);
    return body;
  };
  const draft = (items: readonly string[], more: object = {}) => ({
    purpose: 'case_handling',
    basis: '办理案件需要',
    items,
    operations: ['play'],
    window: {
      from: harness.clock.now().toISOString(),
      until: new Date(harness.clock.now().getTime() + 7 * day).toISOString(),
    },
    ...more,
  });
  return {
    call,
    headersOf,
    draft,
    write: (as: TestPerson, items: readonly string[], more: object = {}) =>
      good('POST', '/api/requests', as, draft(items, more)),
    submit: (as: TestPerson, id: string) => good('POST', `/api/requests/${id}/submission`, as),
    /** written and submitted */
    async ask(as: TestPerson, items: readonly string[], more: object = {}) {
      const { id } = await good('POST', '/api/requests', as, draft(items, more));
      return good('POST', `/api/requests/${id}/submission`, as);
    },
    approve: (as: TestPerson, id: string, more: object = {}) =>
      good('POST', `/api/requests/${id}/decisions`, as, { verdict: 'approved', ...more }),
    refuse: (as: TestPerson, id: string, reason = '理由不足') =>
      good('POST', `/api/requests/${id}/decisions`, as, { verdict: 'refused', reason }),
    decide: (as: TestPerson, id: string, body: object = { verdict: 'approved' }) =>
      call('POST', `/api/requests/${id}/decisions`, as, body),
    read: (as: TestPerson, id: string) => good('GET', `/api/requests/${id}`, as),
    async list(as: TestPerson, query = '') {
      const { status, body } = await call('GET', `/api/requests${query}`, as);
      expect(status, JSON.stringify(body)).toBe(200);
      return body as { items: { id: string; state: string }[]; next: string | null };
    },
    /** one round of what happens by itself */
    sweep: () =>
      sweepRequests(
        {
          catalog: harness.database.as('fengcun_access'),
          clock: harness.clock,
          config: defaultAccessLimits as never,
        },
        harness.app.log,
      ),
  };
}
