import { ApiError } from '@fengcun/contracts';
import { beforeAll, expect, it } from 'vitest';
import { eventually } from '../product/eventually.ts';
import type { Person } from '../product/person.ts';
import { openProduct, type Product } from '../product/product.ts';

let product: Product;
let officer: Person;
let id: string;
beforeAll(async () => {
  product = await openProduct();
  officer = await product.person('officer');
  id = product.demo.evidence.find(({ name }) => name.endsWith('.mp4'))?.id ?? '';
  await eventually(async () => {
    const item = await officer.call('getEvidence', { params: { id } });
    expect(item.proxy).toBe('ready');
  });
});

const statusOf = async (path: string, person: Person = officer) => {
  const response = await fetch(new URL(path, product.url), { headers: person.headers });
  await response.arrayBuffer();
  return response.status;
};

const playsOf = async () => (await product.database.query('select id from play where evidence_id = $1', [id])).rows;

it('has the event of a play committed before the play is answered', async () => {
  const play = await officer.call('startPlay', { params: { id }, body: {} });
  const { rows } = await product.database.query<{ entry: Buffer }>(
    `select entry from ledger_event join play on play.event_id = ledger_event.id where play.id = $1`,
    [play.id],
  );
  const [event] = rows.map(({ entry }) => JSON.parse(entry.toString()));
  expect(event).toMatchObject({ type: 'play.started', subject: { kind: 'evidence', id }, data: { play: play.id } });
  expect(await statusOf(String(play.playlist))).toBe(200);
  expect(await statusOf(`/api/plays/${play.id}/key`)).toBe(200);
  expect(await statusOf(`/api/plays/${play.id}/segments/init.mp4`)).toBe(200);
  expect(await statusOf(`/api/plays/${play.id}/segments/0.m4s`)).toBe(200);

  // Somebody else's session opens nothing, and an ended play serves nothing more.
  const supervisor = await product.person('supervisor');
  expect(await statusOf(`/api/plays/${play.id}/segments/0.m4s`, supervisor)).toBe(404);
  await officer.call('endPlay', { params: { id: play.id }, body: { watched: [{ from: 0, to: 1000 }] } });
  for (const path of [String(play.playlist), `/api/plays/${play.id}/key`, `/api/plays/${play.id}/segments/0.m4s`])
    expect(await statusOf(path), path).toBeGreaterThanOrEqual(400);
  const custody = await officer.call('getCustody', { params: { id }, query: { limit: 200 } });
  expect(custody.items.map(({ event: { type } }) => type)).toEqual(
    expect.arrayContaining(['play.started', 'play.ended']),
  );
});

it('serves not one byte when the log cannot be written', async () => {
  const before = await playsOf();
  await product.database.query('revoke insert on ledger_event from fengcun_access');
  try {
    await expect(officer.call('startPlay', { params: { id }, body: {} })).rejects.toSatisfy(
      (error) => error instanceof ApiError && error.problem.status >= 500,
    );
    expect(await playsOf()).toEqual(before);
  } finally {
    await product.database.query('grant insert on ledger_event to fengcun_access');
  }
  const play = await officer.call('startPlay', { params: { id }, body: {} });
  expect(await statusOf(`/api/plays/${play.id}/segments/0.m4s`)).toBe(200);
  await officer.call('endPlay', { params: { id: play.id }, body: { watched: [] } });
});

it('hides the item from another unit’s officer and puts the attempt on record', async () => {
  const traffic = await product.person('traffic');
  const hidden = { problem: { status: 404, code: 'not_found' } };
  await expect(traffic.call('getEvidence', { params: { id } })).rejects.toMatchObject(hidden);
  await expect(traffic.call('startPlay', { params: { id }, body: {} })).rejects.toMatchObject({
    problem: { status: 404 },
  });
  await expect(traffic.call('getReceipt', { params: { id } })).rejects.toMatchObject({ problem: { status: 404 } });
  const listed = await traffic.call('listEvidence', { query: { limit: 200 } });
  expect(listed.items.filter((item) => item.id === id)).toEqual([]);
  await eventually(async () => {
    const { rows } = await product.database.query<{ entry: Buffer }>(
      `select entry from ledger_event where type = 'access.denied' and subject_id = $1`,
      [id],
    );
    const routes = rows.map(({ entry }) => JSON.parse(entry.toString()).data.route);
    expect(routes).toContain('POST /api/evidence/:id/plays');
  });
});

it('lets administrators see no footage', async () => {
  for (const name of ['sysadmin', 'secadmin', 'auditor'] as const) {
    const person = await product.person(name);
    await expect(person.call('startPlay', { params: { id }, body: {} }), name).rejects.toMatchObject({
      problem: { status: 403 },
    });
  }
});
