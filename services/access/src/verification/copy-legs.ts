import { type EvidenceRecord, type StoredCopy, storedCopies, type VaultCopyFinding } from '@fengcun/catalog';
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
  if (read.kind === 'damaged') return { copy, finding: { outcome: 'damaged', detail: read.detail } };
  const { sha256, sm3 } = read.digests;
  const same = read.bytes === facts.size && sha256 === facts.sha256 && sm3 === facts.sm3;
  if (same) return { copy, finding: { outcome: 'good' } };
  const detail = `SHA-256 is ${sha256} over ${read.bytes} bytes; ${facts.sha256} was sealed.`;
  return { copy, finding: { outcome: 'damaged', detail } };
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
  const unknown = (detail: string) => ({
    legs: [leg('replica', 'not_checked', detail), leg('replica_lock', 'not_checked', detail)],
    note: null,
    bytes: 0,
  });
  if (copy === undefined && access.replica === null) return { legs: [], note: null, bytes: 0 };
  if (copy === undefined || copy.versionId === null) {
    return unknown(`The second copy has not been made yet.${copy?.detail ? ` ${copy.detail}` : ''}`);
  }
  if (access.replica === null) return unknown('There is a second copy, but this service was not told where.');
  const version = { key: parseObjectKey(copy.key), versionId: copy.versionId, size: facts.size };
  const read = await readContent({ vault: access.replica, pool: access.pool }, version, signal, onBytes);
  const note = noteOf(copy, facts, read);
  const lock = await lockLeg(access.replica, version, facts.vault);
  return { legs: [contentLeg(read, note), { ...lock, leg: 'replica_lock' }], note, bytes: read.bytes };
}

function contentLeg(read: ContentRead, note: CopyNote | null): Leg {
  if (read.kind === 'unread') return leg('replica', 'not_checked', `${read.bytes} bytes were read. ${read.detail}`);
  if (note?.finding.outcome === 'good') {
    return leg('replica', 'passed', `Size, SHA-256 and SM3 are those that were sealed, over all ${read.bytes} bytes.`);
  }
  return leg('replica', 'failed', note?.finding.outcome === 'damaged' ? note.finding.detail : 'It could not be read.');
}
