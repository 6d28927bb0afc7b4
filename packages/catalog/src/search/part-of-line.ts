import { type RawBuilder, sql } from 'kysely';

/** Whether a text stands in a line of words, which is a folded expression (`search_fold`). Width and case do not matter. */
export const says = (line: RawBuilder<unknown>, text: string): RawBuilder<boolean> =>
  sql<boolean>`strpos(${line}, search_fold(${text}::text)) > 0`;

/**
 * Whether it may stand there, by the indexes of such lines: `search_grams` of the line, and `search_short_grams` for texts of one or two
 * ASCII characters, of which the former knows whole words only (migrations 0004, 0017). `says` decides.
 */
export function maySay(line: RawBuilder<unknown>, text: string): RawBuilder<boolean> {
  const folded = sql`search_fold(${text}::text)`;
  return /^[!-~]{1,2}$/.test(text.normalize('NFKC').trim())
    ? sql<boolean>`search_short_grams(${line}) @> array[${folded}]`
    : sql<boolean>`search_grams(${line}) @> search_word_grams(${folded})`;
}
