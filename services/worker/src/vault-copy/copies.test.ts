import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { sealedContent, setHold, storedCopies, storedTrees } from '@fengcun/catalog';
import { TREE_LEAF_SIZE, treeRoot } from '@fengcun/digest';
import { VaultError } from '@fengcun/vault';
import { withFaults } from '@fengcun/vault/testing';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { retainHandler } from '../retention/retain-handler.ts';
import { jobContext, openBench, type TestBench } from '../testing/bench.ts';
import { dyingPlugin, dyingVault, intercepted } from '../testing/faults.ts';
import { bytesIn, eventsAbout, harm, makePerson, personActor, sealItem, versionIn } from '../testing/kept-items.ts';
import { versionOf } from '../vaults.ts';
import type { CopyDependencies } from './make-copy.ts';
import { run } from './repair-command.ts';
import { repairItem } from './repair-item.ts';
import { replicateHandler } from './replicate-handler.ts';
import { sweepReplica } from './sweep-replica.ts';

let bench: TestBench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const dependencies = (given: Partial<CopyDependencies> = {}): CopyDependencies => ({
  catalog: bench.catalog,
  vaults: { primary: bench.vault, replica: bench.replica },
  pool: bench.pool,
  clock: { now: bench.now },
  ...given,
});
const replicate = (evidence: string, given: Partial<CopyDependencies> = {}, last = false) =>
  replicateHandler(dependencies(given))({ evidence }, jobContext(bench.logger, { last }));
const repair = (evidence: string, given: Partial<CopyDependencies> = {}) =>
  repairItem(dependencies(given), evidence, new AbortController().signal);
const copiesOf = async (evidence: string) =>
  (await storedCopies(bench.owner, evidence)).map(({ vault, state, generation }) => ({ vault, state, generation }));
const typesOf = async (evidence: string) => (await eventsAbout(bench, evidence)).map(({ type }) => type);

/** An item with both copies. */
async function copied(bytes = randomBytes(3000)): Promise<{ id: string; bytes: Buffer }> {
  const id = await sealItem(bench, { bytes, replica: true });
  await replicate(id);
  return { id, bytes };
}

/** The leaves beside the copy in one vault: their object, its bytes, and whether they are what the copy's bytes give. */
async function leavesIn(evidence: string, name: 'primary' | 'replica') {
  const at = (await storedTrees(bench.owner, evidence)).find(({ vault }) => vault === name);
  const sealed = await sealedContent(bench.owner, evidence);
  if (at === undefined || sealed === undefined || sealed === 'contradicted') throw new Error(`no leaves in ${name}`);
  const vault = name === 'primary' ? bench.vault : bench.replica;
  const version = versionOf(at, 0);
  const { size } = await vault.stat(version);
  const leaves = await bytesIn(vault, { ...version, size });
  return { version, right: treeRoot(leaves) === sealed.tree.root, protection: await vault.protection(version) };
}

