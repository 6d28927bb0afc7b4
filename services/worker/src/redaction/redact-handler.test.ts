import { execFile } from 'node:child_process';
import { createDecipheriv, createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  beginDisposal,
  beginRedaction,
  cancelRender,
  claimRender,
  decryptCopy,
  findApprovedRender,
  newId,
  requestIssuedCopy,
  requestRender,
  saveRedactionPlan,
  withdrawRedaction,
} from '@fengcun/catalog';
import type { RedactionMark } from '@fengcun/contracts';
import type { JobContext } from '@fengcun/jobs';
import { type Media, openMedia, type ProxyIndex, type StillIndex } from '@fengcun/media';
import { type ClipKind, makeClip } from '@fengcun/media/testing';
import type { Clock } from '@fengcun/runtime';
import { parseObjectKey, type Vault, VaultError } from '@fengcun/vault';
import { withFaults } from '@fengcun/vault/testing';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { probeHandler } from '../derivatives/probe-handler.ts';
import { copyHandler } from '../issued-copy/copy-handler.ts';
import { removeCopies } from '../issued-copy/start-remover.ts';
import { sealHandler } from '../seal/seal-handler.ts';
import { clock, jobContext, openBench, type TestBench } from '../testing/bench.ts';
import { receiveUpload } from '../testing/uploads.ts';
import { type RedactDependencies, redactHandler } from './redact-handler.ts';

const execute = promisify(execFile);
let bench: TestBench;
let media: Media;
let maker: string;
let reviewer: string;

beforeAll(async () => {
  bench = await openBench();
  media = await openMedia({ scratchDir: join(bench.directory, 'scratch') });
  [maker, reviewer] = [await person('制作人'), await person('审核人')];
  await bench.owner
    .insertInto('account_role')
    .values({ account_id: reviewer, unit_id: bench.bureau.unit, role: 'legal' })
    .execute();
});
afterAll(() => bench.close());

async function person(name: string): Promise<string> {
  const id = newId();
  const account = { id, login: id, name, officer_number: null, unit_id: bench.bureau.unit, password_hash: '' };
  await bench.owner
    .insertInto('account')
    .values({ ...account, locked_until: null, disabled_at: null, created_at: new Date() })
    .execute();
  return id;
}

/** The bench's vault, with some of what it does replaced. */
const vaultWith = (given: Partial<Vault>): Vault =>
  new Proxy(bench.vault, {
    get(target, name) {
      const own: unknown = Reflect.get(given, name) ?? Reflect.get(target, name, target);
      return typeof own === 'function' ? own.bind(target) : own;
    },
  });

const by = (account: string) => ({
  account,
  actor: { kind: 'account', id: account, name: null } as const,
  rule: 'test',
  authorisation: null,
});
const dependencies = (given: Partial<RedactDependencies> = {}): RedactDependencies => ({
  catalog: bench.catalog,
  vault: bench.vault,
  pool: bench.pool,
  media,
  clock,
  forgottenAfterMs: 10_000,
  mark: 'event',
  ...given,
});
const context = (given: Partial<JobContext> = {}) => jobContext(bench.logger, given);
const make = (render: string, given: Partial<RedactDependencies> = {}, job: Partial<JobContext> = {}) =>
  redactHandler(dependencies(given))({ render }, context(job));
const later = (ms: number): Clock => ({ now: () => new Date(Date.now() + ms) });

const items = new Map<ClipKind, Promise<string>>();
/** A sealed and probed recording; one for each kind of clip. */
function sealed(clip: ClipKind): Promise<string> {
  const known = items.get(clip) ?? seal(clip);
  items.set(clip, known);
  return known;
}
async function seal(clip: ClipKind): Promise<string> {
  const bytes = await readFile(await makeClip(clip, join(bench.directory, 'clips')));
  const { id } = await receiveUpload(bench.owner, bench.vault, bench.bureau, bytes, { name: `现场 ${clip}.mp4` });
  const { catalog, vault, pool } = bench;
  await sealHandler({ catalog, vault, replica: null, pool, readAhead: null, retentionDays: 183, clock })(
    { evidence: id },
    context(),
  );
  await probeHandler({ catalog, vault, media, clock, forgottenAfterMs: 10_000 })({ evidence: id }, context());
  return id;
}

const cover: RedactionMark = {
  kind: 'region',
  style: 'solid',
  x: 0.5,
  y: 0,
  w: 0.25,
  h: 0.5,
  from: 0,
  to: 10_000,
  reason: 'face',
};

