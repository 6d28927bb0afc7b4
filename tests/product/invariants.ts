import { createHash } from 'node:crypto';
import { vaultOf } from '@fengcun/site';
import { openCheckpoint, parseVerifierKey } from '@fengcun/tlog';
import { openVault, parseObjectKey } from '@fengcun/vault';
import { verifyReceipt } from '@fengcun/verifier';
import { expect } from 'vitest';
import { eventually } from './eventually.ts';
import { GrowingTree, leafHash } from './merkle.ts';
import type { Product } from './product.ts';

interface EvidenceRow {
  readonly id: string;
  readonly name: string;
  readonly state: 'sealed' | 'quarantined';
  readonly size: string;
  readonly sha256: Buffer;
  readonly sm3: Buffer;
  readonly tree_root: Buffer;
  readonly tree_leaf_size: number;
  readonly read_back_bytes: string;
  readonly declared_sha256: Buffer | null;
  readonly vault_key: string;
  readonly vault_version: string;
  readonly event_id: string;
  readonly sealed_at: Date;
}

/** How much was checked, so that a test can see that there was something to check. */
export interface Checked {
  readonly evidence: number;
  readonly events: number;
  readonly checkpoints: number;
}

/**
 * What has to hold whatever was killed, cut or flushed before (ARCHITECTURE.md, "Truth"). Waits until nothing is under way, then looks at the
 * whole catalogue, the whole log, and in the vault at everything that was sealed since this test file began, with its receipts. Throws at
 * the first thing that does not hold.
 */
export async function invariantsHold(product: Product): Promise<Checked> {
  await isSettled(product);
  const evidence = await everyUploadEndedOnce(product);
  const log = await logIsConsistent(product);
  const recent = evidence.filter((row) => row.sealed_at >= product.openedAt);
  await everyObjectIsWhatWasSealed(product, recent);
  return { evidence: recent.length, ...log };
}

/** Everything received is sealed or quarantined, everything told to the queue was told, every event is in the log. */
export async function isSettled({ database }: Product): Promise<void> {
  await eventually(
    async () => {
      const { rows } = await database.query(
        `select id, name, state, seal_token, seal_until from upload where state in ('received', 'sealing')`,
      );
      expect(rows, 'uploads that are received and not sealed').toEqual([]);
    },
    { within: 170_000 },
  );
  await eventually(async () => {
    const { rows } = await database.query(`
      select (select count(*)::int from ledger_pending) as pending, (select count(*)::int from outbox) as outbox`);
    expect(rows).toEqual([{ pending: 0, outbox: 0 }]);
  });
}

async function everyUploadEndedOnce({ database }: Product): Promise<readonly EvidenceRow[]> {
  const { rows: evidence } = await database.query<EvidenceRow>('select * from evidence order by id');
  const { rows: uploads } = await database.query<{ id: string; state: string; received: boolean }>(
    'select id, state, received_at is not null as received from upload order by id',
  );
  const received = uploads.filter((upload) => upload.received);
  expect(received.map(({ id, state }) => `${id} ${state}`)).toEqual(evidence.map(({ id, state }) => `${id} ${state}`));

  const { rows: events } = await database.query<{ id: string; subject: string; type: string }>(`
    select id, subject_id as subject, type from ledger_event
    where type in ('evidence.sealed', 'evidence.quarantined') order by subject_id`);
  expect(
    events.map(({ id, subject, type }) => `${subject} ${type} ${id}`),
    'one seal event for each item, and that event',
  ).toEqual(evidence.map(({ id, state, event_id }) => `${id} evidence.${state} ${event_id}`));

  const { rows: started } = await database.query<{ subject: string; times: string }>(`
    select subject_id as subject, count(*)::int as times from ledger_event where type = 'upload.started' group by 1 order by 1`);
  expect(started).toEqual(uploads.map(({ id }) => ({ subject: id, times: 1 })));

  const { rows: twice } = await database.query(`
    select offload_id, offload_ordinal from upload where offload_id is not null and state in ('sealed', 'quarantined')
    group by 1, 2 having count(*) > 1`);
  expect(twice, 'announced files that were sealed more than once').toEqual([]);

  const { rows: alarms } = await database.query<{ subject_id: string }>(
    `select subject_id from alarm where kind = 'quarantined' order by subject_id`,
  );
  expect(alarms.map(({ subject_id }) => subject_id)).toEqual(
    evidence.filter(({ state }) => state === 'quarantined').map(({ id }) => id),
  );
  return evidence;
}

