import { randomBytes } from 'node:crypto';
import type { EventDraft } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import { commit, formatEntry } from '@fengcun/tlog';
import type { Executor } from '../database/connect.ts';
import { CatalogError } from '../errors.ts';

const maxEntryBytes = 65_535;
const saltBytes = 16;

interface Opening {
  /** JSON pointer (RFC 6901) into the entry */
  readonly path: string;
  readonly salt: Buffer;
  readonly value: string;
}

/**
 * Appends an event to the log in the caller's transaction, which must be the transaction of the fact it records. From the commit on it
 * is durable; the sequencer places it within a second. Personal values are replaced by salted commitments. Answers the event's number.
 * Rejects `event_too_large`.
 */
export async function appendEvent(db: Executor, draft: EventDraft, clock: Clock): Promise<number> {
  const at = clock.now();
  const openings: Opening[] = [];
  const entry = Buffer.from(
    formatEntry({
      v: 1,
      type: draft.type,
      at: at.toISOString(),
      actor: committed(draft.actor, '/actor', openings),
      subject: draft.subject,
      ...(draft.authorisation === undefined ? {} : { authorisation: draft.authorisation }),
      data: committed(draft.data, '/data', openings),
    }),
  );
  if (entry.length > maxEntryBytes) throw new CatalogError('event_too_large', draft.type);
  const { id } = await db
    .insertInto('ledger_event')
    .values({
      type: draft.type,
      at,
      actor_kind: draft.actor.kind,
      actor_id: draft.actor.id,
      subject_kind: draft.subject.kind,
      subject_id: draft.subject.id,
      entry,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  if (openings.length > 0) {
    await db
      .insertInto('ledger_opening')
      .values(openings.map((opening) => ({ event_id: id, ...opening })))
      .execute();
  }
  return id;
}

/** Copies `value` with every `{personal}` replaced by its commitment, noting the openings by JSON pointer. */
function committed(value: unknown, path: string, openings: Opening[]): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('personal' in value && typeof value.personal === 'string') {
    const salt = randomBytes(saltBytes);
    openings.push({ path, salt, value: value.personal });
    return commit(salt, value.personal);
  }
  if (Array.isArray(value)) return value.map((item, i) => committed(item, `${path}/${i}`, openings));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, committed(item, `${path}/${pointer(key)}`, openings)]),
  );
}

const pointer = (key: string) => key.replaceAll('~', '~0').replaceAll('/', '~1');
