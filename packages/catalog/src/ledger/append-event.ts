import type { EventDraft } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import { commit, formatEntry, type JsonObject, type JsonValue, type Opening, TlogError } from '@fengcun/tlog';
import type { Executor } from '../database/connect.ts';
import { CatalogError } from '../errors.ts';

/**
 * Appends an event to the log in the caller's transaction, which must be the transaction of the fact it records. From the commit on it
 * is durable; the sequencer places it within a second. Personal values are replaced by salted commitments. Answers the event's number.
 * Rejects `event_too_large`.
 */
export async function appendEvent(db: Executor, draft: EventDraft, clock: Clock): Promise<number> {
  const at = clock.now();
  const openings: Opening[] = [];
  const entry = canonical({
    v: 1,
    type: draft.type,
    at: at.toISOString(),
    actor: committed(draft.actor, '/actor', openings) as JsonObject,
    subject: { ...draft.subject },
    ...(draft.authorisation === undefined ? {} : { authorisation: draft.authorisation }),
    data: committed(draft.data, '/data', openings) as JsonObject,
  });
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
      .values(
        openings.map(({ path, salt, value }) => ({ event_id: id, path, salt: Buffer.from(salt, 'base64url'), value })),
      )
      .execute();
  }
  return id;
}

function canonical(entry: Parameters<typeof formatEntry>[0]): Buffer {
  try {
    return Buffer.from(formatEntry(entry));
  } catch (cause) {
    if (cause instanceof TlogError && cause.code === 'entry_too_large') {
      throw new CatalogError('event_too_large', entry.type, { cause });
    }
    throw cause;
  }
}

/** Copies `value` with every `{personal}` replaced by its commitment, noting the openings by JSON pointer. */
function committed(value: unknown, path: string, openings: Opening[]): JsonValue {
  if (typeof value !== 'object' || value === null) return value as JsonValue;
  if ('personal' in value && typeof value.personal === 'string') {
    // File names come from strangers' file systems; half a surrogate pair can neither be hashed nor stored as text.
    const { commitment, opening } = commit(path, value.personal.toWellFormed());
    openings.push(opening);
    return commitment;
  }
  if (Array.isArray(value)) return value.map((item, i) => committed(item, `${path}/${i}`, openings));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, committed(item, `${path}/${pointer(key)}`, openings)]),
  );
}

const pointer = (key: string) => key.replaceAll('~', '~0').replaceAll('/', '~1');