/** Rebuilds the log from the events and compares every checkpoint that was ever signed with what it should have said. */
async function logIsConsistent({ database, url }: Product): Promise<{ events: number; checkpoints: number }> {
  const trust = { logKeys: (await textOf(`${url}/ledger/keys`)).trim().split('\n').map(parseVerifierKey) };
  const client = await database.connect();
  try {
    // One snapshot: the log grows while we read.
    await client.query('begin isolation level repeatable read');
    const { rows: events } = await client.query<{ id: string }>('select id from ledger_event order by id');
    const { rows: entries } = await client.query<{ index: string; id: string; leaf_hash: Buffer; entry: Buffer }>(`
      select index, ledger_event.id, leaf_hash, entry from ledger_entry join ledger_event on ledger_event.id = event_id
      order by index`);
    const { rows: pending } = await client.query<{ id: string }>('select event_id as id from ledger_pending');
    const { rows: checkpoints } = await client.query<{ size: string; root: Buffer; note: string }>(
      'select size, root, note from ledger_checkpoint order by size',
    );
    await client.query('commit');

    expect(entries.map(({ index }) => Number(index))).toEqual(entries.map((_, place) => place));
    const byId = (a: string, b: string) => Number(a) - Number(b);
    expect([...entries, ...pending].map(({ id }) => id).toSorted(byId)).toEqual(events.map(({ id }) => id));

    const tree = new GrowingTree();
    for (const { size, root, note } of checkpoints) {
      while (tree.size < Number(size)) {
        const entry = entries[tree.size];
        if (!entry) throw new Error(`A checkpoint was signed for ${size} entries, and there are ${entries.length}`);
        expect(leafHash(entry.entry).equals(entry.leaf_hash), `leaf ${entry.index}`).toBe(true);
        tree.add(entry.leaf_hash);
      }
      const { checkpoint } = openCheckpoint(note, trust);
      expect(checkpoint.size).toBe(Number(size));
      expect(Buffer.from(checkpoint.root).toString('hex'), `signed root at ${size}`).toBe(tree.root().toString('hex'));
      expect(root.toString('hex'), `stored root at ${size}`).toBe(tree.root().toString('hex'));
    }
    const served = openCheckpoint(await textOf(`${url}/ledger/checkpoint`), trust).checkpoint;
    expect(served.size).toBeGreaterThanOrEqual(tree.size);
    return { events: events.length, checkpoints: checkpoints.length };
  } finally {
    client.release();
  }
}

/** Reads every original again, compares it with its row, and lets its receipt speak for it. */
async function everyObjectIsWhatWasSealed(product: Product, evidence: readonly EvidenceRow[]): Promise<void> {
  const vault = await openVault(await vaultOf(product.layout));
  const auditor = await product.person('head');
  const logKeys = (await textOf(`${product.url}/ledger/keys`)).trim().split('\n');
  try {
    for (const row of evidence) {
      const version = { key: parseObjectKey(row.vault_key), versionId: row.vault_version, size: Number(row.size) };
      const found = await digestsOf(vault.read(version), row.tree_leaf_size);
      expect(found, row.name).toEqual({
        size: Number(row.size),
        sha256: row.sha256.toString('hex'),
        sm3: row.sm3.toString('hex'),
        treeRoot: row.tree_root.toString('hex'),
      });
      expect(Number(row.read_back_bytes)).toBe(found.size);
      const declaredHolds = row.declared_sha256 === null || row.declared_sha256.equals(row.sha256);
      if (row.state === 'sealed') expect(declaredHolds, `${row.name} is what was declared`).toBe(true);
      expect(await vault.protection(version), row.name).toMatchObject({ mode: 'compliance' });

      if (row.state !== 'sealed') continue;
      const receipt = await eventually(() => auditor.call('getReceipt', { params: { id: row.id } }));
      const content = { ...found, tree: { leafSize: row.tree_leaf_size, root: found.treeRoot } };
      const report = verifyReceipt({ receipt: JSON.stringify(receipt), keys: logKeys, content });
      const wrong = report.legs.filter(
        ({ outcome, required }) => outcome === 'failed' || (required && outcome !== 'passed'),
      );
      expect({ verdict: report.verdict, wrong }, row.name).toEqual({ verdict: 'holds', wrong: [] });
    }
  } finally {
    await vault.close();
  }
}

async function digestsOf(content: AsyncIterable<Uint8Array>, leafSize: number) {
  const [sha256, sm3] = [createHash('sha256'), createHash('sm3')];
  const tree = new GrowingTree();
  let size = 0;
  let leaf = createHash('sha256').update(Buffer.of(0));
  let room = leafSize;
  for await (const chunk of content) {
    sha256.update(chunk);
    sm3.update(chunk);
    size += chunk.length;
    for (let at = 0; at < chunk.length; ) {
      if (room === 0) {
        tree.add(leaf.digest());
        leaf = createHash('sha256').update(Buffer.of(0));
        room = leafSize;
      }
      const piece = chunk.subarray(at, at + room);
      leaf.update(piece);
      room -= piece.length;
      at += piece.length;
    }
  }
  if (size > 0) tree.add(leaf.digest());
  return { size, sha256: sha256.digest('hex'), sm3: sm3.digest('hex'), treeRoot: tree.root().toString('hex') };
}

async function textOf(url: string): Promise<string> {
  const response = await fetch(url);
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} was answered with ${response.status}: ${text}`);
  return text;
}
