import { type EvidenceRecord, type StoredCopy, storedCopies, type VaultCopyFinding } from '@fengcun/catalog';
import { type Finding, finding, storedFindings } from '@fengcun/contracts';
import type { DigestPool } from '@fengcun/digest';
import { parseObjectKey } from '@fengcun/vault';
import type { Access } from '../access.ts';
import { type Leg, leg } from './legs.ts';
import { lockLeg } from './lock-leg.ts';
import { type ContentRead, readContent } from './read-content.ts';
import type { SealedFacts } from './sealed-facts.ts';

/** What reading a copy says about it, to be noted beside it. */
export interface CopyNote {
  readonly copy: StoredCopy;
  readonly finding: VaultCopyFinding;
}

/** What reading the copy that is read anyway says about it; null when nothing was learnt. */
export function noteOf(copy: StoredCopy | undefined, facts: SealedFacts, read: ContentRead): CopyNote | null {
  if (copy === undefined || read.kind === 'unread') return null;
  if (read.kind === 'damaged') return { copy, finding: { outcome: 'damaged', findings: [read.why] } };
  const { sha256, sm3 } = read.digests;
  const same = read.bytes === facts.size && sha256 === facts.sha256 && sm3 === facts.sm3;
  if (same) return { copy, finding: { outcome: 'good' } };
  const differs = finding('copy_differs', { sealed: facts.sha256, found: sha256, read: read.bytes });
  return { copy, finding: { outcome: 'damaged', findings: [differs] } };
}

/** The second copy, read whole and compared with what the log says was sealed, and its lock. No legs where there is to be none. */
export async function replicaLegs(
  access: Access & { readonly pool: DigestPool },
  record: EvidenceRecord,
  facts: SealedFacts,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<{ readonly legs: readonly Leg[]; readonly note: CopyNote | null; readonly bytes: number }> {
  const copy = (await storedCopies(access.catalog, record.id)).find(({ vault }) => vault === 'replica');
  const unknown = (...why: readonly Finding[]) => ({
    legs: [leg('replica', 'not_checked', ...why), leg('replica_lock', 'not_checked', ...why)],
    note: null,
    bytes: 0,
  });
  if (copy === undefined && access.replica === null) return { legs: [], note: null, bytes: 0 };
  if (copy === undefined || copy.versionId === null) {
    return unknown(finding('second_copy_pending'), ...(storedFindings(copy?.detail ?? '') ?? []));
  }
  if (access.replica === null) return unknown(finding('replica_unknown'));
  const version = { key: parseObjectKey(copy.key), versionId: copy.versionId, size: facts.size };
  const read = await readContent({ vault: access.replica, pool: access.pool }, version, signal, onBytes);
  const note = noteOf(copy, facts, read);
  const lock = await lockLeg(access.replica, version, facts.vault);
  return { legs: [contentLeg(read, note, facts.size), { ...lock, leg: 'replica_lock' }], note, bytes: read.bytes };
}

function contentLeg(read: ContentRead, note: CopyNote | null, size: number): Leg {
  if (read.kind === 'unread')
    return leg('replica', 'not_checked', finding('read_of', { read: read.bytes, size }), read.why);
  if (note?.finding.outcome === 'good') {
    return leg('replica', 'passed', finding('copy_same', { read: read.bytes }));
  }
  const why = note?.finding.outcome === 'damaged' ? note.finding.findings : [finding('copy_unreadable')];
  return leg('replica', 'failed', ...why);
}
