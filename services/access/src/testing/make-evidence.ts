import { createCipheriv, randomBytes } from 'node:crypto';
import { appendEvent, newId } from '@fengcun/catalog';
import { type EventDataOf, type EventDraft, personal } from '@fengcun/contracts';
import { openContentDigest } from '@fengcun/digest';
import { makeUnit, type TestUnit } from '@fengcun/identity/testing';
import type { StillIndex } from '@fengcun/media';
import { type ObjectVersion, parseObjectKey } from '@fengcun/vault';
import type { Harness } from './harness.ts';
import { proxyIndexOf } from './proxy-index.ts';

export interface EvidenceOptions {
  readonly unit?: TestUnit;
  readonly content?: Uint8Array;
  readonly name?: string;
  readonly kind?: 'video' | 'audio' | 'image' | 'document' | 'other';
  readonly capturedAt?: Date;
  readonly officer?: string;
  readonly device?: { readonly id: string; readonly serial: string };
  readonly keyMark?: boolean;
  readonly quarantined?: boolean;
  /** SHA-256, hex; what was stored unless said */
  readonly declared?: string | null;
  readonly proxy?: 'ready' | 'pending' | 'failed' | 'nothing_to_play';
  /** the document beside a sheet of small pictures; without it there is no sheet */
  readonly thumbnails?: object;
  /** what is looked at of it, where it is a still picture of 600 by 800 pixels */
  readonly still?: Buffer;
  readonly locked?: boolean;
}

export interface TestEvidence {
  readonly id: string;
  readonly unit: TestUnit;
  readonly content: Uint8Array;
  readonly version: ObjectVersion;
  readonly sha256: string;
  /** what the proxy's object holds, and its key */
  readonly proxyBytes: Buffer;
  readonly proxyKey: Buffer;
}

/** What the worker leaves behind when it has sealed a recording and made its playable copy. */
export async function makeEvidence(harness: Harness, options: EvidenceOptions = {}): Promise<TestEvidence> {
  const { owner, vault, clock } = harness;
  const unit = options.unit ?? (await makeUnit(owner));
  const { content = randomBytes(5000), name = '执法记录 01.mp4', kind = 'video', quarantined = false } = options;
  const id = newId();
  const version = await vault.write(parseObjectKey(`evidence/${id}`), once(content));
  const retainUntil = options.locked === false ? null : new Date(Math.ceil(Date.now() / 1000) * 1000 + 86_400_000);
  if (retainUntil) await vault.retain(version, retainUntil);
  const digest = openContentDigest({ sha256: true, sm3: true, partSize: null, tree: true });
  await digest.update(content);
  const digests = await digest.finish();
  const declared = options.declared === undefined ? digests.sha256 : options.declared;
  const now = clock.now();
  const data: EventDataOf<'evidence.sealed'> & { name: unknown } = {
    evidence: id,
    name: personal(name) as never,
    kind,
    size: content.length,
    sha256: digests.sha256,
    sm3: digests.sm3,
    tree: { leafSize: digests.tree.leafSize, root: digests.tree.root },
    declared: declared === null ? null : { sha256: declared },
    received: { parts: 1, sha256: digests.sha256 },
    readBack: { bytes: content.length },
    unit: unit.id,
    device: options.device ?? null,
    dock: null,
    officer: null,
    offload: null,
    times: {
      recordedFrom: null,
      recordedTo: null,
      received: now.toISOString(),
      sealed: now.toISOString(),
      deviceClockOffsetMs: null,
    },
    vault: {
      driver: 'disk',
      version: version.versionId,
      protection: 'advisory',
      mode: retainUntil ? 'compliance' : 'none',
      retainUntil: retainUntil?.toISOString() ?? null,
    },
  };
  const proxyBytes = randomBytes(100 + 3 * 1000);
  const proxyKey = randomBytes(16);
  await owner.transaction().execute(async (tx) => {
    const account = newId();
    await tx
      .insertInto('account')
      .values({
        id: account,
        login: account,
        name: '上传者',
        officer_number: null,
        unit_id: unit.id,
        password_hash: '',
        locked_until: null,
        disabled_at: null,
        created_at: now,
      })
      .execute();
    await tx
      .insertInto('upload')
      .values({
        id,
        unit_id: unit.id,
        account_id: account,
        name,
        kind,
        size: content.length,
        metadata: JSON.stringify({ filename: name }),
        part_size: 5 * 1024 * 1024,
        vault_key: version.key,
        vault_transfer: id,
        state: quarantined ? 'quarantined' : 'sealed',
        created_at: now,
        updated_at: now,
        expires_at: now,
      })
      .execute();
    const event = await appendEvent(
      tx,
      {
        type: quarantined ? 'evidence.quarantined' : 'evidence.sealed',
        actor: { kind: 'system', id: 'worker', name: null },
        subject: { kind: 'evidence', id },
        data: quarantined ? { ...data, reason: { code: 'declared_digest_differs', detail: 'x' } } : data,
      } as unknown as EventDraft,
      clock,
    );
    await tx
      .insertInto('evidence')
      .values({
        id,
        state: quarantined ? 'quarantined' : 'sealed',
        quarantine_code: quarantined ? 'declared_digest_differs' : null,
        quarantine_detail: quarantined ? 'x' : null,
        unit_id: unit.id,
        device_id: options.device?.id ?? null,
        device_serial: options.device?.serial ?? null,
        offload_id: null,
        dock_id: null,
        account_id: account,
        officer_number: options.officer ?? null,
        name,
        kind,
        size: content.length,
        key_mark: options.keyMark ?? false,
        captured_at: options.capturedAt ?? now,
        recorded_from: null,
        recorded_to: null,
        device_clock_offset_ms: null,
        received_at: now,
        sealed_at: now,
        declared_sha256: declared === null ? null : Buffer.from(declared, 'hex'),
        received_sha256: Buffer.from(digests.sha256, 'hex'),
        received_parts: 1,
        read_back_bytes: content.length,
        sha256: Buffer.from(digests.sha256, 'hex'),
        sm3: Buffer.from(digests.sm3, 'hex'),
        tree_root: Buffer.from(digests.tree.root, 'hex'),
        tree_leaf_size: digests.tree.leafSize,
        tree_key: null,
        tree_version: null,
        vault_driver: 'disk',
        vault_key: version.key,
        vault_version: version.versionId,
        protection: 'advisory',
        lock_mode: retainUntil ? 'compliance' : 'none',
        retain_until: retainUntil,
        event_id: event,
      })
      .execute();
    await tx.insertInto('proxy_key').values({ evidence_id: id, key: proxyKey }).execute();
  });
  if (options.still) await makeStill(harness, id, options.still, proxyKey);
  else await makeDerivatives(harness, id, options.proxy ?? 'ready', proxyBytes);
  if (options.thumbnails) await makeThumbnails(harness, id, options.thumbnails);
  return { id, unit, content, version, sha256: digests.sha256, proxyBytes, proxyKey };
}

