import {
  type Database,
  expireIssuedCopies,
  findUnclearedCopies,
  findUnclearedRenders,
  noteCleared,
  noteRenderCleared,
} from '@fengcun/catalog';
import type { Clock, Logger } from '@fengcun/runtime';
import { parseObjectKey, type Vault } from '@fengcun/vault';
import { serviceName } from '../service-name.ts';

export interface RemoverOptions {
  readonly catalog: Database;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly logger: Logger;
  /** ms between two rounds */
  readonly everyMs: number;
}

export interface Remover {
  close(): Promise<void>;
}

const atOnce = 100;

/**
 * Removes from the vault what is left of copies whose time is over, that were given up or that failed, and of renderings that count no more. The object goes first and the record
 * after it, so that a crash in between only repeats. Any number of processes may do this.
 */
export function startRemover(options: RemoverOptions): Remover {
  let round: Promise<void> | null = null;
  const timer = setInterval(() => {
    round ??= removeCopies(options)
      .catch((error: unknown) =>
        options.logger.warn({ err: error }, 'copies could not be removed; the next round looks again'),
      )
      .finally(() => {
        round = null;
      });
  }, options.everyMs);
  return {
    async close() {
      clearInterval(timer);
      await round;
    },
  };
}

/** One round. */
export async function removeCopies(options: Omit<RemoverOptions, 'everyMs'>): Promise<void> {
  const { catalog, vault, clock, logger } = options;
  const now = clock.now();
  await expireIssuedCopies(catalog, now, atOnce);
  for (const copy of await findUnclearedCopies(catalog, now, atOnce)) {
    try {
      const { object } = copy;
      if (object) await vault.delete({ ...object, key: parseObjectKey(object.key) });
      await noteCleared(catalog, copy, serviceName, clock);
    } catch (error) {
      logger.warn({ err: error, copy: copy.id }, 'a copy could not be removed; the next round tries again');
    }
  }
  for (const { id, objects } of await findUnclearedRenders(catalog, now, atOnce)) {
    try {
      for (const object of objects) await vault.delete({ ...object, key: parseObjectKey(object.key) });
      await noteRenderCleared(catalog, id, clock);
    } catch (error) {
      logger.warn({ err: error, render: id }, 'a rendering could not be removed; the next round tries again');
    }
  }
}
