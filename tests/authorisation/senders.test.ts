import { roles } from '@fengcun/contracts';
import { makePerson, makeUnit, type TestUnit } from '@fengcun/identity/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, type Fixture, forEachOf, type Headers, makeDockOf, makeFixture } from './fixture.ts';
import { noSuchId, type Route } from './routes.ts';

interface Sender {
  readonly name: string;
  readonly headers: Headers;
}

/** Whose things these are. */
interface Sent {
  readonly by: Sender;
  readonly upload: string;
  readonly offload: string;
}

let fixture: Fixture;
let unit: TestUnit;
/** dock and officer whose uploads are asked for; everybody else below asks for them too */
let senders: Readonly<Record<'dock' | 'person', Sent>>;
let askers: readonly Sender[];
let gap: string;

const octets = { 'content-type': 'application/offset+octet-stream', 'upload-offset': '0' };
const ofUnit = (name: string) => !name.endsWith('elsewhere') && !name.includes('dock');

beforeAll(async () => {
  fixture = await makeFixture();
  const { harness, foreign } = fixture;
  const { owner, clock } = harness;
  unit = await makeUnit(owner, { parent: fixture.own });
  const person = async (name: string, role: Parameters<typeof makePerson>[1], of: TestUnit): Promise<Sender> => {
    const { headers } = await makePerson(owner, role, { unit: of, now: clock.now() });
    return { name, headers: { ...headers } };
  };
  const dockOf = async (name: string, of: TestUnit): Promise<Sender> => ({
    name,
    headers: (await makeDockOf(harness, of)).headers,
  });
  const [dock, officer] = [await dockOf('the dock', unit), await person('the officer', 'officer', unit)];
  senders = { dock: await send(dock, 'BWC-DOCK'), person: await send(officer, 'BWC-OFFICER') };
  const ids = await owner
    .selectFrom('sequence_gap')
    .select('id')
    .where('offload_id', '=', senders.dock.offload)
    .execute();
  gap = ids[0]?.id ?? '';
  askers = [
    dock,
    officer,
    await dockOf('another dock of the unit', unit),
    await dockOf('a dock of another unit, elsewhere', foreign),
    ...(await Promise.all(roles.map((role) => person(`${role} of the unit`, role, unit)))),
    ...(await Promise.all(roles.map((role) => person(`${role} elsewhere`, role, foreign)))),
  ];
});
afterAll(() => fixture.close());

async function send(by: Sender, device: string): Promise<Sent> {
  const { app, clock } = fixture.harness;
  const file = (sequence: number) => ({
    name: `${sequence}`,
    size: 5,
    sha256: 'a'.repeat(64),
    kind: 'video',
    sequence,
  });
  const offload = await app.inject({
    method: 'POST',
    url: '/api/offloads',
    headers: by.headers,
    payload: { device, dockClock: clock.now().toISOString(), files: [file(1), file(9)] },
  });
  expect(offload.statusCode, offload.body).toBe(201);
  const upload = await app.inject({
    method: 'POST',
    url: '/files',
    headers: { ...by.headers, 'tus-resumable': '1.0.0', 'upload-length': '5' },
  });
  expect(upload.statusCode, upload.body).toBe(201);
  return { by, offload: offload.json().id, upload: String(upload.headers.location).split('/').at(-1) ?? '' };
}

const routesNamed = (...names: string[]): readonly Route[] => {
  const found = fixture.table.routes.filter(({ name }) => names.includes(name));
  expect(found).toHaveLength(names.length);
  return found;
};

/** Asks for something and for nothing, and says whether the answers are the same. */
async function isThere(route: Route, { headers }: Sender, id: string): Promise<boolean> {
  const more = route.path.startsWith('/files') ? { ...headers, ...octets } : headers;
  const body = route.name === 'explainGap' ? { reason: 'x' } : undefined;
  const nothing = await ask(fixture, route, more, {}, body);
  const something = await ask(fixture, route, more, { id }, body);
  expect(something.status).toBeLessThan(500);
  const same = JSON.stringify(something).replaceAll(id, noSuchId) === JSON.stringify(nothing);
  if (same) expect([401, 403, 404, 405], `${route.name} says something of nothing`).toContain(nothing.status);
  return !same;
}

