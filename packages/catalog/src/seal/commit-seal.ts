import type { EventDataOf, EventDraft, Finding, QuarantineCode } from '@fengcun/contracts';
import { inEnglish, personal, storeFindings } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import { raiseAlarm } from '../alarm/raise.ts';
import { notifyChange } from '../change/notify.ts';
import type { Database, Executor } from '../database/connect.ts';
import { appendEvent } from '../ledger/append-event.ts';
import { enqueue } from '../outbox/enqueue.ts';
import { wantReplica } from '../vault-copy/make-copy.ts';
import type { SealClaim } from './claim-seal.ts';

/** What reading the stored original back has shown, and how it is locked. Digests are lower-case hex. */
export interface SealFinding {
  readonly verdict:
    | { readonly state: 'sealed' }
    | { readonly state: 'quarantined'; readonly code: QuarantineCode; readonly findings: readonly Finding[] };
  readonly version: string;
  readonly size: number;
  readonly sha256: string;
  readonly sm3: string;
  readonly tree: { readonly root: string; readonly leafSize: number; readonly key: string; readonly version: string };
  /** bytes of that version really read back */
  readonly readBackBytes: number;
  readonly driver: string;
  readonly protection: 'enforced' | 'advisory';
  /** as read back from the vault */
  readonly lock: { readonly mode: 'compliance' | 'none'; readonly retainUntil: Date | null };
}

const derivativeKinds = ['probe', 'proxy', 'poster', 'thumbnails', 'waveform'] as const;

/**
 * Writes the seal, or the quarantine, in one transaction: evidence, event, derivatives to be made, the job that starts them, the upload's
 * end. False: the claim was taken over by another worker, and nothing was written.
 */
export async function commitSeal(
  db: Database,
  claim: SealClaim,
  finding: SealFinding,
  by: {
    service: string;
    clock: Clock /** where a second copy is to go, or null */;
    replica: { driver: string } | null;
  },
): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const sealedAt = by.clock.now();
    const { numUpdatedRows } = await trx
      .updateTable('upload')
      .set({ state: finding.verdict.state, seal_until: null, updated_at: sealedAt })
      .where('id', '=', claim.id)
      .where('state', '=', 'sealing')
      .where('seal_token', '=', claim.token)
      .executeTakeFirst();
    if (numUpdatedRows !== 1n) return false;
    const eventId = await appendEvent(trx, eventOf(claim, finding, sealedAt, by.service), by.clock);
    await insertEvidence(trx, claim, finding, sealedAt, eventId);
    await trx
      .insertInto('derivative')
      .values(
        derivativeKinds.map((kind) => ({
          evidence_id: claim.id,
          kind,
          state: 'pending' as const,
          updated_at: sealedAt,
        })),
      )
      .execute();
    await enqueue(trx, 'probe', claim.id, { evidence: claim.id });
    if (by.replica) {
      await wantReplica(trx, { evidence: claim.id, key: claim.transfer.key, driver: by.replica.driver }, by.clock);
    }
    if (finding.verdict.state === 'quarantined') {
      const draft = { kind: 'quarantined', unit: claim.unit, subject: { kind: 'evidence', id: claim.id } } as const;
      await raiseAlarm(trx, { ...draft, findings: finding.verdict.findings, by: by.service }, by.clock);
    }
    await notifyChange(trx, {
      kind: 'upload',
      id: claim.id,
      unit: claim.unit,
      offload: claim.offload?.id ?? null,
      name: claim.name,
      state: finding.verdict.state,
      offset: finding.size,
      size: finding.size,
    });
    await notifyChange(trx, { kind: 'evidence', id: claim.id, unit: claim.unit });
    if (claim.offload) await notifyChange(trx, { kind: 'offload', id: claim.offload.id, unit: claim.unit });
    return true;
  });
}

