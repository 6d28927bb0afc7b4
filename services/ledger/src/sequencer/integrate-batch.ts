import {
  type Database,
  type Executor,
  latestCheckpoint,
  notifyChange,
  pendingEvents,
  placeEvents,
  type StoredCheckpoint,
  storeCheckpoint,
  storeTiles,
  tileReader,
} from '@fengcun/catalog';
import type { Clock } from '@fengcun/runtime';
import {
  equalBytes,
  formatHash,
  integrate,
  loadRightEdge,
  type NoteSigner,
  type RightEdge,
  rootOfEdge,
  signCheckpoint,
  tileTree,
} from '@fengcun/tlog';
import { nativeHasher } from '@fengcun/tlog/node';
import { LedgerError } from '../errors.ts';
import type { SigningMemory } from './signing-memory.ts';

export interface Sequencing {
  /** one connection, the one that holds the sequencer lock: when it is lost, so are the lock and the transaction */
  readonly connection: Database;
  readonly signer: NoteSigner;
  readonly memory: SigningMemory;
  readonly clock: Clock;
  /** events taken at a time */
  readonly batch: number;
}

/**
 * Sequences, integrates and publishes one batch, all in one transaction: indices, tiles and the signed checkpoint appear together or
 * not at all. Before signing, the root signed last is recomputed from the tiles and compared with the database and with the key's own
 * memory. Answers how many events were placed. Rejects `history_differs` or `log_went_back`: then nothing may be signed.
 */
export async function integrateBatch(sequencing: Sequencing): Promise<number> {
  const { connection, signer, memory, clock, batch } = sequencing;
  const published = await connection.transaction().execute(async (trx) => {
    const previous = await latestCheckpoint(trx);
    const events = await pendingEvents(trx, batch);
    if (events.length === 0 && previous) return undefined;

    const edge = await loadRightEdge(previous?.size ?? 0, tileReader(trx));
    await requireOneHistory(trx, edge, previous, memory);
    const leaves = events.map(({ entry }) => nativeHasher.leaf(entry));
    const next = integrate(edge, leaves, nativeHasher);
    if (events.length > 0) {
      const ids = events.map(({ eventId }) => eventId);
      await placeEvents(trx, edge.size, ids, leaves);
      await storeTiles(trx, next.tiles);
    }

    const { size } = next.edge;
    const root = rootOfEdge(next.edge, nativeHasher);
    const note = await signCheckpoint({ origin: signer.key.name, size, root, extensions: [] }, [signer]);
    await storeCheckpoint(trx, { size, root: Buffer.from(root), note, signedAt: clock.now() });
    await notifyChange(trx, { kind: 'checkpoint', size });
    return { size, root, placed: events.length };
  });
  if (!published) return 0;
  // After the commit, which is what makes a signature public: a crash in between leaves an older memory, and that is checked too.
  await memory.remember({ size: published.size, root: formatHash(published.root) });
  return published.placed;
}

async function requireOneHistory(
  db: Executor,
  edge: RightEdge,
  previous: StoredCheckpoint | undefined,
  memory: SigningMemory,
): Promise<void> {
  const root = rootOfEdge(edge, nativeHasher);
  if (previous && !equalBytes(root, previous.root)) {
    throw new LedgerError('history_differs', `at size ${previous.size}`);
  }
  const signed = await memory.last();
  if (!signed) return;
  if (signed.size > edge.size) {
    throw new LedgerError('log_went_back', `${edge.size} entries, ${signed.size} were signed`);
  }
  const then = signed.size === edge.size ? root : await tileTree(signed.size, tileReader(db), nativeHasher).root();
  if (formatHash(then) !== signed.root) throw new LedgerError('history_differs', `at size ${signed.size}`);
}