/** Who finds a thing there, of everybody who asks. */
async function whoFinds(route: Route, id: string): Promise<string[]> {
  const found: string[] = [];
  await forEachOf(askers, async (asker) => {
    if (await isThere(route, asker, id)) found.push(asker.name);
  });
  return found.sort();
}

describe('an upload', () => {
  // DELETE last: it ends the upload for its owner too.
  it.each(['dock', 'person'] as const)(
    'of a %s is there for who sends it, for nobody else, at every verb',
    async (kind) => {
      const { by, upload } = senders[kind];
      for (const verb of ['HEAD', 'PATCH', 'DELETE']) {
        const [route] = routesNamed(`${verb} /files/:id`);
        if (route) expect(await whoFinds(route, upload), verb).toEqual([by.name]);
      }
      for (const verb of ['GET', 'POST', 'PUT']) {
        const [route] = routesNamed(`${verb} /files/:id`);
        if (route) expect(await whoFinds(route, upload), verb).toEqual([]);
      }
    },
  );

  it('is listed for whose units reach it', async () => {
    const { app, owner } = { ...fixture.harness };
    // Ended by the test above for their owners; a list shows what is still arriving.
    await owner.updateTable('upload').set({ state: 'receiving' }).where('unit_id', '=', unit.id).execute();
    await forEachOf(
      askers.filter(({ name }) => !name.includes('dock')),
      async ({ name, headers }) => {
        for (const url of ['/api/uploads', '/api/offloads', '/api/docks']) {
          const reply = await app.inject({ url, headers });
          const text = reply.body;
          expect(reply.statusCode, `${name} ${url}`).toBe(200);
          expect(text.includes(unit.name), `${name} ${url}`).toBe(ofUnit(name));
        }
      },
    );
  });
});

describe('an offload', () => {
  it.each(['dock', 'person'] as const)(
    'of a %s is there for who announced it and whose units reach it',
    async (kind) => {
      const [route] = routesNamed('getOffload');
      if (!route) return;
      const { by, offload } = senders[kind];
      const others = askers.map(({ name }) => name).filter(ofUnit);
      expect(await whoFinds(route, offload)).toEqual([...new Set([by.name, ...others])].sort());
    },
  );

  it('takes no file from anybody else', async () => {
    const { app } = fixture.harness;
    await forEachOf(askers, async ({ name, headers }) => {
      for (const { by, offload } of [senders.dock, senders.person]) {
        if (by.name === name) continue;
        const values = { filename: '1', sha256: 'a'.repeat(64), offload };
        const metadata = Object.entries(values).map(
          ([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`,
        );
        const reply = await app.inject({
          method: 'POST',
          url: '/files',
          headers: {
            ...headers,
            'tus-resumable': '1.0.0',
            'upload-length': '5',
            'upload-metadata': metadata.join(','),
          },
        });
        expect([403, 404], `${name}: ${reply.statusCode} ${reply.body}`).toContain(reply.statusCode);
      }
    });
  });

  it('has its gaps explained by officers and supervisors whose units reach it', async () => {
    const [route] = routesNamed('explainGap');
    expect(gap).not.toBe('');
    if (route) {
      expect(await whoFinds(route, gap)).toEqual(['officer of the unit', 'supervisor of the unit', 'the officer']);
    }
  });
});

describe('a receipt', () => {
  it('is there for whose units reach the recording', async () => {
    const [route] = routesNamed('getReceipt');
    const { own, ownItem } = fixture;
    if (!route) return;
    // Of the unit above: a role in a section does not reach it.
    expect(await whoFinds(route, ownItem.id)).toEqual([]);
    const { headers } = await makePerson(fixture.harness.owner, 'auditor', {
      unit: own,
      now: fixture.harness.clock.now(),
    });
    expect(await isThere(route, { name: 'auditor above', headers: { ...headers } }, ownItem.id)).toBe(true);
  });

  it('is there for the dock that sent it, wherever that dock stands', async () => {
    const [route] = routesNamed('getReceipt');
    const { harness, ownItem } = fixture;
    const dock = await makeDockOf(harness, fixture.foreign);
    if (!route) return;
    const asker = { name: 'dock', headers: dock.headers };
    expect(await isThere(route, asker, ownItem.id)).toBe(false);
    await harness.owner
      .updateTable('upload')
      .set({ dock_id: dock.id, account_id: null })
      .where('id', '=', ownItem.id)
      .execute();
    expect(await isThere(route, asker, ownItem.id)).toBe(true);
  });
});
