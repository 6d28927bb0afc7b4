import { latestCheckpoint, pendingEvents, placeEvents, storeCheckpoint, storeTiles } from '@fengcun/catalog';
import { EMPTY_EDGE, integrate, type RightEdge, rootOfEdge, signCheckpoint } from '@fengcun/tlog';
import { nativeHasher } from '@fengcun/tlog/node';
import type { Harness } from './harness.ts';

const edges = new WeakMap<Harness, RightEdge>();

/** Places every pending event and signs a checkpoint over them, as the ledger service does. */
export async function publishLog(harness: Harness): Promise<void> {
  const { owner, signer, clock } = harness;
  await owner.transaction().execute(async (tx) => {
    const pending = await pendingEvents(tx, 10_000);
    const before = edges.get(harness) ?? EMPTY_EDGE;
    const leaves = pending.map(({ entry }) => nativeHasher.leaf(entry));
    const { edge, tiles } = integrate(before, leaves, nativeHasher);
    await placeEvents(
      tx,
      before.size,
      pending.map(({ eventId }) => eventId),
      leaves,
    );
    await storeTiles(tx, tiles);
    const root = rootOfEdge(edge, nativeHasher);
    const note = await signCheckpoint({ origin: signer.key.name, size: edge.size, root, extensions: [] }, [signer]);
    if ((await latestCheckpoint(tx))?.size !== edge.size) {
      await storeCheckpoint(tx, { size: edge.size, root: Buffer.from(root), note, signedAt: clock.now() });
    }
    edges.set(harness, edge);
  });
}
