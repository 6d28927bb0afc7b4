import type { CustodyEvent } from '@fengcun/catalog';
import type { LedgerEvent } from '@fengcun/contracts';

/** A page of a thing's history as it is answered. */
export const custodyPage = ({
  items,
  next,
}: {
  readonly items: readonly CustodyEvent[];
  readonly next: string | null;
}) => ({
  items: items.map(({ index, entry, openings }) => ({
    index,
    // As it stands, without judging it: an entry that was altered must be seen here, and is found out by a verification.
    event: JSON.parse(entry.toString('utf8')) as LedgerEvent,
    openings,
  })),
  next,
});
