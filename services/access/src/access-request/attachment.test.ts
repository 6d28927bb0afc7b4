import { randomBytes } from 'node:crypto';
import { type Executor, newId } from '@fengcun/catalog';
import { maxAttachmentBytes } from '@fengcun/contracts';
import type { TestPerson } from '@fengcun/identity/testing';
import { parseObjectKey, VaultError } from '@fengcun/vault';
import type { FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeBureau, requestsOf, type TestBureau } from '../testing/bureau.ts';
import { eventsOf } from '../testing/events.ts';
import { type Harness, startHarness } from '../testing/harness.ts';
import { makeEvidence, type TestEvidence } from '../testing/make-evidence.ts';

let harness: Harness;
let b: TestBureau;
let api: ReturnType<typeof requestsOf>;
let item: TestEvidence;
let letter: TestEvidence;
let request: string;

const pdf = Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(200_000)]);

beforeAll(async () => {
  harness = await startHarness();
  b = await makeBureau(harness);
  api = requestsOf(harness);
  item = await makeEvidence(harness, { unit: b.section });
  letter = await scan({ content: pdf, name: '调取证据通知书"1".pdf' });
  request = await asked([letter.id]);
});
afterAll(() => harness.close());

/** A scan that the archivist, or somebody else, sent and that was sealed. */
async function scan(
  options: { readonly content?: Uint8Array; readonly name?: string; readonly quarantined?: boolean } = {},
  sender: TestPerson = b.archivist,
): Promise<TestEvidence> {
  const made = await makeEvidence(harness, {
    unit: b.county,
    kind: 'document',
    content: Buffer.from('%PDF-1.4\n'),
    name: '身份证.pdf',
    ...options,
  });
  await harness.owner.updateTable('upload').set({ account_id: sender.id }).where('id', '=', made.id).execute();
  return made;
}

const court = { kind: 'court', organisation: '人民法院', person: '刘法官', letterNumber: '调2026-8', contact: null };
/** A submitted request of the archivist's for a court, with these scans beside its letter and identity document. */
async function asked(others: readonly string[]): Promise<string> {
  const attachments = [
    { kind: 'letter', evidence: (await scan()).id },
    { kind: 'identity', evidence: (await scan()).id },
    ...others.map((evidence) => ({ kind: 'other', evidence })),
  ];
  const written = await api.ask(b.archivist, [item.id], { applicant: court, attachments, purpose: 'judicial' });
  return written.id;
}

const address = (evidence: string, of = request) => `/api/requests/${of}/attachments/${evidence}/content`;
async function read(as: TestPerson, evidence = letter.id, of = request, app: FastifyInstance = harness.app) {
  const reply = await app.inject({ url: address(evidence, of), headers: await api.headersOf(as) });
  const problem = String(reply.headers['content-type']).includes('problem');
  return { status: reply.statusCode, reply, code: problem ? (reply.json().code as string) : null };
}
const readings = async (evidence: string) =>
  (await eventsOf(harness, 'request.attachment_read')).filter(({ subject }) => subject === evidence);

