import { asEntry, formatEntry, isCommitment, isInstant, type JsonValue, type LogEntry } from '@fengcun/tlog';
import { Fields, malformed } from './fields.ts';

/** What is said of an original at the moment of sealing: the parts of `evidence.sealed` v1 that can be checked or must be shown. */
export interface SealedEvidence {
  readonly evidence: string;
  /** bytes */
  readonly size: number;
  readonly sha256: string;
  readonly sm3: string;
  readonly tree: { readonly leafSize: number; readonly root: string };
  /** null: the sender declared no digest */
  readonly declared: { readonly sha256: string } | null;
  /** `sha256` null: received in pieces, each digested, never as a whole */
  readonly received: { readonly sha256: string | null; readonly parts: number };
  readonly readBack: { readonly bytes: number };
  readonly sealedAt: string;
  readonly vault: {
    readonly driver: string;
    readonly version: string;
    readonly protection: 'enforced' | 'advisory';
    readonly mode: 'compliance' | 'none';
    readonly retainUntil: string | null;
  };
}

export interface SealedEntry {
  readonly entry: LogEntry;
  /** the canonical bytes, which the log hashed */
  readonly bytes: Uint8Array;
  readonly sealed: SealedEvidence;
}

/**
 * Reads the entry of a receipt. Members that a later version adds to `data` are let pass: unlike the receipt's own, they are covered by
 * the leaf hash. Throws `TlogError` or `VerifierError` `receipt_malformed`.
 */
export function parseSealedEntry(value: JsonValue): SealedEntry {
  const entry = asEntry(value);
  const bytes = formatEntry(entry);
  if (entry.type !== 'evidence.sealed') {
    const type = JSON.stringify(entry.type.slice(0, 60));
    throw malformed(`条目是 ${type}，不是 evidence.sealed`, `the entry is ${type}, not evidence.sealed`);
  }
  const sealed = parseData(new Fields(entry.data, 'entry.data'));
  const subject = new Fields(entry.subject, 'entry.subject');
  if (subject.text('kind') !== 'evidence' || subject.text('id') !== sealed.evidence) {
    throw malformed(
      '条目的主体与其内容不是同一份证据',
      'the entry is about one piece of evidence and describes another',
    );
  }
  return { entry, bytes, sealed };
}

function parseData(data: Fields): SealedEvidence {
  const evidence = data.text('evidence');
  if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(evidence))
    throw malformed('evidence 不是 UUID', 'evidence is not a UUID');
  if (!isCommitment(data.raw('name'))) throw malformed('name 不是承诺值', 'name is not a commitment');
  if (!data.missing('officer') && !isCommitment(data.raw('officer')))
    throw malformed('officer 不是承诺值', 'officer is not a commitment');
  const tree = data.object('tree');
  const leafSize = tree.count('leafSize');
  if (leafSize === 0) throw malformed('tree.leafSize 为零', 'tree.leafSize is zero');
  const received = data.object('received');
  const sealedAt = data.object('times').text('sealed');
  if (!isInstant(sealedAt)) throw malformed('times.sealed 不是 UTC 时间', 'times.sealed is not a time in UTC');
  return {
    evidence,
    size: data.count('size'),
    sha256: data.digest('sha256'),
    sm3: data.digest('sm3'),
    tree: { leafSize, root: tree.digest('root') },
    declared: data.missing('declared') ? null : { sha256: data.object('declared').digest('sha256') },
    received: { sha256: received.missing('sha256') ? null : received.digest('sha256'), parts: received.count('parts') },
    readBack: { bytes: data.object('readBack').count('bytes') },
    sealedAt,
    vault: parseVault(data.object('vault')),
  };
}

function parseVault(vault: Fields): SealedEvidence['vault'] {
  const protection = vault.text('protection');
  const mode = vault.text('mode');
  if (protection !== 'enforced' && protection !== 'advisory') {
    throw malformed('vault.protection 应为 enforced 或 advisory', 'vault.protection should be enforced or advisory');
  }
  if (mode !== 'compliance' && mode !== 'none') {
    throw malformed('vault.mode 应为 compliance 或 none', 'vault.mode should be compliance or none');
  }
  return {
    driver: vault.text('driver'),
    version: vault.text('version'),
    protection,
    mode,
    retainUntil: vault.missing('retainUntil') ? null : vault.text('retainUntil'),
  };
}