/** A redacted version that waits for a worker. */
async function asked(evidence: string, marks: readonly RedactionMark[] = [cover]) {
  const draft = { evidence, unit: bench.bureau.unit, name: '公开版', marks, clientId: null };
  const redaction = await beginRedaction(bench.owner, draft, by(maker), clock);
  expect(await requestRender(bench.owner, { redaction, version: 1 }, by(maker), clock)).toBe('done');
  const { render_id: render } = await rowOf(redaction);
  return { redaction, render: render ?? '' };
}

const rowOf = (id: string) =>
  bench.owner.selectFrom('redaction').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
const renderOf = (id: string) =>
  bench.owner.selectFrom('redaction_render').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
const eventsOf = async (redaction: string) =>
  (await bench.owner.selectFrom('ledger_event').selectAll().orderBy('id').execute())
    .map(
      (row) =>
        JSON.parse(row.entry.toString('utf8')) as {
          type: string;
          data: { redaction?: string } & Record<string, unknown>;
        },
    )
    .filter((event) => event.data.redaction === redaction);
const typesOf = async (redaction: string) => (await eventsOf(redaction)).map(({ type }) => type);

/** Approves as a reviewer who was shown all of it. */
async function approve(redaction: string): Promise<void> {
  await sql`update redaction set state = 'approved', reviewed_by = ${reviewer}, reviewed_at = now() where id = ${redaction}`.execute(
    bench.owner,
  );
}

const read = async (source: AsyncIterable<Uint8Array>) => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
};
async function fileOf(render: string): Promise<{ stored: Buffer; plain: Buffer }> {
  const { key, vault_key, vault_version, size } = await renderOf(render);
  const version = { key: parseObjectKey(vault_key ?? ''), versionId: vault_version ?? '', size: size ?? 0 };
  const stored = await read(bench.vault.read(version));
  return { stored, plain: await read(decryptCopy(key ?? Buffer.alloc(32), bench.vault.read(version), 0)) };
}

