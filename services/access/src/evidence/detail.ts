import {
  type DerivativeState,
  describeDerivatives,
  type EvidenceRecord,
  findApprovedRender,
  findDescription,
  findReadyDerivative,
} from '@fengcun/catalog';
import { type Derivative, type Evidence, toldOf, toldOfNullable } from '@fengcun/contracts';
import type { Person } from '@fengcun/identity';
import { type ObjectVersion, parseObjectKey } from '@fengcun/vault';
import type { FastifyBaseLogger } from 'fastify';
import type { Access } from '../access.ts';
import { judge } from './circumstances.ts';
import { itemOf } from './item.ts';

/** The item's page: everything known about it, and what the reader may do now. */
export async function describe(
  access: Access,
  person: Person,
  record: EvidenceRecord,
  log: FastifyBaseLogger,
): Promise<Evidence> {
  const { catalog } = access;
  const [derivatives, probe, lock, judgement, description, approved] = await Promise.all([
    describeDerivatives(catalog, record.id),
    findReadyDerivative(catalog, record.id, 'probe'),
    describeLock(access, record, log),
    judge(access, person, itemOf(record)),
    findDescription(catalog, record.id),
    findApprovedRender(catalog, record.id),
  ]);
  const verify = judgement.decide('verify');
  const workOn = (work: 'redact' | 'review_redaction') => {
    const { outcome, rule } = judgement.decide(work);
    return { allowed: outcome === 'allow', rule };
  };
  const stateOf = (kind: DerivativeState['kind']) => derivatives.find((derivative) => derivative.kind === kind);
  return {
    id: record.id,
    name: record.name,
    title: description.title,
    place: description.place,
    tags: [...description.tags],
    case: description.case && { id: description.case.id, number: description.case.number },
    kind: record.kind as Evidence['kind'],
    state: record.state,
    size: record.size,
    unit: { id: record.unit_id, name: record.unit_name },
    device: record.device_id === null ? null : { id: record.device_id, serial: record.device_serial ?? '' },
    officer: record.officer_number,
    keyMark: record.key_mark,
    capturedAt: record.captured_at.toISOString(),
    sealedAt: record.sealed_at.toISOString(),
    durationMs: stateOf('probe')?.duration_ms ?? stateOf('proxy')?.duration_ms ?? null,
    proxy: stateOf('proxy')?.state ?? 'nothing_to_play',
    ...(record.disposed_at === null ? {} : { disposedAt: record.disposed_at.toISOString() }),
    quarantine:
      record.quarantine_code === null
        ? null
        : {
            code: record.quarantine_code as NonNullable<Evidence['quarantine']>['code'],
            ...toldOf(record.quarantine_detail ?? ''),
          },
    offload: record.offload_id,
    dock: record.dock_id === null ? null : { id: record.dock_id, name: record.dock_name ?? '' },
    uploadedBy: record.account_id === null ? null : { id: record.account_id, name: record.account_name ?? '' },
    recordedFrom: record.recorded_from?.toISOString() ?? null,
    recordedTo: record.recorded_to?.toISOString() ?? null,
    deviceClockOffsetMs: record.device_clock_offset_ms,
    receivedAt: record.received_at.toISOString(),
    digests: {
      declared: record.declared_sha256 ? { sha256: record.declared_sha256.toString('hex') } : null,
      received: { parts: record.received_parts, sha256: record.received_sha256?.toString('hex') ?? null },
      readBack: {
        bytes: record.read_back_bytes,
        sha256: record.sha256.toString('hex'),
        sm3: record.sm3.toString('hex'),
        tree: { leafSize: record.tree_leaf_size, root: record.tree_root.toString('hex') },
      },
    },
    lock,
    metadata: record.metadata as Record<string, string>,
    derivatives: derivatives.map(toDerivative),
    probe: rawProbe(probe?.data),
    entryIndex: record.entry_index,
    actions: {
      play: judgement.permission('play'),
      verify: { allowed: verify.outcome === 'allow', rule: verify.rule },
      download_proxy: judgement.permission('download_proxy'),
      download_original: judgement.permission('download_original'),
      package: judgement.permission('package'),
      disclose: judgement.permission('disclose'),
      publish: judgement.permission('publish', { redacted: approved !== undefined }),
      redact: workOn('redact'),
      review_redaction: workOn('review_redaction'),
    },
  };
}

export const toDerivative = (state: DerivativeState): Derivative => ({
  kind: state.kind,
  state: state.state,
  reason: state.reason,
  ...toldOfNullable(state.detail),
  attempts: state.attempts,
  updatedAt: state.updated_at.toISOString(),
});

/** The stored version that was sealed. */
export const originalOf = (record: EvidenceRecord): ObjectVersion => ({
  key: parseObjectKey(record.vault_key),
  versionId: record.vault_version,
  size: record.size,
});

/** The lock as the vault says it is now. While the vault cannot say: as it was read back at sealing, and of holds nothing is said. */
async function describeLock(
  { vault }: Access,
  record: EvidenceRecord,
  log: FastifyBaseLogger,
): Promise<Evidence['lock']> {
  const { vault_driver: driver, vault_version: version, protection } = record;
  try {
    const { mode, retainUntil, legalHold } = await vault.protection(originalOf(record));
    return { driver, version, protection, mode, retainUntil: retainUntil?.toISOString() ?? null, legalHold };
  } catch (error) {
    log.warn({ err: error, evidence: record.id }, 'the vault did not say how an original is locked');
    const retainUntil = record.retain_until?.toISOString() ?? null;
    return { driver, version, protection, mode: record.lock_mode, retainUntil, legalHold: null };
  }
}

/** ffprobe's own document out of the probe's. */
function rawProbe(data: unknown): unknown {
  return typeof data === 'object' && data !== null && 'raw' in data ? data.raw : null;
}
