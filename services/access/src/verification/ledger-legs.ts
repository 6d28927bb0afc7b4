import { type Database, latestCheckpoint, type PlacedEvent, tileReader } from '@fengcun/catalog';
import { type Finding, finding } from '@fengcun/contracts';
import {
  type Checkpoint,
  openCheckpoint,
  parseCheckpoint,
  parseNote,
  TlogError,
  tileTree,
  type VerifierKey,
  verifyInclusion,
} from '@fengcun/tlog';
import { nativeHasher } from '@fengcun/tlog/node';
import { type Leg, leg } from './legs.ts';

/**
 * Whether the seal stands in the log: the leaf is hashed again from the stored entry, its proof is computed from the tiles and checked
 * against the root that the log signed. Nothing that the catalogue says about hashes is believed.
 */
export async function ledgerLegs(
  catalog: Database,
  event: PlacedEvent,
  logKeys: readonly VerifierKey[],
): Promise<Leg[]> {
  const { index } = event;
  if (index === null) return bothUnknown(finding('seal_not_placed'));
  const latest = await latestCheckpoint(catalog);
  if (!latest || latest.size <= index) return bothUnknown(finding('seal_not_published'));
  const { signature, checkpoint } = signatureLeg(latest.note, logKeys);
  if (!checkpoint) return [leg('inclusion', 'not_checked', finding('no_checkpoint')), signature];
  if (checkpoint.size <= index) {
    return [leg('inclusion', 'failed', finding('checkpoint_too_small', { size: checkpoint.size, index })), signature];
  }
  return [await inclusionLeg(catalog, event.bytes, index, checkpoint, signature.outcome === 'passed'), signature];
}

function signatureLeg(
  note: string,
  logKeys: readonly VerifierKey[],
): { signature: Leg; checkpoint: Checkpoint | null } {
  const name = 'checkpoint_signature';
  try {
    if (logKeys.length === 0) {
      const signature = leg(name, 'not_checked', finding('no_log_key'));
      return { signature, checkpoint: parseCheckpoint(parseNote(note).text) };
    }
    const { checkpoint, signedBy } = openCheckpoint(note, { logKeys });
    const by = signedBy.map((key) => key.name).join(', ');
    return { signature: leg(name, 'passed', finding('checkpoint_signed', { size: checkpoint.size, by })), checkpoint };
  } catch (error) {
    if (!(error instanceof TlogError)) throw error;
    return { signature: leg(name, 'failed', finding('checkpoint_refused', { said: error.message })), checkpoint: null };
  }
}

async function inclusionLeg(
  catalog: Database,
  entry: Uint8Array,
  index: number,
  { size, root }: Checkpoint,
  signed: boolean,
): Promise<Leg> {
  try {
    const proof = await tileTree(size, tileReader(catalog), nativeHasher).inclusionProof(index);
    verifyInclusion({ leaf: nativeHasher.leaf(entry), index, size, root, proof }, nativeHasher);
  } catch (error) {
    if (!(error instanceof TlogError)) throw error;
    return leg('inclusion', 'failed', finding('proof_refused', { said: error.message }));
  }
  return signed
    ? leg('inclusion', 'passed', finding('included', { index, size }))
    : leg('inclusion', 'not_checked', finding('included_unsigned', { index, size }));
}

const bothUnknown = (why: Finding): Leg[] => [
  leg('inclusion', 'not_checked', why),
  leg('checkpoint_signature', 'not_checked', why),
];
