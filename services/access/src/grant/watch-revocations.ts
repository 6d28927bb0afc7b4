import { listen } from '@fengcun/catalog';
import { grantRevokedChannel } from '@fengcun/contracts';
import type { FastifyBaseLogger } from 'fastify';
import { type Access, systemActor } from '../access.ts';
import type { IssuedCopies } from '../issued-copy/copies.ts';
import type { Plays } from '../play/plays.ts';

/**
 * Ends at once, on record, what goes on under a grant that was taken back: plays, whose players are told by their live stream, and copies.
 * Whoever fetches next is refused in any case; a notification that was lost is made up for by the sweeper.
 */
export function watchRevocations(
  { catalog }: Pick<Access, 'catalog'>,
  running: { readonly plays: Plays; readonly copies: IssuedCopies },
  log: FastifyBaseLogger,
): { close(): Promise<void> } {
  const underWay = new Set<Promise<void>>();
  const end = async (grant: string): Promise<void> => {
    await running.plays.endOfGrant(grant, systemActor);
    await running.copies.endRevoked(systemActor, grant);
  };
  const listener = listen(catalog, {
    channels: [grantRevokedChannel],
    onNotification: (_channel, grant) => {
      const ending = end(grant)
        .catch((error: unknown) =>
          log.error({ err: error, grant }, 'what a revoked grant allowed could not be ended at once'),
        )
        .finally(() => underWay.delete(ending));
      underWay.add(ending);
    },
    onConnected: () => undefined,
    onError: (error) => log.warn({ err: error }, 'listening for revocations was interrupted'),
  });
  return {
    async close() {
      await listener.close();
      await Promise.all(underWay);
    },
  };
}
