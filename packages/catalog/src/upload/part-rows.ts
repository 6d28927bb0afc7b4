import { sql } from 'kysely';
import type { LedgerPart } from './part-ledger.ts';

/** Parts as a table expression `p (part_number, size, sha256, etag)`. */
export const unnested = (parts: readonly LedgerPart[]) => sql`unnest(
  ${parts.map((part) => part.partNumber)}::int[], ${parts.map((part) => part.size)}::int[],
  ${parts.map((part) => part.sha256)}::text[], ${parts.map((part) => part.etag)}::text[]
) as p (part_number, size, sha256, etag)`;

/** A part written again after a crash replaces the row of the earlier attempt. */
export const overwriting = sql`on conflict (upload_id, part_number)
  do update set size = excluded.size, sha256 = excluded.sha256, etag = excluded.etag`;
