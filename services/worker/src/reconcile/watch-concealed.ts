import { type Database, findByVaultKey, raiseAlarm, raisedSince } from '@fengcun/catalog';
import { finding } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import type { ConcealedObject } from '@fengcun/vault';
import { serviceName } from '../service-name.ts';
import type { Vaults } from '../vaults.ts';

/** ms between two looks: an engine lists all it has for each */
const everyMs = 600_000;

/**
 * Looks for objects that somebody hid: a delete marker takes nothing away, and reading by version goes on, but nobody of ours ever sets one.
 * Each is told once, however often it is seen.
 */
export class ConcealmentWatch {
  readonly #options: { readonly catalog: Database; readonly vaults: Vaults; readonly clock: Clock };
  #pausedUntil = 0;

  constructor(options: { readonly catalog: Database; readonly vaults: Vaults; readonly clock: Clock }) {
    this.#options = options;
  }

  async round(): Promise<void> {
    const { vaults, clock } = this.#options;
    const now = clock.now().getTime();
    if (now < this.#pausedUntil) return;
    this.#pausedUntil = now + everyMs;
    for (const vault of [vaults.primary, vaults.replica]) {
      if (vault === null) continue;
      for await (const concealed of vault.concealed()) await this.#tell(concealed);
    }
  }

  async #tell({ key, marker, since }: ConcealedObject): Promise<void> {
    const { catalog, clock } = this.#options;
    const item = await findByVaultKey(catalog, key);
    // Without an item of ours there is nothing to name but the key.
    const subject = item ? { kind: 'evidence' as const, id: item.id } : { kind: 'object' as const, id: key };
    if (await raisedSince(catalog, { kind: 'concealed', subject, since })) return;
    const findings = [finding('object_hidden', { marker, key, since: since.toISOString() })];
    const alarm = { kind: 'concealed', unit: item?.unit ?? null, subject, findings, by: serviceName } as const;
    await catalog.transaction().execute((trx) => raiseAlarm(trx, alarm, clock));
  }
}