describe('a rendering', () => {
  test('is made, checked, digested twice over, encrypted where it lies, and on record with what it was made of', async () => {
    const evidence = await sealed('h264-aac');
    const { redaction, render } = await asked(evidence);
    await make(render);
    const row = await renderOf(render);
    expect(row).toMatchObject({ state: 'ready', percent: 100, mark: 'picture', media_type: 'video/mp4', reason: null });
    expect((await rowOf(redaction)).state).toBe('ready');
    const { stored, plain } = await fileOf(render);
    expect(createHash('sha256').update(plain).digest()).toEqual(row.sha256);
    expect(createHash('sm3').update(plain).digest()).toEqual(row.sm3);
    expect(stored.includes('ftyp')).toBe(false);
    const sealedRow = await bench.owner
      .selectFrom('evidence')
      .selectAll()
      .where('id', '=', evidence)
      .executeTakeFirstOrThrow();
    const events = await eventsOf(redaction);
    expect(events.map(({ type }) => type)).toEqual([
      'redaction.saved',
      'redaction.render_requested',
      'redaction.rendered',
    ]);
    const plan = await bench.owner
      .selectFrom('redaction_plan')
      .selectAll()
      .where('redaction_id', '=', redaction)
      .executeTakeFirstOrThrow();
    expect(events[2]?.data).toMatchObject({
      plan: plan.sha256.toString('hex'),
      source: { version: sealedRow.vault_version, sha256: sealedRow.sha256.toString('hex') },
      result: { sha256: row.sha256?.toString('hex'), sm3: row.sm3?.toString('hex'), size: plain.length },
    });
    const told = await bench.owner.selectFrom('notification').selectAll().where('account_id', '=', reviewer).execute();
    expect(told.map(({ kind, subject_id }) => [kind, subject_id])).toContainEqual(['redaction_to_review', evidence]);
  });

  test('comes with pieces that play, and show what was covered covered', async () => {
    const { render } = await asked(await sealed('no-audio'));
    await make(render);
    const { play_index, play_key, play_vault_key, play_vault_version, play_size } = await renderOf(render);
    const index = play_index as ProxyIndex;
    const version = {
      key: parseObjectKey(play_vault_key ?? ''),
      versionId: play_vault_version ?? '',
      size: play_size ?? 0,
    };
    const bytes = await read(bench.vault.read(version));
    const pieces = index.segments.map(({ offset, length }, n) => {
      const iv = Buffer.from(index.encryption.baseIv, 'hex');
      iv.writeUInt32BE((iv.readUInt32BE(12) + n) >>> 0, 12);
      const decipher = createDecipheriv('aes-128-cbc', play_key ?? Buffer.alloc(16), iv);
      return Buffer.concat([decipher.update(bytes.subarray(offset, offset + length)), decipher.final()]);
    });
    const path = join(bench.directory, 'pieces.mp4');
    await writeFile(path, Buffer.concat([bytes.subarray(0, index.initSegment.length), ...pieces]));
    const frame = [
      '-v',
      'error',
      '-ss',
      '1',
      '-i',
      path,
      '-frames:v',
      '1',
      '-vf',
      'scale=320:180,format=gray',
      '-f',
      'rawvideo',
      '-',
    ];
    const { stdout } = await execute('ffmpeg', frame, { encoding: 'buffer' });
    expect(stdout[40 * 320 + 200]).toBeLessThan(40);
  });

  test('of a still picture is a picture, and what is looked at of it are its very bytes', async () => {
    const area: RedactionMark = { kind: 'area', style: 'solid', x: 0.5, y: 0, w: 0.25, h: 0.5, reason: 'plate' };
    const evidence = await sealed('jpg');
    const { redaction, render } = await asked(evidence, [area]);
    await make(render);
    const row = await renderOf(render);
    expect(row).toMatchObject({
      state: 'ready',
      mark: 'picture',
      media_type: 'image/jpeg',
      duration_ms: 0,
      reason: null,
    });
    const { stored, plain } = await fileOf(render);
    expect(createHash('sha256').update(plain).digest()).toEqual(row.sha256);
    expect(stored.includes('JFIF')).toBe(false);
    const index = row.play_index as StillIndex;
    const shown = await read(
      bench.vault.read({
        key: parseObjectKey(row.play_vault_key ?? ''),
        versionId: row.play_vault_version ?? '',
        size: row.play_size ?? 0,
      }),
    );
    const iv = Buffer.from(index.encryption.baseIv, 'hex');
    const decipher = createDecipheriv('aes-128-cbc', row.play_key ?? Buffer.alloc(16), iv);
    expect(Buffer.concat([decipher.update(shown), decipher.final()])).toEqual(plain);
    expect((await eventsOf(redaction)).at(-1)).toMatchObject({
      type: 'redaction.rendered',
      data: { result: { durationMs: 0 } },
    });
    // One whose plan speaks of time is not made.
    const wrong = await asked(evidence, [cover]);
    await make(wrong.render);
    expect(await renderOf(wrong.render)).toMatchObject({ state: 'failed', reason: 'result_wrong' });
  });

  test.each([
    ['an original that is not the sealed one any more', 'original_differs'],
    ['a machine without a font', 'no_cjk_font'],
    ['a plan that its recording cannot fulfil', 'result_wrong'],
  ] as const)('of %s fails with the reason', async (_, reason) => {
    const evidence = await sealed('no-audio');
    const { redaction, render } = await asked(evidence);
    const given: Partial<RedactDependencies> = {};
    if (reason === 'no_cjk_font')
      Object.assign(given, {
        media: await openMedia({ scratchDir: join(bench.directory, 'scratch'), cjkFont: '/nowhere.ttc' }),
      });
    if (reason === 'original_differs') {
      const path = join(bench.directory, 'other.mp4');
      await writeFile(path, 'something else');
      const openLocal = async () => ({ path, release: async () => undefined });
      Object.assign(given, { vault: vaultWith({ openLocal }) });
    }
    if (reason === 'result_wrong') {
      const makeRedacted: Media['makeRedacted'] = (input, options) =>
        media.makeRedacted({ ...input, probe: { ...input.probe, durationMs: 60_000 } }, options);
      Object.assign(given, { media: Object.create(media, { makeRedacted: { value: makeRedacted } }) });
    }
    await make(render, given);
    expect(await renderOf(render)).toMatchObject({ state: 'failed', reason, vault_version: null });
    expect((await rowOf(redaction)).state).toBe('failed');
    expect((await typesOf(redaction)).at(-1)).toBe('redaction.render_failed');
    if (reason === 'original_differs') {
      const alarms = await bench.owner.selectFrom('alarm').selectAll().where('subject_id', '=', evidence).execute();
      expect(alarms.map(({ kind }) => kind)).toContain('verification_failed');
    }
    // And can be tried again.
    expect(await requestRender(bench.owner, { redaction, version: 1 }, by(maker), clock)).toBe('done');
    expect((await rowOf(redaction)).render_id).not.toBe(render);
  });
});

