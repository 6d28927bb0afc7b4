import {
  findOutdatedRetention,
  findUnappliedRetention,
  findUnfinishedDisposals,
  findWantedReplicas,
  findWithoutReplica,
  refreshRetention,
  wantReplica,
} from '@fengcun/catalog';
import type { QueueName } from '@fengcun/contracts';
import { renewalDue } from '@fengcun/policy';
import type { Vault } from '@fengcun/vault';
import { serviceName } from '../service-name.ts';
import { sweepReplica } from '../vault-copy/sweep-replica.ts';
import type { ReconcilerOptions } from './start-reconciler.ts';

type Options = Pick<ReconcilerOptions, 'catalog' | 'queues' | 'clock' | 'forgottenAfterMs'>;

const limit = 500;
/** items brought up to changed rules in one round */
const refreshedAtOnce = 200;
/** starts in one round of a queue's own attempts; after each round that came to nothing the wait doubles */
const attemptsPerRound = 5;

/**
 * Asks again for what keeps items and was forgotten: locks and holds not confirmed by the vaults or due to be renewed, second copies, approved
 * dispositions; and brings items up to rules that were changed. Answers how many jobs were asked for, by queue.
 */
export async function reconcileKeeping(
  { catalog, queues, clock, forgottenAfterMs }: Options,
  replicas: ReplicaSearch | null,
): Promise<ReadonlyMap<QueueName, number>> {
  const now = clock.now();
  const actor = { kind: 'system', id: serviceName, name: null } as const;
  for (const evidence of await findOutdatedRetention(catalog, refreshedAtOnce)) {
    await refreshRetention(catalog, { evidence, actor }, clock);
  }
  await replicas?.round();
  const staleness = { now, afterMs: forgottenAfterMs, attemptsPerRound, limit };
  const retain = await findUnappliedRetention(catalog, { ...staleness, renewBefore: renewalDue(now) });
  const replicate = replicas === null ? [] : await findWantedReplicas(catalog, staleness);
  const dispose = await findUnfinishedDisposals(catalog, staleness);
  await queues.add(
    'retain',
    retain.map((evidence) => ({ jobKey: evidence, payload: { evidence } })),
  );
  await queues.add(
    'replicate',
    replicate.map((evidence) => ({ jobKey: evidence, payload: { evidence } })),
  );
  await queues.add(
    'dispose',
    dispose.map((disposition) => ({ jobKey: disposition, payload: { disposition } })),
  );
  return new Map<QueueName, number>(
    (
      [
        ['retain', retain.length],
        ['replicate', replicate.length],
        ['dispose', dispose.length],
      ] as const
    ).filter(([, count]) => count > 0),
  );
}

/** items looked at in one round */
const searchedAtOnce = 1000;
/** ms between two walks over the whole catalogue */
const walkEveryMs = 3_600_000;

/**
 * Walks over all items, a page at a time, for those that nobody has asked a second copy for: sealed before there was a replica vault, or by a
 * worker that knew of none. The seals of this worker ask by themselves. After each walk what dead workers left in the vault is removed.
 */
export class ReplicaSearch {
  readonly #options: Pick<Options, 'catalog' | 'clock'>;
  readonly #vault: Vault;
  #after: string | null = null;
  #pausedUntil = 0;

  constructor(options: Pick<Options, 'catalog' | 'clock'>, vault: Vault) {
    this.#options = options;
    this.#vault = vault;
  }

  async round(): Promise<void> {
    const { catalog, clock } = this.#options;
    const now = clock.now().getTime();
    if (now < this.#pausedUntil) return;
    const { items, last } = await findWithoutReplica(catalog, this.#after, searchedAtOnce);
    for (const { evidence, key } of items) {
      await catalog
        .transaction()
        .execute((trx) => wantReplica(trx, { evidence, key, driver: this.#vault.driver }, clock));
    }
    this.#after = last;
    if (last !== null) return;
    this.#pausedUntil = now + walkEveryMs;
    await sweepReplica(catalog, this.#vault, clock.now());
  }
}
