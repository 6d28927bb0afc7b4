import { appendEvent } from '@fengcun/catalog';
import { personal } from '@fengcun/contracts';
import { systemClock } from '@fengcun/runtime';
import { type Harness, rowOf } from './harness.ts';

/** Leaves behind what the worker does when it has sealed an upload, or put it into quarantine; answers the event's number. */
export async function seal(
  harness: Harness,
  path: string,
  state: 'sealed' | 'quarantined' = 'sealed',
): Promise<number> {
  const row = await rowOf(harness, path);
  const { owner } = harness;
  const now = new Date();
  const digest = row.declared_sha256 ?? Buffer.alloc(32);
  const common = {
    actor: { kind: 'system', id: 'test', name: null },
    subject: { kind: 'evidence', id: row.id },
  } as const;
  const data = {
    evidence: row.id,
    name: personal(row.name),
    kind: row.kind,
    size: row.size ?? 0,
    sha256: digest.toString('hex'),
    sm3: '0'.repeat(64),
    tree: { leafSize: 4_194_304, root: '0'.repeat(64) },
    declared: null,
    received: { parts: 1, sha256: null },
    readBack: { bytes: row.size ?? 0 },
    unit: row.unit_id,
    device: null,
    dock: null,
    officer: null,
    offload: row.offload_id,
    times: {
      recordedFrom: null,
      recordedTo: null,
      received: now.toISOString(),
      sealed: now.toISOString(),
      deviceClockOffsetMs: null,
    },
    vault: { driver: 'disk', version: '1', protection: 'advisory', mode: 'compliance', retainUntil: null },
  } as const;
  await owner.updateTable('upload').set({ state }).where('id', '=', row.id).execute();
  const eventId = await appendEvent(
    owner,
    state === 'sealed'
      ? { ...common, type: 'evidence.sealed', data }
      : {
          ...common,
          type: 'evidence.quarantined',
          data: { ...data, reason: { code: 'declared_digest_differs', detail: 'test' } },
        },
    systemClock,
  );
  await owner
    .insertInto('evidence')
    .values({
      id: row.id,
      state,
      unit_id: row.unit_id,
      device_id: row.device_id,
      offload_id: row.offload_id,
      dock_id: row.dock_id,
      name: row.name,
      kind: row.kind,
      size: row.size ?? 0,
      key_mark: false,
      captured_at: now,
      received_at: now,
      sealed_at: now,
      declared_sha256: row.declared_sha256,
      received_parts: 1,
      read_back_bytes: row.size ?? 0,
      sha256: digest,
      sm3: Buffer.alloc(32),
      tree_root: Buffer.alloc(32),
      tree_leaf_size: 4_194_304,
      vault_driver: 'disk',
      vault_key: row.vault_key,
      vault_version: '1',
      protection: 'advisory',
      lock_mode: 'compliance',
      event_id: eventId,
      quarantine_code: state === 'sealed' ? null : 'declared_digest_differs',
      quarantine_detail: null,
      officer_number: null,
      account_id: row.account_id,
      device_serial: null,
      recorded_from: null,
      recorded_to: null,
      device_clock_offset_ms: null,
      received_sha256: null,
      tree_key: null,
      tree_version: null,
      retain_until: null,
    })
    .execute();
  return eventId;
}
