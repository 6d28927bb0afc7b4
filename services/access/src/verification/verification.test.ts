import { randomBytes } from 'node:crypto';
import { readdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Verification } from '@fengcun/contracts';
import { makePerson, makeUnit, type TestPerson, type TestUnit } from '@fengcun/identity/testing';
import { type Vault, VaultError } from '@fengcun/vault';
import type { FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { eventsOf } from '../testing/events.ts';
import { type Harness, startHarness } from '../testing/harness.ts';
import { type EvidenceOptions, makeEvidence, type TestEvidence } from '../testing/make-evidence.ts';
import { publishLog } from '../testing/publish-log.ts';

let harness: Harness;
let unit: TestUnit;
let auditor: TestPerson;

beforeAll(async () => {
  harness = await startHarness();
  unit = await makeUnit(harness.owner);
  auditor = await makePerson(harness.owner, 'auditor', { unit, now: harness.clock.now() });
});
afterAll(() => harness.close());

const begin = (id: string, as: TestPerson = auditor, app: FastifyInstance = harness.app) =>
  app.inject({ method: 'POST', url: `/api/evidence/${id}/verification`, headers: as.headers });
const read = async (id: string): Promise<Verification> =>
  (await harness.app.inject({ url: `/api/verifications/${id}`, headers: { cookie: auditor.cookie } })).json();
const ended = (id: string) =>
  vi.waitFor(
    async () => {
      const verification = await read(id);
      expect(verification.state).not.toBe('running');
      return verification;
    },
    { timeout: 20_000, interval: 20 },
  );
const verify = async (item: TestEvidence, app?: FastifyInstance) => {
  const reply = await begin(item.id, auditor, app);
  expect(reply.statusCode, reply.body).toBe(202);
  return ended(reply.json().id);
};
const outcomes = ({ legs }: Verification) => Object.fromEntries(legs.map(({ leg, outcome }) => [leg, outcome]));
const sealed = async (options: EvidenceOptions = {}) => {
  const item = await makeEvidence(harness, { unit, proxy: 'pending', ...options });
  await publishLog(harness);
  return item;
};
const alarmsAbout = (item: TestEvidence) =>
  harness.owner.selectFrom('alarm').selectAll().where('subject_id', '=', item.id).execute();
/** The original's file, to be damaged behind the vault's back. */
const fileOf = async (item: TestEvidence) => {
  const files = await readdir(harness.vaultDir, { recursive: true, withFileTypes: true });
  const sizes = files.filter((file) => file.isFile() && join(file.parentPath, file.name).includes(item.id));
  const original = sizes.find((file) => !/proxy|poster|json|lock|retain|part/.test(file.name));
  if (!original) throw new Error(`no file of ${item.id} among ${sizes.map((file) => file.name).join()}`);
  return join(original.parentPath, original.name);
};
const good = {
  size: 'passed',
  sha256: 'passed',
  sm3: 'passed',
  part_tree: 'passed',
  declared: 'passed',
  lock: 'passed',
  inclusion: 'passed',
  checkpoint_signature: 'passed',
  witnesses: 'not_checked',
  timestamp: 'not_checked',
};

describe('a verification', () => {
  it('of an untouched original holds, leg by leg, over every byte, on record', async () => {
    const item = await sealed({ content: randomBytes(3_000_000) });
    const result = await verify(item);
    expect(outcomes(result)).toEqual(good);
    expect(result).toMatchObject({ state: 'done', verdict: 'holds', bytesRead: 3_000_000, size: 3_000_000 });
    const event = (await eventsOf(harness, 'evidence.verified')).find((e) => e.subject === item.id);
    expect(event).toMatchObject({
      actor: auditor.id,
      data: { verification: result.id, verdict: 'holds', bytesRead: 3_000_000 },
    });
    expect(await alarmsAbout(item)).toEqual([]);
  });

  it.each([0, 1, 4 * 1024 * 1024, 4 * 1024 * 1024 + 1])('of %i bytes holds', async (size) => {
    expect(await verify(await sealed({ content: randomBytes(size) }))).toMatchObject({
      verdict: 'holds',
      bytesRead: size,
    });
  });

  it('finds one changed byte, and raises an alarm', async () => {
    const item = await sealed();
    const changed = Buffer.from(item.content);
    changed[1234] = (changed[1234] ?? 0) ^ 1;
    await writeFile(await fileOf(item), changed);
    const result = await verify(item);
    expect(result.verdict).toBe('fails');
    expect(outcomes(result)).toMatchObject({
      sha256: 'failed',
      sm3: 'failed',
      part_tree: 'failed',
      declared: 'failed',
      inclusion: 'passed',
    });
    expect(await alarmsAbout(item)).toMatchObject([{ kind: 'verification_failed', unit_id: unit.id }]);
    expect((await eventsOf(harness, 'alarm.raised')).some((e) => JSON.stringify(e.data).includes(item.id))).toBe(true);
  });

  it('of a shortened original fails and says how much was read', async () => {
    const item = await sealed();
    await truncate(await fileOf(item), 1000);
    const result = await verify(item);
    expect(result.verdict).toBe('fails');
    expect(outcomes(result).size).toBe('failed');
    expect(result.bytesRead).toBeLessThan(item.content.length);
  });

  it('of an original that is gone fails without saying that digests differ', async () => {
    const item = await sealed({ locked: false });
    await harness.vault.delete(item.version);
    const result = await verify(item);
    expect(result).toMatchObject({ verdict: 'fails', bytesRead: 0 });
    expect(outcomes(result)).toMatchObject({ size: 'failed', sha256: 'not_checked', sm3: 'not_checked' });
  });

  it('with the vault away is incomplete, not failed', async () => {
    const item = await sealed();
    const app = await harness.another({
      vault: (vault) =>
        withMethods(vault, {
          // biome-ignore lint/correctness/useYield: a stream that fails before its first byte
          async *read() {
            throw new VaultError('unavailable', 'The vault is away; try again.');
          },
          protection: () => Promise.reject(new VaultError('unavailable', 'The vault is away; try again.')),
        }),
    });
    const result = await verify(item, app);
    expect(result.verdict).toBe('incomplete');
    expect(outcomes(result)).toMatchObject({ size: 'not_checked', lock: 'not_checked', inclusion: 'passed' });
    expect(await alarmsAbout(item)).toEqual([]);
  });

  it('without a declared digest, or a lock, says so and holds', async () => {
    const result = await verify(await sealed({ declared: null, locked: false }));
    expect(result.verdict).toBe('holds');
    expect(outcomes(result)).toMatchObject({ declared: 'not_checked', lock: 'not_checked' });
  });

  it('finds a lock that was taken off', async () => {
    const item = await sealed();
    const app = await harness.another({
      vault: (vault) =>
        withMethods(vault, { protection: async () => ({ mode: 'none', retainUntil: null, legalHold: false }) }),
    });
    const result = await verify(item, app);
    expect([result.verdict, outcomes(result).lock]).toEqual(['fails', 'failed']);
  });

  it('before the seal is published is incomplete', async () => {
    const item = await makeEvidence(harness, { unit, proxy: 'pending' });
    const result = await verify(item);
    expect(result.verdict).toBe('incomplete');
    expect(outcomes(result)).toMatchObject({ inclusion: 'not_checked', checkpoint_signature: 'not_checked' });
  });

  it('without a key of the log is incomplete: an unsigned root proves nothing', async () => {
    const item = await sealed();
    const result = await verify(item, await harness.another({ config: { logKeys: [] } }));
    expect(result.verdict).toBe('incomplete');
    expect(outcomes(result)).toMatchObject({ inclusion: 'not_checked', checkpoint_signature: 'not_checked' });
  });

  it('of a quarantined item repeats what is wrong with it, without another alarm', async () => {
    const item = await sealed({ quarantined: true, declared: '00'.repeat(32) });
    const result = await verify(item);
    expect(result.verdict).toBe('fails');
    expect(outcomes(result)).toMatchObject({ declared: 'failed', sha256: 'passed' });
    expect(await alarmsAbout(item)).toEqual([]);
  });
});

describe('a database edited behind its back is found out', () => {
  const edit = (statement: ReturnType<typeof sql>) =>
    harness.owner.transaction().execute(async (tx) => {
      await sql`set local session_replication_role = replica`.execute(tx);
      await statement.execute(tx);
    });

  it('when the catalogue names another digest than the log', async () => {
    const item = await sealed();
    await edit(sql`update evidence set sm3 = decode(repeat('ab', 32), 'hex') where id = ${item.id}`);
    const result = await verify(item);
    expect([result.verdict, outcomes(result).sm3, outcomes(result).sha256]).toEqual(['fails', 'failed', 'passed']);
  });

  it('when the entry is rewritten to match', async () => {
    const item = await sealed();
    await edit(sql`update ledger_event set entry = convert_to(replace(convert_from(entry, 'UTF8'), ${item.sha256}, ${'ab'.repeat(32)}), 'UTF8')
      where subject_id = ${item.id}`);
    const result = await verify(item);
    expect([result.verdict, outcomes(result).inclusion]).toEqual(['fails', 'failed']);
  });

  it('when the entry is no longer canonical', async () => {
    const item = await sealed();
    await edit(sql`update ledger_event set entry = entry || ' '::bytea where subject_id = ${item.id}`);
    expect((await verify(item)).verdict).toBe('fails');
  });

  it('when the row points at the seal of another item', async () => {
    const [item, other] = [await sealed(), await sealed()];
    await edit(
      sql`update evidence set event_id = (select event_id from evidence where id = ${other.id}) where id = ${item.id}`,
    );
    expect(outcomes(await verify(item)).inclusion).toBe('failed');
  });

  it('when a checkpoint is signed by another key', async () => {
    const item = await sealed();
    const { generateSigningKey, ed25519Signer, formatVerifierKey } = await import('@fengcun/tlog');
    const stranger = ed25519Signer(generateSigningKey(harness.signer.key.name));
    const result = await verify(
      item,
      await harness.another({ config: { logKeys: [formatVerifierKey(stranger.key)] } }),
    );
    expect([result.verdict, outcomes(result).checkpoint_signature]).toEqual(['fails', 'failed']);
  });

  it('when a tile is damaged', async () => {
    const item = await sealed();
    await sealed();
    await edit(sql`create table spare as table ledger_tile`);
    await edit(
      sql`update ledger_tile set hashes = overlay(hashes placing decode(repeat('00', 32), 'hex') from 1) where level = 0`,
    );
    try {
      expect((await verify(item)).legs.find(({ leg }) => leg === 'inclusion')?.outcome).toBe('failed');
    } finally {
      await edit(sql`update ledger_tile t set hashes = s.hashes from spare s where s.level = t.level and s.n = t.n`);
      await edit(sql`drop table spare`);
    }
  });
});

describe('while one runs', () => {
  /** A vault whose reading stands still after the first chunk until it is let go. */
  const stuck = () => {
    const gate = Promise.withResolvers<void>();
    const reading = Promise.withResolvers<void>();
    const wrap = (vault: Vault) =>
      withMethods(vault, {
        async *read(version, range) {
          for await (const chunk of vault.read(version, range)) {
            yield chunk;
            reading.resolve();
            await gate.promise;
          }
        },
      });
    return { gate, reading, wrap };
  };

  it('another of the same item is refused; progress shows; afterwards it may be repeated', async () => {
    const { gate, reading, wrap } = stuck();
    const app = await harness.another({ vault: wrap });
    const item = await sealed({ content: randomBytes(3_000_000) });
    const { id } = (await begin(item.id, auditor, app)).json();
    await reading.promise;
    expect((await begin(item.id)).json()).toMatchObject({ status: 409, code: 'already_running' });
    await vi.waitFor(async () => expect((await read(id)).bytesRead).toBeGreaterThan(0), { timeout: 20_000 });
    expect(await read(id)).toMatchObject({ state: 'running', verdict: null, legs: [], finishedAt: null });
    gate.resolve();
    expect(await ended(id)).toMatchObject({ verdict: 'holds' });
    expect((await verify(item)).verdict).toBe('holds');
  });

  it('the process stops: it is aborted, without a result or an event, and so are those in line', async () => {
    const { gate, reading, wrap } = stuck();
    const app = await harness.another({ vault: wrap, config: { verificationConcurrency: 1 } });
    const [running, waiting] = [await sealed({ content: randomBytes(3_000_000) }), await sealed()];
    const first = (await begin(running.id, auditor, app)).json();
    await reading.promise;
    const second = (await begin(waiting.id, auditor, app)).json();
    // The vault still hangs.
    await app.close();
    gate.resolve();
    expect(await read(first.id)).toMatchObject({ state: 'aborted', verdict: null });
    expect(await read(second.id)).toMatchObject({ state: 'aborted', verdict: null });
    expect((await eventsOf(harness, 'evidence.verified')).filter((e) => e.subject === running.id)).toEqual([]);
  });

  it('and the line is full, more are refused', async () => {
    const { gate, reading, wrap } = stuck();
    const app = await harness.another({ vault: wrap, config: { verificationConcurrency: 1, verificationQueue: 1 } });
    const three = [await sealed(), await sealed(), await sealed()];
    const [first, second, third] = three;
    const { id } = (await begin(first?.id ?? '', auditor, app)).json();
    await reading.promise;
    const queued = (await begin(second?.id ?? '', auditor, app)).json();
    expect((await begin(third?.id ?? '', auditor, app)).json()).toMatchObject({
      status: 503,
      code: 'too_many_verifications',
    });
    gate.resolve();
    expect(await ended(id)).toMatchObject({ verdict: 'holds' });
    expect(await ended(queued.id)).toMatchObject({ verdict: 'holds' });
  });
});

describe('who may verify', () => {
  it.each(['system_admin', 'security_admin'] as const)('not %s', async (role) => {
    const person = await makePerson(harness.owner, role, { unit, now: harness.clock.now() });
    expect((await begin((await sealed()).id, person)).json()).toMatchObject({ status: 403, code: 'role_required' });
  });

  it('nobody of another unit, who cannot see a result either', async () => {
    const person = await makePerson(harness.owner, 'auditor', { now: harness.clock.now() });
    const item = await sealed();
    expect((await begin(item.id, person)).statusCode).toBe(404);
    const { id } = await verify(item);
    const reply = await harness.app.inject({ url: `/api/verifications/${id}`, headers: { cookie: person.cookie } });
    expect(reply.statusCode).toBe(404);
  });
});

function withMethods(vault: Vault, methods: Partial<Vault>): Vault {
  return new Proxy(vault, {
    get(target, name) {
      const own: unknown = Reflect.get(methods, name);
      const member: unknown = own ?? Reflect.get(target, name, target);
      return typeof member === 'function' && own === undefined ? member.bind(target) : member;
    },
  });
}
