import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Harness,
  makeEvidence,
  type RegisteredRoute,
  startHarness,
  type TestEvidence,
} from '@fengcun/access/testing';
import { type Role, roles, type TokenScope, tokenScopes } from '@fengcun/contracts';
import {
  makeDock,
  makePerson,
  makeSession,
  makeToken,
  makeUnit,
  type TestDock,
  type TestPerson,
  type TestUnit,
  testAudience,
} from '@fengcun/identity/testing';
import { ledgerService } from '@fengcun/ledger';
import { readConfig } from '@fengcun/runtime';
import { uploadService, uploadSettings } from '@fengcun/upload';
import { addressOf, type Route, type RouteTable, tableOf } from './routes.ts';

export type Headers = Readonly<Record<string, string>>;

export interface Fixture {
  readonly harness: Harness;
  readonly table: RouteTable;
  readonly own: TestUnit;
  readonly foreign: TestUnit;
  /** one person for each role, of `own` */
  readonly people: Readonly<Record<Role, TestPerson>>;
  /** of `own`, and the header with which it asks */
  readonly dock: TestDock & { readonly headers: Headers };
  readonly ownItem: TestEvidence;
  readonly foreignItem: TestEvidence;
  close(): Promise<void>;
}

/** bytes */
export const partSize = 64 * 1024;

/**
 * Every service on one server, as a site's web process mounts them, each in its own database role. Two units that know nothing of each other, a
 * person for each role in one of them, a recording in each.
 */
export async function makeFixture(): Promise<Fixture> {
  const scratch = await mkdtemp(join(tmpdir(), 'fengcun-authorisation-'));
  await writeFile(join(scratch, 'index.html'), '<!doctype html><title>x</title>');
  const registered: RegisteredRoute[] = [];
  const harness = await startHarness({
    config: { rates: { general: 1e7, search: 1e7, sign_in: 1e7 } },
    onRoute: (route) => void registered.push(route),
    consoleDir: scratch,
    async beside(app, { database, vault, clock, signer }) {
      const config = readConfig(
        {
          FENGCUN_SITE_ID: testAudience,
          FENGCUN_LOG_KEYS: 'mock.example/log+00000000+AAAA',
          FENGCUN_UPLOAD_PART_SIZE: String(partSize),
          FENGCUN_RATE_UPLOAD: String(1e7),
          FENGCUN_UPLOAD_MAX_SIZE: String(2 ** 40),
        },
        uploadSettings,
      );
      await app.register(uploadService, { config, catalog: database.as('fengcun_upload'), vault, clock });
      await app.register(ledgerService, {
        config: {
          intervalMs: 200,
          batch: 1000,
          audience: testAudience,
          witnessKeys: [],
          signingMemoryPath: join(scratch, 'signed'),
          requestsPerMinute: 1e7,
        },
        catalog: database.as('fengcun_ledger'),
        signer,
        clock,
      });
    },
  });
  const { owner, clock } = harness;
  const [own, foreign] = [await makeUnit(owner), await makeUnit(owner)];
  const people = Object.fromEntries(
    await Promise.all(
      roles.map(async (role) => [role, await makePerson(owner, role, { unit: own, now: clock.now() })] as const),
    ),
  ) as Record<Role, TestPerson>;
  return {
    harness,
    table: tableOf(registered),
    own,
    foreign,
    people,
    dock: await makeDockOf(harness, own),
    ownItem: await makeEvidence(harness, { unit: own }),
    foreignItem: await makeEvidence(harness, { unit: foreign }),
    async close() {
      await harness.close();
      await rm(scratch, { recursive: true, force: true });
    },
  };
}

/** A dock and the header with which it asks; time stands still, and so its token stays fresh. */
export async function makeDockOf({ owner, clock }: Harness, unit: TestUnit) {
  const dock = await makeDock(owner, { unit });
  const token = await dock.token({ now: clock.now() });
  return { ...dock, headers: { authorization: `Bearer ${token}` } as Headers };
}

export interface Answer {
  readonly status: number;
  readonly code: string | undefined;
  /** the JSON reply without what differs each time */
  readonly said: Readonly<Record<string, unknown>>;
}

/** Asks a route. Without `body` nothing is sent where one is wanted, so that whoever gets past the door changes nothing. */
export async function ask(
  { harness }: Pick<Fixture, 'harness'>,
  route: Route,
  headers: Headers,
  params: Record<string, string> = {},
  body?: unknown,
): Promise<Answer> {
  const reply = await harness.app.inject({
    method: route.method as 'GET',
    url: addressOf(route, params),
    headers: { ...(route.path.startsWith('/files') ? { 'tus-resumable': '1.0.0' } : {}), ...headers },
    ...(body === undefined ? {} : { payload: body as object }),
  });
  const json = String(reply.headers['content-type']).includes('json');
  const { requestId: _, ...said } = json && reply.body ? reply.json() : {};
  return { status: reply.statusCode, code: said.code as string | undefined, said };
}

/** Does the work for each, several at once, and answers when all is done. */
export async function forEachOf<T>(all: Iterable<T>, work: (each: T) => Promise<void>, atOnce = 8): Promise<void> {
  const waiting = [...all].values();
  const one = async () => {
    for (const each of waiting) await work(each);
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}

/** Tokens of somebody, each with every scope but one, and one with all. */
export async function makeTokens({ harness }: Fixture, person: TestPerson) {
  const now = harness.clock.now();
  const without = new Map<TokenScope, Headers>();
  for (const scope of tokenScopes) {
    const others = tokenScopes.filter((each) => each !== scope);
    without.set(scope, (await makeToken(harness.owner, person.id, others, now)).headers);
  }
  const all = await makeToken(harness.owner, person.id, tokenScopes, now);
  return { without, all: all.headers as Headers };
}

/** A further session of somebody, and what has become of it. */
export async function makeEndedSession({ harness }: Fixture, person: TestPerson, end: 'expired' | 'revoked') {
  const now = harness.clock.now();
  const opened = await makeSession(
    harness.owner,
    person.id,
    end === 'expired' ? new Date(now.getTime() - 13 * 3_600_000) : now,
  );
  if (end === 'revoked') {
    await harness.owner.updateTable('session').set({ closed_at: now }).where('id', '=', opened.session).execute();
  }
  return opened.headers as Headers;
}
