import { type EvidenceRecord, readPlacedEvent, storedCopies } from '@fengcun/catalog';
import { type Finding, finding } from '@fengcun/contracts';
import type { DigestPool } from '@fengcun/digest';
import { TlogError, type VerifierKey } from '@fengcun/tlog';
import type { Access } from '../access.ts';
import { originalOf } from '../evidence/detail.ts';
import { contentLegs } from './content-legs.ts';
import { type CopyNote, noteOf, replicaLegs } from './copy-legs.ts';
import { ledgerLegs } from './ledger-legs.ts';
import { type Leg, leg, type Verdict, verdictOf } from './legs.ts';
import { lockLeg } from './lock-leg.ts';
import { readContent } from './read-content.ts';
import { sealedFacts } from './sealed-facts.ts';
import { disposedLegs } from './verify-disposed.ts';

export interface ItemVerified {
  readonly legs: readonly Leg[];
  readonly verdict: Verdict;
  /** bytes really read, over all copies */
  readonly bytesRead: number;
  /** what was learnt about single copies, to be noted beside them */
  readonly notes: readonly CopyNote[];
}

/** Reads every stored copy of the original again and checks every leg there is. */
export async function verifyItem(
  access: Access & { readonly pool: DigestPool; readonly logKeys: readonly VerifierKey[] },
  record: EvidenceRecord,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<ItemVerified> {
  const { catalog, vault, logKeys } = access;
  const event = await readPlacedEvent(catalog, record.event_id).catch(unreadable);
  if (event !== undefined && 'code' in event) return withoutSeal(event);
  const facts = sealedFacts(event, record.id);
  if ('code' in facts) return withoutSeal(facts);
  if (!event) return withoutSeal(finding('seal_missing'));
  if (record.disposed_at !== null) {
    const legs = [
      ...(await disposedLegs(catalog, record.disposed_at, facts, logKeys)),
      ...(await ledgerLegs(catalog, event, logKeys)),
      ...notYet,
    ];
    return { legs, verdict: verdictOf(legs, { lockPromised: false }), bytesRead: 0, notes: [] };
  }
  const primary = (await storedCopies(catalog, record.id)).find((copy) => copy.vault === 'primary');
  const read = await readContent(access, originalOf(record), signal, onBytes);
  const lock = await lockLeg(vault, originalOf(record), facts.vault);
  const replica = await replicaLegs(access, record, facts, signal, (bytes) => onBytes(read.bytes + bytes));
  const legs = [
    ...contentLegs(record, facts, read),
    lock,
    ...replica.legs,
    ...(await ledgerLegs(catalog, event, logKeys)),
    ...notYet,
  ];
  return {
    legs,
    verdict: verdictOf(legs, { lockPromised: facts.vault.mode !== 'none' }),
    bytesRead: read.bytes + replica.bytes,
    notes: [noteOf(primary, facts, read), replica.note].filter((note) => note !== null),
  };
}

const notYet: readonly Leg[] = [
  leg('witnesses', 'not_checked', finding('no_witnesses')),
  leg('timestamp', 'not_checked', finding('no_timestamps')),
];

/** An entry that no longer parses was altered behind the log's back: that is a finding, not a fault of ours. */
function unreadable(error: unknown): Finding {
  if (error instanceof TlogError) return finding('seal_unreadable', { said: error.message });
  throw error;
}

/** Without the log's word on what was sealed there is nothing to compare with; that alone is a failure. */
function withoutSeal(why: Finding): ItemVerified {
  const others = [
    'size',
    'sha256',
    'sm3',
    'part_tree',
    'declared',
    'lock',
    'checkpoint_signature',
    'witnesses',
    'timestamp',
  ] as const;
  const legs = [
    leg('inclusion', 'failed', why),
    ...others.map((name) => leg(name, 'not_checked', finding('nothing_to_compare'))),
  ];
  return { legs, verdict: 'fails', bytesRead: 0, notes: [] };
}