describe('a scan that came with a request', () => {
  it('is read by whoever decides, as it was sealed, and can do nothing in a page', async () => {
    const { reply } = await read(b.legal);
    expect(reply.statusCode).toBe(200);
    expect(reply.rawPayload.equals(pdf)).toBe(true);
    expect(reply.headers).toMatchObject({
      'content-type': 'application/pdf',
      'content-length': String(pdf.length),
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'",
      'x-frame-options': 'SAMEORIGIN',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'repr-digest': `sha-256=:${Buffer.from(letter.sha256, 'hex').toString('base64')}:`,
    });
    const disposition = String(reply.headers['content-disposition']);
    expect(disposition).toMatch(/^inline; filename="[^"]*"; filename\*=UTF-8''/);
    expect(decodeURIComponent(disposition.split("UTF-8''")[1] ?? '')).toBe('调取证据通知书"1".pdf');
  });

  it('is on record once for each session, before its first byte', async () => {
    const evidence = (await scan()).id;
    const of = await asked([evidence]);
    await Promise.all([read(b.legal, evidence, of), read(b.legal, evidence, of)]);
    await read(b.archivist, evidence, of);
    const events = await readings(evidence);
    expect(events.map(({ actor }) => actor).sort()).toEqual([b.legal.id, b.archivist.id].sort());
    expect(events[0]?.data).toMatchObject({
      request: of,
      kind: 'other',
      rule: 'attachments_go_with_their_request',
      size: 9,
    });
    const custody = await api.call('GET', `/api/evidence/${evidence}/custody`, b.archivist);
    expect(custody.body.items.map(({ event }: { event: { type: string } }) => event.type)).toContain(
      'request.attachment_read',
    );
  });

  it.each([
    ['a picture', Buffer.from('\x89PNG\r\n\x1a\n......', 'latin1'), 'image/png', 'inline'],
    ['a photograph', Buffer.from('\xff\xd8\xff\xe0......', 'latin1'), 'image/jpeg', 'inline'],
    ['a fax', Buffer.from('II*\0......', 'latin1'), 'image/tiff', 'inline'],
    [
      'a page that calls itself a scan',
      Buffer.from('<script>alert(1)</script>'),
      'application/octet-stream',
      'attachment',
    ],
    ['a drawing that can act', Buffer.from('<svg onload="alert(1)"/>'), 'application/octet-stream', 'attachment'],
    ['an office document', Buffer.from('PK\x03\x04......', 'latin1'), 'application/octet-stream', 'attachment'],
    ['nothing', Buffer.alloc(0), 'application/octet-stream', 'attachment'],
  ])('%s is shown or saved by what its first bytes say', async (_, content, type, how) => {
    const { id } = await scan({ content, name: '介绍信.png' });
    const { reply } = await read(b.legal, id, await asked([id]));
    expect([reply.statusCode, reply.headers['content-type']]).toEqual([200, type]);
    expect(String(reply.headers['content-disposition']).split(';')[0]).toBe(how);
    expect(reply.rawPayload.equals(content)).toBe(true);
  });

  it('is asked about without being read: HEAD is no event', async () => {
    const { id } = await scan();
    const url = address(id, await asked([id]));
    const reply = await harness.app.inject({ method: 'HEAD', url, headers: await api.headersOf(b.legal) });
    expect([reply.statusCode, reply.headers['content-length'], reply.body]).toEqual([200, '9', '']);
    expect(await readings(id)).toEqual([]);
  });

  it('is read from where a repair has put it', async () => {
    const { id, content, version } = await scan({ content: pdf });
    const of = await asked([id]);
    const repaired = await harness.vault.write(parseObjectKey(`evidence/${id}.r1`), once(content));
    const now = harness.clock.now();
    await harness.owner
      .insertInto('vault_copy')
      .values({
        evidence_id: id,
        vault: 'primary',
        generation: 1,
        state: 'ready',
        driver: 'disk',
        vault_key: repaired.key,
        vault_version: repaired.versionId,
        checked_at: now,
        created_at: now,
        updated_at: now,
      } as never)
      .execute();
    const from: string[] = [];
    const app = await harness.another({
      vault: (vault) =>
        new Proxy(vault, {
          get: (target, name) => {
            if (name !== 'read') return Reflect.get(target, name).bind?.(target) ?? Reflect.get(target, name);
            return (object: typeof version, range?: never) => {
              from.push(object.key);
              return target.read(object, range);
            };
          },
        }),
    });
    expect((await read(b.legal, id, of, app)).status).toBe(200);
    expect(from).toEqual([repaired.key]);
  });
});

describe('who does not read it', () => {
  it('is whoever may not see the request: to them it is not there', async () => {
    for (const other of [b.officer, b.supervisor, b.stranger, b.head]) {
      const there = await read(other);
      const nowhere = await read(other, letter.id, newId());
      expect([there.status, there.code]).toEqual([404, 'not_found']);
      const { requestId: _, ...said } = there.reply.json();
      const { requestId: __, ...saidOfNothing } = nowhere.reply.json();
      expect(said).toEqual(saidOfNothing);
    }
    expect((await readings(letter.id)).map(({ actor }) => actor)).not.toContain(b.officer.id);
  });

  it('is an auditor, who sees that there is a scan and not the scan, on record', async () => {
    const seen = await api.read(b.auditor, request);
    expect(seen.attachments.map(({ evidence }) => evidence)).toContain(letter.id);
    expect([seen.may.readAttachments, (await api.read(b.legal, request)).may.readAttachments]).toEqual([false, true]);
    const { reply, code } = await read(b.auditor);
    expect([reply.statusCode, code, reply.json().rule]).toEqual([403, 'denied', 'administrators_never_open_footage']);
    const denied = (await eventsOf(harness, 'access.denied')).filter(({ actor }) => actor === b.auditor.id);
    expect(denied.at(-1)).toMatchObject({ subject: letter.id, data: { rule: 'administrators_never_open_footage' } });
    expect((await read(b.securityAdmin)).status).toBe(403);
  });

  it('is anybody, of what is no scan of the request', async () => {
    const elsewhere = await scan();
    for (const id of [item.id, elsewhere.id, newId()]) {
      expect((await read(b.legal, id)).code).toBe('not_found');
      expect((await read(b.archivist, id)).code).toBe('not_found');
    }
  });

  it('is its own author, of somebody else’s item or of a recording that they named as a scan', async () => {
    const ofAnother = await scan({}, b.legal);
    const recording = await makeEvidence(harness, { unit: b.county });
    await harness.owner
      .updateTable('upload')
      .set({ account_id: b.archivist.id })
      .where('id', '=', recording.id)
      .execute();
    const attachments = [ofAnother.id, recording.id].map((evidence) => ({ kind: 'other', evidence }));
    const { id } = await api.write(b.archivist, [item.id], { applicant: court, attachments });
    for (const evidence of [ofAnother.id, recording.id])
      expect((await read(b.archivist, evidence, id)).code).toBe('not_found');
  });
});

