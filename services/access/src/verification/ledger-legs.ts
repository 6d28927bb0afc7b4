import { type Database, latestCheckpoint, type PlacedEvent, tileReader } from '@fengcun/catalog';
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
  if (index === null) return bothUnknown('The seal has not been placed in the log yet; try again in a few seconds.');
  const latest = await latestCheckpoint(catalog);
  if (!latest || latest.size <= index)
    return bothUnknown('No signed checkpoint covers the seal yet; try again in a few seconds.');
  const { signature, checkpoint } = signatureLeg(latest.note, logKeys);
  if (!checkpoint) return [leg('inclusion', 'not_checked', 'There is no checkpoint to prove it against.'), signature];
  if (checkpoint.size <= index) {
    return [
      leg('inclusion', 'failed', `The signed checkpoint covers ${checkpoint.size} entries only, not entry ${index}.`),
      signature,
    ];
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
      const signature = leg(name, 'not_checked', 'This service was given no key of the log to check signatures with.');
      return { signature, checkpoint: parseCheckpoint(parseNote(note).text) };
    }
    const { checkpoint, signedBy } = openCheckpoint(note, { logKeys });
    const by = signedBy.map((key) => key.name).join(', ');
    return { signature: leg(name, 'passed', `Checkpoint of ${checkpoint.size} entries, signed by ${by}.`), checkpoint };
  } catch (error) {
    if (!(error instanceof TlogError)) throw error;
    return { signature: leg(name, 'failed', error.message), checkpoint: null };
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
    return leg('inclusion', 'failed', error.message);
  }
  return signed
    ? leg('inclusion', 'passed', `Entry ${index} of ${size}, proved with the log's tiles.`)
    : leg(
        'inclusion',
        'not_checked',
        `Entry ${index} of ${size} leads to the root, but whether the log signed that root was not checked.`,
      );
}

const bothUnknown = (detail: string): Leg[] => [
  leg('inclusion', 'not_checked', detail),
  leg('checkpoint_signature', 'not_checked', detail),
];