function eventOf(claim: SealClaim, finding: SealFinding, sealedAt: Date, service: string): EventDraft {
  const common = {
    actor: { kind: 'system', id: service, name: null },
    subject: { kind: 'evidence', id: claim.id },
  } as const;
  const declared = declaredOf(claim);
  const data = {
    evidence: claim.id,
    name: personal(claim.name),
    kind: claim.kind,
    size: finding.size,
    sha256: finding.sha256,
    sm3: finding.sm3,
    tree: { leafSize: finding.tree.leafSize, root: finding.tree.root },
    declared: declared === null ? null : { sha256: declared },
    received: { parts: claim.parts.length, sha256: claim.receivedSha256 },
    readBack: { bytes: finding.readBackBytes },
    unit: claim.unit,
    device: claim.device,
    dock: claim.dock,
    officer: claim.officer === null ? null : personal(claim.officer),
    offload: claim.offload?.id ?? null,
    times: {
      recordedFrom: instant(claim.recordedFrom),
      recordedTo: instant(claim.recordedTo),
      received: claim.receivedAt.toISOString(),
      sealed: sealedAt.toISOString(),
      deviceClockOffsetMs: claim.offload?.deviceClockOffsetMs ?? null,
    },
    vault: vaultOf(finding),
  };
  if (finding.verdict.state === 'sealed') return { ...common, type: 'evidence.sealed', data };
  const { code, findings } = finding.verdict;
  return { ...common, type: 'evidence.quarantined', data: { ...data, reason: { code, detail: inEnglish(findings) } } };
}

/** The sender's own declaration for this upload, or the announcement's; null is *not declared*, never *equal*. */
const declaredOf = (claim: SealClaim): string | null => claim.declaredSha256 ?? claim.announced?.sha256 ?? null;

const instant = (date: Date | null): string | null => date?.toISOString() ?? null;

const vaultOf = (finding: SealFinding): EventDataOf<'evidence.sealed'>['vault'] => ({
  driver: finding.driver,
  version: finding.version,
  protection: finding.protection,
  mode: finding.lock.mode,
  retainUntil: instant(finding.lock.retainUntil),
});

async function insertEvidence(
  db: Executor,
  claim: SealClaim,
  finding: SealFinding,
  sealedAt: Date,
  eventId: number,
): Promise<void> {
  const { verdict } = finding;
  const declared = declaredOf(claim);
  await db
    .insertInto('evidence')
    .values({
      id: claim.id,
      state: verdict.state,
      quarantine_code: verdict.state === 'quarantined' ? verdict.code : null,
      quarantine_detail: verdict.state === 'quarantined' ? storeFindings(verdict.findings) : null,
      unit_id: claim.unit,
      device_id: claim.device?.id ?? null,
      device_serial: claim.device?.serial ?? null,
      offload_id: claim.offload?.id ?? null,
      dock_id: claim.dock?.id ?? null,
      account_id: claim.account,
      officer_number: claim.officer,
      name: claim.name,
      kind: claim.kind,
      size: finding.size,
      key_mark: claim.keyMark,
      captured_at: claim.recordedFrom ?? claim.receivedAt,
      recorded_from: claim.recordedFrom,
      recorded_to: claim.recordedTo,
      device_clock_offset_ms: claim.offload?.deviceClockOffsetMs ?? null,
      received_at: claim.receivedAt,
      sealed_at: sealedAt,
      declared_sha256: declared === null ? null : Buffer.from(declared, 'hex'),
      received_sha256: claim.receivedSha256 === null ? null : Buffer.from(claim.receivedSha256, 'hex'),
      received_parts: claim.parts.length,
      read_back_bytes: finding.readBackBytes,
      sha256: Buffer.from(finding.sha256, 'hex'),
      sm3: Buffer.from(finding.sm3, 'hex'),
      tree_root: Buffer.from(finding.tree.root, 'hex'),
      tree_leaf_size: finding.tree.leafSize,
      tree_key: finding.tree.key,
      tree_version: finding.tree.version,
      vault_driver: finding.driver,
      vault_key: claim.transfer.key,
      vault_version: finding.version,
      protection: finding.protection,
      lock_mode: finding.lock.mode,
      retain_until: finding.lock.retainUntil,
      event_id: eventId,
    })
    .execute();
}
