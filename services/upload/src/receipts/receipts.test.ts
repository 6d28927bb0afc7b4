import { pendingEvents, placeEvents, storeCheckpoint, storeTiles } from '@fengcun/catalog';
import type { Receipt } from '@fengcun/contracts';
import { makeDock, makePerson } from '@fengcun/identity/testing';
import {
  asEntry,
  EMPTY_EDGE,
  ed25519Signer,
  formatEntry,
  integrate,
  type JsonValue,
  parseLogProof,
  type RightEdge,
  rootOfEdge,
  signCheckpoint,
  verifyLogProof,
  verifyOpening,
} from '@fengcun/tlog';
import { nativeHasher } from '@fengcun/tlog/node';
import { MockLog } from '@fengcun/tlog/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { create, eventsOf, type Harness, idOf, patch, startHarness } from '../../tests/harness.ts';
import { seal } from '../../tests/seal.ts';

let harness: Harness;
const { origin, key, vkey, verifierKey } = new MockLog();
beforeAll(async () => {
  harness = await startHarness({ FENGCUN_LOG_KEYS: vkey });
});
afterAll(() => harness.close());

const receiptOf = async (id: string, headers: Record<string, string>) => {
  const reply = await fetch(`${harness.url}/api/evidence/${id}/receipt`, { headers });
  return { status: reply.status, headers: reply.headers, body: (await reply.json()) as Receipt & { code?: string } };
};
const bearer = async (dock = harness.dock) => ({ authorization: `Bearer ${await dock.token()}` });

let edge: RightEdge = EMPTY_EDGE;
/** Does what the ledger service does: places the pending events, writes tiles, signs. */
async function publish(): Promise<void> {
  const db = harness.database.as('fengcun_ledger');
  const pending = await pendingEvents(db, 1000);
  const leaves = pending.map(({ entry }) => nativeHasher.leaf(entry));
  const next = integrate(edge, leaves, nativeHasher);
  await placeEvents(
    db,
    edge.size,
    pending.map(({ eventId }) => eventId),
    leaves,
  );
  await storeTiles(db, next.tiles);
  edge = next.edge;
  const root = rootOfEdge(edge, nativeHasher);
  const note = await signCheckpoint({ origin, size: edge.size, root, extensions: [] }, [ed25519Signer(key)]);
  await storeCheckpoint(db, { size: edge.size, root: Buffer.from(root), note, signedAt: new Date() });
}

it('a receipt verifies with nothing but itself, once the seal is in a signed checkpoint', async () => {
  const path = await create(harness, 3, { filename: '录像.mp4' });
  await patch(harness, path, 0, Buffer.from('abc'));
  const id = idOf(path);
  expect(await receiptOf(id, await bearer())).toMatchObject({ status: 409, body: { code: 'not_sealed' } });
  await publish();
  await seal(harness, path);
  const pending = await receiptOf(id, await bearer());
  expect([pending.status, pending.body.code, pending.headers.get('retry-after')]).toEqual([
    409,
    'receipt_pending',
    '1',
  ]);
  for (let more = 0; more < 3; more++) {
    await publish();
    const { status, body: receipt } = await receiptOf(id, await bearer());
    expect(status).toBe(200);
    expect(receipt).toMatchObject({ format: 'fengcun-receipt/v1', keys: [vkey] });
    const entry = asEntry(receipt.entry as JsonValue);
    expect(entry).toMatchObject({ type: 'evidence.sealed', subject: { id } });
    const leaf = nativeHasher.leaf(formatEntry(entry));
    verifyLogProof(parseLogProof(receipt.proof), leaf, { logKeys: [verifierKey] }, nativeHasher);
    for (const opening of receipt.openings) verifyOpening(entry, opening);
    expect(receipt.openings.map(({ value }) => value)).toEqual(['录像.mp4']);
    for (let i = 0; i < 3; i++) await create(harness, 1);
  }
});

it('a receipt is for its sender and for people of its unit; others find nothing, on record', async () => {
  const path = await create(harness, 3);
  await patch(harness, path, 0, Buffer.from('abc'));
  await seal(harness, path);
  await publish();
  const id = idOf(path);
  const colleague = await makePerson(harness.owner, 'officer', { unit: harness.dock.unit });
  expect((await receiptOf(id, colleague.headers)).status).toBe(200);
  const stranger = await makePerson(harness.owner, 'officer');
  const otherDock = await makeDock(harness.owner, { unit: harness.dock.unit });
  expect(await receiptOf(id, stranger.headers)).toMatchObject({ status: 404, body: { code: 'not_found' } });
  expect(await receiptOf(id, await bearer(otherDock))).toMatchObject({ status: 404, body: { code: 'not_found' } });
  expect((await eventsOf(harness, 'access.denied', id)).map(({ actor }) => actor.id)).toEqual([
    stranger.id,
    otherDock.id,
  ]);
  expect((await receiptOf('0192f000-0000-7000-8000-000000000000', await bearer())).status).toBe(404);
});

it('what is in quarantine has no receipt', async () => {
  const path = await create(harness, 3);
  await patch(harness, path, 0, Buffer.from('abc'));
  await seal(harness, path, 'quarantined');
  await publish();
  expect(await receiptOf(idOf(path), await bearer())).toMatchObject({ status: 409, body: { code: 'not_sealed' } });
});