describe('the second copy', () => {
  test('is asked for by the seal, read back, locked as the first, and on record', async () => {
    const bytes = randomBytes(200_000);
    const id = await sealItem(bench, { bytes, replica: true });
    expect(await copiesOf(id)).toEqual([
      { vault: 'primary', state: 'ready', generation: 0 },
      { vault: 'replica', state: 'pending', generation: 0 },
    ]);
    await replicate(id);
    await replicate(id);
    expect((await copiesOf(id)).map(({ state }) => state)).toEqual(['ready', 'ready']);
    const version = await versionIn(bench, id, 'replica');
    expect((await bytesIn(bench.replica, version)).equals(bytes)).toBe(true);
    const [first, second] = await Promise.all([
      bench.vault.protection(await versionIn(bench, id, 'primary')),
      bench.replica.protection(version),
    ]);
    expect(second).toEqual(first);
    expect(second.mode).toBe('compliance');
    const [, stored] = await eventsAbout(bench, id);
    const sealed = await sealedContent(bench.owner, id);
    expect(stored).toMatchObject({
      type: 'copy.stored',
      data: { copy: { vault: 'replica', version: version.versionId, readBack: { bytes: 200_000 } } },
    });
    expect(stored?.data).toMatchObject({
      copy: {
        readBack: sealed === undefined || sealed === 'contradicted' ? {} : { sha256: sealed.sha256, sm3: sealed.sm3 },
      },
    });
    expect(await typesOf(id)).toEqual(['evidence.sealed', 'copy.stored']);
  });

  test('has the leaves of its part tree beside it, locked like it, computed from its own bytes', async () => {
    const { id } = await copied(randomBytes(3 * TREE_LEAF_SIZE + 5));
    const [first, second] = [await leavesIn(id, 'primary'), await leavesIn(id, 'replica')];
    expect([first.right, second.right]).toEqual([true, true]);
    expect(second.protection).toEqual(first.protection);
    expect(second.protection.mode).toBe('compliance');
    expect((await eventsAbout(bench, id)).at(-1)?.data).toMatchObject({ copy: { leaves: second.version.versionId } });
    // Also where those of the first are lost: nothing is taken from there.
    const lonely = await sealItem(bench, { bytes: randomBytes(TREE_LEAF_SIZE + 1), replica: true });
    await harm(bench, 'vault', (await leavesIn(lonely, 'primary')).version.versionId, 'remove');
    await replicate(lonely);
    expect((await leavesIn(lonely, 'replica')).right).toBe(true);
  });

  test('is extended and held together with its leaves', async () => {
    const { id } = await copied();
    const account = await makePerson(bench, 'archivist');
    const hold = { evidence: id, account, reason: '投诉', actor: personActor(account) };
    await setHold(bench.owner, hold, { now: bench.now });
    await retainHandler(dependencies())({ evidence: id }, jobContext(bench.logger));
    for (const name of ['primary', 'replica'] as const)
      expect((await leavesIn(id, name)).protection).toMatchObject({ legalHold: true, mode: 'compliance' });
  });

  test('of an empty recording is made too', async () => {
    const { id } = await copied(Buffer.alloc(0));
    expect((await copiesOf(id)).map(({ state }) => state)).toEqual(['ready', 'ready']);
    expect((await leavesIn(id, 'replica')).right).toBe(true);
  });

  test('takes over a hold that was set before it was made', async () => {
    const id = await sealItem(bench, { replica: true });
    const account = await makePerson(bench, 'archivist');
    await setHold(
      bench.owner,
      { evidence: id, account, reason: '投诉', actor: personActor(account) },
      { now: bench.now },
    );
    await replicate(id);
    expect(await bench.replica.protection(await versionIn(bench, id, 'replica'))).toMatchObject({ legalHold: true });
  });

  test('that was set under hold while it was being made is told by the next round', async () => {
    const id = await sealItem(bench, { replica: true });
    const account = await makePerson(bench, 'archivist');
    const hold = { evidence: id, account, reason: '投诉', actor: personActor(account) };
    let reads = 0;
    const replica = intercepted(bench.replica, {
      protection: async (version) => {
        if (reads++ === 0) await setHold(bench.owner, hold, { now: bench.now });
        return bench.replica.protection(version);
      },
    });
    await replicate(id, { vaults: { primary: bench.vault, replica } });
    const version = await versionIn(bench, id, 'replica');
    expect((await bench.replica.protection(version)).legalHold).toBe(false);
    await retainHandler(dependencies())({ evidence: id }, jobContext(bench.logger));
    expect((await bench.replica.protection(version)).legalHold).toBe(true);
  });

  test('is not believed when a byte of it changes on its way, and is made again', async () => {
    const bytes = randomBytes(3000);
    const id = await sealItem(bench, { bytes, replica: true });
    const primary = intercepted(bench.vault, {
      read: async function* (version, range) {
        for await (const chunk of bench.vault.read(version, range)) {
          const changed = Buffer.from(chunk);
          changed[7] = (changed[7] ?? 0) ^ 1;
          yield changed;
        }
      },
    });
    await expect(replicate(id, { vaults: { primary, replica: bench.replica } }, true)).rejects.toMatchObject({
      code: 'copy_differs',
    });
    expect((await copiesOf(id)).find(({ vault }) => vault === 'replica')?.state).toBe('failed');
    const alarm = await bench.owner.selectFrom('alarm').select('kind').where('subject_id', '=', id).executeTakeFirst();
    expect(alarm).toEqual({ kind: 'vault' });
    // The primary's reader was at fault: nothing less than reading it rightly shows that.
    await bench.owner
      .updateTable('vault_copy')
      .set({ state: 'ready', detail: null })
      .where('evidence_id', '=', id)
      .where('vault', '=', 'primary')
      .execute();
    await replicate(id);
    expect((await bytesIn(bench.replica, await versionIn(bench, id, 'replica'))).equals(bytes)).toBe(true);
  });

  test('survives a worker that dies after any step: one copy, one event', async () => {
    let step = 0;
    for (let outcome = 'died'; outcome === 'died'; ) {
      step++;
      const bytes = randomBytes(70_000);
      const id = await sealItem(bench, { bytes, replica: true });
      outcome = await dyingAt(step, (given) => replicate(id, given));
      // The dead worker's claim runs out.
      await bench.owner.updateTable('vault_copy').set({ claimed_until: null }).where('evidence_id', '=', id).execute();
      await replicate(id);
      expect((await copiesOf(id)).map(({ state }) => state)).toEqual(['ready', 'ready']);
      expect((await bytesIn(bench.replica, await versionIn(bench, id, 'replica'))).equals(bytes)).toBe(true);
      expect((await leavesIn(id, 'replica')).right).toBe(true);
      expect(await typesOf(id)).toEqual(['evidence.sealed', 'copy.stored']);
    }
    expect(step).toBeGreaterThan(12);
    // Only the one that was begun and never written down is left, for the sweep.
    const left = [];
    for await (const transfer of bench.replica.transfers()) left.push(transfer);
    expect(left.length).toBeLessThanOrEqual(1);
    const sweep = (ms: number) => sweepReplica(bench.catalog, bench.replica, new Date(Date.now() + ms));
    expect(await sweep(6 * 86_400_000)).toBe(0);
    expect(await sweep(8 * 86_400_000)).toBe(left.length);
    for await (const transfer of bench.replica.transfers()) expect.unreachable(`left behind: ${transfer.key}`);
  });
});