async function makeStill({ owner, vault, clock }: Harness, id: string, picture: Buffer, key: Buffer): Promise<void> {
  const { index, bytes } = sealStill(picture, key);
  const object = await vault.write(parseObjectKey(`evidence/${id}.proxy`), once(bytes));
  const common = { evidence_id: id, updated_at: clock.now() };
  const playable = { state: 'nothing-to-play', reason: 'image', detail: 'A still picture.', format: 'JPEG' };
  // Taken upright: the probe does not know.
  const streams = [{ type: 'video', index: 0, width: 800, height: 600 }];
  const probe = { kind: 'image', container: 'jpeg_pipe', durationMs: null, streams, playable, raw: {} };
  const at = { vault_key: object.key, vault_version: object.versionId, vault_size: object.size };
  await owner
    .insertInto('derivative')
    .values([
      { ...common, kind: 'probe', state: 'ready', data: JSON.stringify(probe) },
      { ...common, kind: 'proxy', state: 'ready', data: JSON.stringify(index), ...at },
      { ...common, kind: 'poster', state: 'nothing_to_play', reason: 'image', detail: 'A still picture.' },
    ])
    .execute();
}

/** A picture of 600 by 800 pixels as the worker keeps it to be looked at. */
export function sealStill(picture: Buffer, key: Buffer): { readonly index: StillIndex; readonly bytes: Buffer } {
  const iv = randomBytes(16);
  const cipher = createCipheriv('aes-128-cbc', key, iv);
  const bytes = Buffer.concat([cipher.update(picture), cipher.final()]);
  const index: StillIndex = {
    version: 1,
    still: { mediaType: 'image/jpeg', size: picture.length },
    width: 600,
    height: 800,
    encryption: { method: 'AES-128', baseIv: iv.toString('hex') },
    segments: [{ offset: 0, length: bytes.length, durationMs: 1 }],
    totalBytes: bytes.length,
  };
  return { index, bytes };
}

async function makeDerivatives(
  { owner, vault, clock }: Harness,
  id: string,
  state: 'ready' | 'pending' | 'failed' | 'nothing_to_play',
  bytes: Buffer,
): Promise<void> {
  const updated = { evidence_id: id, updated_at: clock.now() };
  const probe = {
    kind: 'video',
    container: 'mov',
    durationMs: 18_000,
    streams: [{ type: 'video', width: 1280, height: 720 }],
    playable: { state: 'ready-as-is' },
    raw: { format: { format_name: 'mov' }, streams: [] },
  };
  await owner
    .insertInto('derivative')
    .values({ ...updated, kind: 'probe', state: 'ready', data: JSON.stringify(probe) })
    .execute();
  if (state !== 'ready') {
    const settled = state === 'pending' ? {} : { reason: 'ffmpeg_failed', detail: 'It would not.' };
    await owner
      .insertInto('derivative')
      .values({ ...updated, kind: 'proxy', state, ...settled })
      .execute();
    return;
  }
  const index = proxyIndexOf(bytes.length);
  const proxy = await vault.write(parseObjectKey(`evidence/${id}.proxy`), once(bytes));
  const poster = await vault.write(parseObjectKey(`evidence/${id}.poster`), once(Buffer.from('jpeg')));
  const at = (object: ObjectVersion) => ({
    vault_key: object.key,
    vault_version: object.versionId,
    vault_size: object.size,
  });
  await owner
    .insertInto('derivative')
    .values([
      { ...updated, kind: 'proxy', state: 'ready', data: JSON.stringify(index), ...at(proxy) },
      { ...updated, kind: 'poster', state: 'ready', data: JSON.stringify({ mediaType: 'image/jpeg' }), ...at(poster) },
    ])
    .execute();
}

async function makeThumbnails({ owner, vault, clock }: Harness, id: string, data: object): Promise<void> {
  const { key, versionId, size } = await vault.write(
    parseObjectKey(`evidence/${id}.thumbnails`),
    once(Buffer.from('sheet')),
  );
  await owner
    .insertInto('derivative')
    .values({
      evidence_id: id,
      updated_at: clock.now(),
      kind: 'thumbnails',
      state: 'ready',
      data: JSON.stringify(data),
      vault_key: key,
      vault_version: versionId,
      vault_size: size,
    })
    .execute();
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