describe('a worker that dies or is overtaken', () => {
  test('leaves nothing that can be read, and the next one makes it', async () => {
    const { redaction, render } = await asked(await sealed('no-audio'));
    const dead = await claimRender(bench.catalog, render, { clock, ms: 5000 });
    await make(render);
    expect((await renderOf(render)).state).toBe('making');
    await make(render, { clock: later(6000) });
    const row = await renderOf(render);
    expect(row).toMatchObject({ state: 'ready', attempts: 2 });
    expect(row.key).not.toEqual(dead?.key);
    expect(row.vault_key).not.toBe(dead?.vaultKey);
    expect(await typesOf(redaction)).toEqual(['redaction.saved', 'redaction.render_requested', 'redaction.rendered']);
  });

  test('settles nothing and takes its objects away', async () => {
    const { redaction, render } = await asked(await sealed('no-audio'));
    const written: { delete: number } = { delete: 0 };
    const overtaken = vaultWith({
      async write(...args) {
        const object = await bench.vault.write(...args);
        if (!args[0].endsWith('.proxy')) await claimRender(bench.catalog, render, { clock: later(20_000), ms: 5000 });
        return object;
      },
      async delete(version) {
        written.delete++;
        return bench.vault.delete(version);
      },
    });
    await make(render, { vault: overtaken });
    expect((await renderOf(render)).state).toBe('making');
    expect(written.delete).toBe(2);
    expect(await typesOf(redaction)).not.toContain('redaction.rendered');
  });

  test('that is given up while it works stops, and what is left is removed', async () => {
    const { redaction, render } = await asked(await sealed('h264-aac'));
    const stopping: Media = Object.create(media, {
      makeRedacted: {
        value: async (...args: Parameters<Media['makeRedacted']>) => {
          expect(await cancelRender(bench.owner, redaction, by(maker), clock)).toBe('done');
          return media.makeRedacted(...args);
        },
      },
    });
    await make(render, { media: stopping });
    expect((await renderOf(render)).state).toBe('cancelled');
    expect((await rowOf(redaction)).state).toBe('draft');
    await removeCopies({ catalog: bench.catalog, vault: bench.vault, clock: later(60_000), logger: bench.logger });
    expect(await renderOf(render)).toMatchObject({ key: null, play_key: null });
  });

  test('has its disk trouble told only when no further attempt follows', async () => {
    const { render } = await asked(await sealed('no-audio'));
    const vault = vaultWith({ write: () => Promise.reject(new VaultError('no_space', 'full')) });
    await expect(make(render, { vault })).rejects.toMatchObject({ code: 'no_space' });
    expect((await renderOf(render)).state).toBe('pending');
    await make(render, { vault }, { last: true });
    expect(await renderOf(render)).toMatchObject({ state: 'failed', reason: 'storage_failed' });
  });
});

describe('a plan that is changed', () => {
  test('takes what was rendered of the one before out of use, bytes and keys', async () => {
    const { redaction, render } = await asked(await sealed('no-audio'));
    await make(render);
    const save = { redaction, basedOn: 1, marks: [{ ...cover, to: 500 }] };
    expect(await saveRedactionPlan(bench.owner, save, by(maker), clock)).toBe('done');
    expect(await saveRedactionPlan(bench.owner, save, by(maker), clock)).toBe('changed');
    expect((await renderOf(render)).state).toBe('superseded');
    const { vault_key, vault_version, size } = await renderOf(render);
    await removeCopies({ catalog: bench.catalog, vault: bench.vault, clock: later(60_000), logger: bench.logger });
    const version = { key: parseObjectKey(vault_key ?? ''), versionId: vault_version ?? '', size: size ?? 0 };
    await expect(bench.vault.stat(version)).rejects.toMatchObject({ code: 'not_found' });
    expect((await renderOf(render)).key).toBeNull();
  });
});