/** Lets `work` die for good at a step: of the catalogue, or of either vault. */
async function dyingAt(
  step: number,
  work: (given: Partial<CopyDependencies>) => Promise<unknown>,
): Promise<'died' | 'finished'> {
  let steps = 0;
  const die = () => {
    if (++steps >= step) throw new Error(`died after step ${step}`);
  };
  const given = {
    catalog: bench.catalog.withPlugin(dyingPlugin(die)),
    vaults: { primary: dyingVault(bench.vault, die), replica: dyingVault(bench.replica, die) },
  };
  try {
    await work(given);
    return 'finished';
  } catch (error) {
    expect(String(error)).toContain('died after');
    return 'died';
  }
}

describe('repair', () => {
  test.each([
    ['primary', 'vault', 'flip'],
    ['primary', 'vault', 'remove'],
    ['replica', 'replica', 'flip'],
    ['replica', 'replica', 'remove'],
  ] as const)('makes a new %s copy from the other one when %s was harmed (%s)', async (vault, root, how) => {
    const { id, bytes } = await copied();
    const damaged = await versionIn(bench, id, vault);
    const other = await versionIn(bench, id, vault === 'primary' ? 'replica' : 'primary');
    await harm(bench, root, damaged.versionId, how);

    const outcome = await repair(id);
    const from = vault === 'primary' ? 'replica' : 'primary';
    const version = await versionIn(bench, id, vault);
    expect(outcome).toMatchObject({ kind: 'repaired', vault, from, version: version.versionId });
    expect(version.versionId).not.toBe(damaged.versionId);
    expect((await bytesIn(bench[root], version)).equals(bytes)).toBe(true);
    expect((await bench[root].protection(version)).mode).toBe('compliance');
    expect((await copiesOf(id)).find((copy) => copy.vault === vault)).toEqual({ vault, state: 'ready', generation: 1 });
    expect([(await leavesIn(id, vault)).right, (await leavesIn(id, vault)).protection.mode]).toEqual([
      true,
      'compliance',
    ]);
    // The good one was only read.
    expect(await versionIn(bench, id, from)).toEqual(other);
    expect((await eventsAbout(bench, id)).at(-1)).toMatchObject({
      type: 'copy.repaired',
      data: { from, replaced: damaged.versionId, copy: { vault, generation: 1 } },
    });
    expect(await repair(id)).toMatchObject({ kind: 'nothing_to_repair' });
  });

  test('makes a missing second copy', async () => {
    const bytes = randomBytes(500);
    const id = await sealItem(bench, { bytes });
    expect(await repair(id)).toMatchObject({ kind: 'repaired', vault: 'replica', from: 'primary' });
    expect((await bytesIn(bench.replica, await versionIn(bench, id, 'replica'))).equals(bytes)).toBe(true);
  });

  test.each([
    ['primary', 'vault', 'flip'],
    ['primary', 'vault', 'remove'],
    ['replica', 'replica', 'flip'],
    ['replica', 'replica', 'remove'],
  ] as const)(
    'makes the leaves beside the %s copy anew from it when they were harmed (%s: %s)',
    async (name, root, how) => {
      // Four leaves, 128 bytes: enough for `harm`.
      const { id } = await copied(randomBytes(3 * TREE_LEAF_SIZE + 5));
      const before = await leavesIn(id, name);
      const copies = [await versionIn(bench, id, 'primary'), await versionIn(bench, id, 'replica')];
      await harm(bench, root, before.version.versionId, how);
      expect(await repair(id)).toMatchObject({
        kind: 'leaves_restored',
        examined: [
          { vault: 'primary', leaves: name === 'primary' ? 'restored' : 'good' },
          { vault: 'replica', leaves: name === 'replica' ? 'restored' : 'good' },
        ],
      });
      const after = await leavesIn(id, name);
      expect([after.right, after.protection.mode]).toEqual([true, 'compliance']);
      expect([await versionIn(bench, id, 'primary'), await versionIn(bench, id, 'replica')]).toEqual(copies);
      const sealed = await sealedContent(bench.owner, id);
      expect((await eventsAbout(bench, id)).at(-1)).toEqual({
        type: 'copy.leaves_restored',
        data: {
          vault: name,
          version: after.version.versionId,
          replaced: before.version.versionId,
          root: sealed === undefined || sealed === 'contradicted' ? '' : sealed.tree.root,
        },
      });
      expect(await repair(id)).toMatchObject({ kind: 'nothing_to_repair' });
    },
  );

  test('of leaves that dies after any step is finished by the next one: one event, and no copy but those there were', async () => {
    let step = 0;
    for (let outcome = 'died'; outcome === 'died'; ) {
      step++;
      const { id } = await copied();
      await harm(bench, 'replica', (await leavesIn(id, 'replica')).version.versionId, 'remove');
      outcome = await dyingAt(step, (given) => repair(id, given));
      expect(['leaves_restored', 'nothing_to_repair']).toContain((await repair(id)).kind);
      expect((await leavesIn(id, 'replica')).right).toBe(true);
      expect((await copiesOf(id)).map(({ generation }) => generation)).toEqual([0, 0]);
      expect(await typesOf(id)).toEqual(['evidence.sealed', 'copy.stored', 'copy.leaves_restored']);
    }
    expect(step).toBeGreaterThan(8);
  });

  test('adds leaves to a copy that was made without', async () => {
    const { id } = await copied();
    await bench.owner.deleteFrom('tree_copy').where('evidence_id', '=', id).execute();
    expect(await repair(id)).toMatchObject({ kind: 'leaves_restored' });
    expect((await leavesIn(id, 'replica')).right).toBe(true);
  });

  test('leaves the leaves alone that it could not read', async () => {
    const { id } = await copied();
    const { version } = await leavesIn(id, 'replica');
    const replica = intercepted(bench.replica, {
      stat: async (asked) => {
        if (asked.versionId === version.versionId) throw new VaultError('unavailable', 'The vault does not answer.');
        return bench.replica.stat(asked);
      },
    });
    const outcome = await repair(id, { vaults: { primary: bench.vault, replica } });
    expect(outcome).toMatchObject({ kind: 'refused', code: 'unread' });
    expect((await leavesIn(id, 'replica')).version).toEqual(version);
  });

  test('refuses when no copy is good, and touches neither', async () => {
    const { id } = await copied();
    const versions = [await versionIn(bench, id, 'primary'), await versionIn(bench, id, 'replica')] as const;
    await harm(bench, 'vault', versions[0].versionId, 'flip');
    await harm(bench, 'replica', versions[1].versionId, 'remove');
    expect(await repair(id)).toMatchObject({ kind: 'refused', code: 'no_good_copy' });
    expect(await versionIn(bench, id, 'primary')).toEqual(versions[0]);
    expect(await typesOf(id)).toEqual(['evidence.sealed', 'copy.stored']);
  });

  test('takes nothing for damaged that it could not read', async () => {
    const { id } = await copied();
    const { vault: replica, faults } = withFaults(bench.replica);
    faults.setUnavailable(true);
    const outcome = await repair(id, { vaults: { primary: bench.vault, replica } });
    expect(outcome).toMatchObject({ kind: 'refused', code: 'unread' });
    expect(await repair(id, { vaults: { primary: bench.vault, replica: null } })).toMatchObject({ code: 'unread' });
  });

  test('believes neither side when catalogue and log disagree', async () => {
    const { id } = await copied();
    const other = await sealItem(bench);
    const { event_id } = await bench.owner
      .selectFrom('evidence')
      .select('event_id')
      .where('id', '=', other)
      .executeTakeFirstOrThrow();
    await bench.owner.transaction().execute(async (trx) => {
      await sql`set local session_replication_role = replica`.execute(trx);
      await trx.updateTable('evidence').set({ event_id }).where('id', '=', id).execute();
    });
    expect(await repair(id)).toMatchObject({ kind: 'refused', code: 'contradicted' });
  });

  test('knows nothing of what was never sealed', async () => {
    expect(await repair('00000000-0000-7000-8000-000000000000')).toMatchObject({ code: 'unknown_item' });
  });

  test('that dies after any step is finished by the next one: one new version, one event', async () => {
    let step = 0;
    for (let outcome = 'died'; outcome === 'died'; ) {
      step++;
      const { id, bytes } = await copied();
      const damaged = await versionIn(bench, id, 'primary');
      await harm(bench, 'vault', damaged.versionId, 'flip');
      outcome = await dyingAt(step, (given) => repair(id, given));
      await bench.owner.updateTable('vault_copy').set({ claimed_until: null }).where('evidence_id', '=', id).execute();
      const second = await repair(id);
      expect(['repaired', 'nothing_to_repair']).toContain(second.kind);
      expect((await bytesIn(bench.vault, await versionIn(bench, id, 'primary'))).equals(bytes)).toBe(true);
      expect(await typesOf(id)).toEqual(['evidence.sealed', 'copy.stored', 'copy.repaired']);
    }
    expect(step).toBeGreaterThan(12);
  });
});