describe('nothing is shown', () => {
  /** A draft's scans can be in any state. */
  const draft = async (evidence: string) =>
    (await api.write(b.archivist, [item.id], { applicant: court, attachments: [{ kind: 'other', evidence }] })).id;

  it('of a scan that is not sealed yet, or is in quarantine', async () => {
    const arriving = await scan();
    await harness.owner.updateTable('upload').set({ state: 'sealing' }).where('id', '=', arriving.id).execute();
    expect((await read(b.archivist, arriving.id, await draft(arriving.id))).code).toBe('attachment_arriving');
    const bad = await scan({ quarantined: true });
    expect((await read(b.archivist, bad.id, await draft(bad.id))).code).toBe('not_sealed');
  });

  it('of a scan larger than a page can show, or one that was disposed of', async () => {
    const [large, gone] = [await scan(), await scan()];
    const of = await asked([large.id, gone.id]);
    await rewriting(async (tx) => {
      await tx
        .updateTable('evidence')
        .set({ size: maxAttachmentBytes + 1 })
        .where('id', '=', large.id)
        .execute();
      await sql`insert into tombstone (evidence_id, disposition_id, disposed_at, objects, event_id)
        values (${gone.id}, ${newId()}, ${harness.clock.now()}, 1, 1)`.execute(tx);
    });
    expect((await read(b.legal, large.id, of)).code).toBe('attachment_too_large');
    expect((await read(b.legal, gone.id, of)).code).toBe('attachment_disposed');
    expect([...(await readings(large.id)), ...(await readings(gone.id))]).toEqual([]);
  });

  it('while the log takes no events', async () => {
    const { id } = await scan({ content: pdf });
    const of = await asked([id]);
    await sql`revoke insert on ledger_event from fengcun_access`.execute(harness.owner);
    try {
      const { reply, code } = await read(b.legal, id, of);
      expect([reply.statusCode, code]).toEqual([503, 'not_recorded']);
      expect(reply.body).not.toContain('%PDF');
    } finally {
      await sql`grant insert on ledger_event to fengcun_access`.execute(harness.owner);
    }
    expect((await read(b.legal, id, of)).status).toBe(200);
  });

  it('while what the log was given is not published', async () => {
    const app = await harness.another({ config: { logFreshnessMs: -1 } });
    expect((await read(b.legal, letter.id, request, app)).code).toBe('log_behind');
  });

  it('of a scan that the vault does not give as it was sealed', async () => {
    const { id } = await scan();
    const of = await asked([id]);
    for (const fault of ['unreadable', 'altered'] as const) {
      const app = await harness.another({
        vault: (vault) =>
          new Proxy(vault, {
            get: (target, name) =>
              name === 'read'
                ? async function* () {
                    if (fault === 'unreadable') throw new VaultError('unavailable', 'The vault is away.');
                    yield Buffer.from('%PDF-1.5\n');
                  }
                : Reflect.get(target, name),
          }),
      });
      expect((await read(b.legal, id, of, app)).code).toBe('attachment_unreadable');
    }
    expect(await readings(id)).toEqual([]);
  });
});

/** Puts into the catalogue what its own triggers would refuse. */
async function rewriting(change: (tx: Executor) => Promise<void>): Promise<void> {
  await harness.owner.transaction().execute(async (tx) => {
    await sql`set local session_replication_role = replica`.execute(tx);
    await change(tx);
  });
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
