import { type Database, type EvidenceRecord, findReadyDerivative } from '@fengcun/catalog';
import { markFaults, type Redaction, type RedactionMark } from '@fengcun/contracts';
import type { ProbeResult } from '@fengcun/media';
import { copyShapeOf, isStill } from '@fengcun/media/copy-shape';
import { problem } from '../errors.ts';
import { findProxyCopy } from '../play/proxy-copy.ts';

type Recording = Redaction['recording'];

const unknown: Recording = {
  durationMs: null,
  still: false,
  width: null,
  height: null,
  hasPicture: false,
  hasSound: false,
};

/** What is known about a recording as far as marks go; of one that was never examined nothing is. */
export async function recordingOf(catalog: Database, evidence: string): Promise<Recording> {
  const probe = await findReadyDerivative(catalog, evidence, 'probe');
  return probe ? describe(catalog, evidence, probe.data as ProbeResult) : unknown;
}

/** Throws `not_sealed`, `nothing_to_redact` or `proxy_pending` unless redacted versions can be made of the item. */
export async function requireRedactable(catalog: Database, record: EvidenceRecord): Promise<Recording> {
  if (record.state !== 'sealed') throw problem('not_sealed');
  if (record.disposed_at !== null) throw problem('nothing_to_redact');
  const probe = await findReadyDerivative(catalog, record.id, 'probe');
  if (!probe) throw problem('proxy_pending');
  const result = probe.data as ProbeResult;
  if (!copyShapeOf(result)) throw problem('nothing_to_redact');
  return describe(catalog, record.id, result);
}

/** Throws `marks_invalid` with every fault. */
export function requireGoodMarks(marks: readonly RedactionMark[], recording: Recording): void {
  const faults = markFaults(marks, recording);
  if (faults.length > 0) throw problem('marks_invalid', { extensions: { faults } });
}

async function describe(catalog: Database, evidence: string, probe: ProbeResult): Promise<Recording> {
  const { durationMs, streams } = probe;
  if (isStill(probe)) {
    // The probe does not know which way up it is.
    const shown = await findProxyCopy(catalog, { evidence, render: null });
    const { width, height } = shown?.index ?? { width: null, height: null };
    return { durationMs: null, still: true, width, height, hasPicture: true, hasSound: false };
  }
  const video = streams.find((stream) => stream.type === 'video');
  const sound = streams.some((stream) => stream.type === 'audio' && stream.channels > 0);
  return {
    durationMs: durationMs === null ? null : Math.round(durationMs),
    still: false,
    width: video?.width ?? null,
    height: video?.height ?? null,
    hasPicture: video !== undefined,
    hasSound: sound,
  };
}
