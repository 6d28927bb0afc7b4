import type { EventDraft } from '@fengcun/contracts';
import type { Executor } from '../database/connect.ts';
import { CatalogError } from '../errors.ts';
import type { PageRequest } from '../page/page.ts';

export interface CustodyEvent {
  /** null until the sequencer has placed it */
  readonly index: number | null;
  /** the canonical bytes that are hashed */
  readonly entry: Buffer;
  /** values behind the entry's commitments, by JSON pointer */
  readonly openings: Readonly<Record<string, string>>;
}

/** Every event about one thing, oldest first. Rejects `cursor_invalid`. */
export async function listSubjectEvents(
  db: Executor,
  subject: EventDraft['subject'],
  page: PageRequest,
): Promise<{ readonly items: readonly CustodyEvent[]; readonly next: string | null }> {
  const after = eventNumberOf(page.cursor);
  const events = await db
    .selectFrom('ledger_event as e')
    .leftJoin('ledger_entry as l', 'l.event_id', 'e.id')
    .select(['e.id', 'e.entry', 'l.index'])
    .where('e.subject_kind', '=', subject.kind)
    .where('e.subject_id', '=', subject.id)
    .where('e.id', '>', after)
    .orderBy('e.id')
    .limit(page.limit + 1)
    .execute();
  const rows = events.slice(0, page.limit);
  const ids = rows.map((row) => row.id);
  const openings =
    ids.length === 0
      ? []
      : await db
          .selectFrom('ledger_opening')
          .select(['event_id', 'path', 'value'])
          .where('event_id', 'in', ids)
          .execute();
  const byEvent = Map.groupBy(openings, (opening) => opening.event_id);
  const last = rows.at(-1);
  return {
    items: rows.map(({ id, entry, index }) => ({
      index,
      entry,
      openings: Object.fromEntries((byEvent.get(id) ?? []).map(({ path, value }) => [path, value])),
    })),
    next: events.length > page.limit && last ? Buffer.from(String(last.id)).toString('base64url') : null,
  };
}

function eventNumberOf(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new CatalogError('cursor_invalid');
  return Number(text);
}
