import { type RawBuilder, sql } from 'kysely';

/** When work that was asked for counts as forgotten, so that it is asked for again. */
export interface Staleness {
  readonly now: Date;
  /** ms without a sign of life before work counts as forgotten */
  readonly afterMs: number;
  /** claims that one round of the queue's own attempts makes; after each such round the wait doubles, up to an hour */
  readonly attemptsPerRound: number;
  readonly limit: number;
}

/** That a row of a table with `updated_at` was not touched for so long. `counter`: its column that counts claims. */
export function untouched(
  { now, afterMs, attemptsPerRound }: Staleness,
  counter: 'attempts' | 'seal_token' = 'attempts',
): RawBuilder<boolean> {
  return sql`updated_at < ${now}::timestamptz - least(
    ${afterMs}::float8 * power(2, least(${sql.ref(counter)} / ${attemptsPerRound}::bigint, 20)), 3600000) * interval '1 millisecond'`;
}