describe('a copy to be published', () => {
  async function approvedCopy() {
    const evidence = await sealed('no-audio');
    const { redaction, render } = await asked(evidence);
    await make(render);
    await approve(redaction);
    const approved = await findApprovedRender(bench.owner, evidence, redaction);
    if (!approved) throw new Error('it is not approved');
    const copy = await requestIssuedCopy(
      bench.owner,
      {
        evidence: { id: evidence, name: 'x.mp4' },
        account: maker,
        actor: { kind: 'account', id: maker, name: null },
        clientId: null,
        operation: 'publish',
        mark: approved.mark,
        rule: 'test',
        authorisation: null,
        purpose: null,
        recipient: null,
        fileName: 'x.mp4',
        mediaType: approved.mediaType,
        redaction: { redaction, render, sha256: approved.sha256 },
        content: () => ({ render }),
      },
      clock,
    );
    return { redaction, render, copy };
  }
  const makeCopy = (copy: string, vault = bench.vault) =>
    copyHandler({ ...dependencies({ vault }), lifetimeMs: 3_600_000 })({ copy }, context());
  const copyOf = (id: string) =>
    bench.owner.selectFrom('issued_copy').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

  test('is what was approved, byte for byte', async () => {
    const { render, copy } = await approvedCopy();
    await makeCopy(copy);
    const [made, from] = [await copyOf(copy), await renderOf(render)];
    expect(made).toMatchObject({ state: 'ready', form: 'redacted', mark: 'picture' });
    expect(made.sha256).toEqual(from.sha256);
    const version = {
      key: parseObjectKey(made.vault_key ?? ''),
      versionId: made.vault_version ?? '',
      size: made.size ?? 0,
    };
    const plain = await read(decryptCopy(made.key ?? Buffer.alloc(32), bench.vault.read(version), 0));
    expect(createHash('sha256').update(plain).digest()).toEqual(from.sha256);
    expect(made.key).not.toEqual(from.key);
  });

  test('never comes to be of what is not what was approved', async () => {
    const { copy } = await approvedCopy();
    const { vault, faults } = withFaults(bench.vault);
    faults.flipByteOnRead(1000);
    await makeCopy(copy, vault);
    expect(await copyOf(copy)).toMatchObject({ state: 'failed', reason: 'redaction_unusable', vault_version: null });
  });

  test('is taken back with the version that is withdrawn, and none is made of it any more', async () => {
    const { redaction, render, copy } = await approvedCopy();
    await makeCopy(copy);
    expect(await withdrawRedaction(bench.owner, { redaction, reason: '发现遗漏' }, by(reviewer), clock)).toBe('done');
    expect((await copyOf(copy)).state).toBe('cancelled');
    expect((await renderOf(render)).state).toBe('ready');
    // One that was asked for in the same moment.
    const late = { ...(await copyOf(copy)), id: newId() };
    await sql`insert into issued_copy (id, evidence_id, evidence_name, account_id, operation, form, mark, rule, event_id, file_name,
      media_type, content, created_at, updated_at, render_id) values (${late.id}, ${late.evidence_id}, 'x', ${maker}, 'publish', 'redacted',
      'picture', 'test', 1, 'x', 'video/mp4', ${JSON.stringify({ render })}, now(), now(), ${render})`.execute(
      bench.owner,
    );
    await makeCopy(late.id);
    expect(await copyOf(late.id)).toMatchObject({ state: 'failed', reason: 'redaction_unusable' });
  });
});

describe('a disposal', () => {
  test('takes redacted versions along: their bytes are on its list, nothing is published or made of them', async () => {
    const evidence = await seal('no-audio');
    const { redaction, render } = await asked(evidence);
    await make(render);
    await approve(redaction);
    const waiting = await asked(evidence);
    const disposition = newId();
    await bench.owner
      .insertInto('disposition')
      .values({
        id: disposition,
        evidence_id: evidence,
        unit_id: bench.bureau.unit,
        state: 'approved',
        requested_by: maker,
        requested_at: new Date(),
        decided_by: reviewer,
        decided_at: new Date(),
        reason: '到期',
        updated_at: new Date(),
      })
      .execute();
    const begun = await beginDisposal(bench.catalog, disposition, () => null, { service: 'worker', clock });
    if (begun.kind !== 'under_way') throw new Error(begun.kind);
    const { vault_key, play_vault_key } = await renderOf(render);
    const keys = begun.plan.objects.map(({ key }) => key);
    for (const key of [vault_key, play_vault_key]) expect(keys).toContain(key);
    expect((await rowOf(redaction)).state).toBe('withdrawn');
    expect(await findApprovedRender(bench.owner, evidence)).toBeUndefined();
    await make(waiting.render);
    expect((await renderOf(waiting.render)).state).toBe('cancelled');
    expect(await requestRender(bench.owner, { redaction: waiting.redaction, version: 1 }, by(maker), clock)).toBe(
      'settled',
    );
  });
});

describe('the database itself', () => {
  test('lets no maker review, and nobody what is not ready', async () => {
    const { redaction, render } = await asked(await sealed('no-audio'));
    await expect(approve(redaction)).rejects.toThrow(/nothing ready/);
    await make(render);
    const own = sql`update redaction set state = 'approved', reviewed_by = ${maker}, reviewed_at = now() where id = ${redaction}`;
    await expect(own.execute(bench.owner)).rejects.toThrow(/made redaction/);
    await approve(redaction);
    const back = sql`update redaction set state = 'draft' where id = ${redaction}`;
    await expect(back.execute(bench.owner)).rejects.toThrow(/settled/);
    await expect(sql`update redaction_plan set marks = '[]'`.execute(bench.owner)).rejects.toThrow(/never changed/);
  });
});