describe('fengcun-vault repair', () => {
  async function command(args: readonly string[], env: Record<string, string> = {}) {
    const out: string[] = [];
    const err: string[] = [];
    const code = await run(
      args,
      {
        FENGCUN_DATABASE_URL: bench.database.url('fengcun_worker'),
        FENGCUN_VAULT_ROOT: join(bench.directory, 'vault'),
        FENGCUN_REPLICA_VAULT_DRIVER: 'disk',
        FENGCUN_REPLICA_VAULT_ROOT: join(bench.directory, 'replica'),
        ...env,
      },
      { out: (text) => out.push(text), err: (text) => err.push(text) },
    );
    return { code, out: out.join(''), err: err.join('') };
  }

  test('repairs what is damaged and says what it found', async () => {
    const { id, bytes } = await copied();
    await harm(bench, 'vault', (await versionIn(bench, id, 'primary')).versionId, 'remove');
    const first = await command([id, '--json']);
    expect(first.code, first.err).toBe(0);
    expect(JSON.parse(first.out)).toMatchObject({ kind: 'repaired', vault: 'primary', from: 'replica' });
    expect((await bytesIn(bench.vault, await versionIn(bench, id, 'primary'))).equals(bytes)).toBe(true);
    const second = await command([id]);
    expect([second.code, second.out]).toEqual([0, expect.stringContaining('Nothing to repair')]);
  });

  test('says in a sentence why it does not', async () => {
    const { id } = await copied();
    for (const vault of ['primary', 'replica'] as const) {
      const root = vault === 'primary' ? 'vault' : 'replica';
      await harm(bench, root, (await versionIn(bench, id, vault)).versionId, 'flip');
    }
    const refused = await command([id]);
    expect([refused.code, refused.out]).toEqual([1, expect.stringContaining('No copy is what was sealed')]);
    expect(await command(['--help'])).toEqual({
      code: 0,
      out: expect.stringContaining('fengcun-vault repair ID'),
      err: '',
    });
    expect(await command(['nonsense'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('fengcun-vault repair ID'),
    });
    expect(await command([id], { FENGCUN_VAULT_ROOT: '' })).toMatchObject({
      code: 78,
      err: expect.stringContaining('FENGCUN_VAULT_ROOT'),
    });
  });
});
