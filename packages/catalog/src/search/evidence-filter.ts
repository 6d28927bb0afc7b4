import type { EvidenceSummary, MediaKind } from '@fengcun/contracts';
import { type RawBuilder, sql } from 'kysely';
import type { UnitScope } from '../unit/scope.ts';
import { parseQuery } from './parse-query.ts';

export interface EvidenceFilter {
  readonly device?: string;
  readonly officer?: string;
  readonly offload?: string;
  readonly kind?: MediaKind;
  readonly state?: EvidenceSummary['state'];
  readonly keyMark?: boolean;
  /** text of the search box */
  readonly q?: string;
  readonly case?: string;
  readonly tag?: string;
  readonly matter?: string;
  /** part of the place */
  readonly place?: string;
  /** captured in [from, to) */
  readonly from?: Date;
  readonly to?: Date;
}

export type Fragment = RawBuilder<unknown>;

/**
 * A filter as `evidence_search` is asked for it: what the index narrows by, and what decides row by row. `s` is the row.
 */
export interface Asked {
  /** every one is among the row's terms */
  readonly keys: readonly Fragment[];
  /** folded texts whose grams are among the row's terms */
  readonly words: readonly string[];
  /** conditions on the row's own columns; all of them */
  readonly conditions: readonly Fragment[];
  readonly from: Date | undefined;
  readonly to: Date | undefined;
}

/** Rejects `query_too_long`. */
export function askedBy(filter: EvidenceFilter): Asked {
  const { device, officer, offload, kind, state, keyMark, q, case: file, tag, matter, place, from, to } = filter;
  const words = q === undefined ? [] : parseQuery(q);
  const places = place === undefined ? [] : parseQuery(`"${place.replaceAll(/["“”「」]/gu, ' ')}"`);
  const exact = (key: string, value: string | undefined, column: Fragment) =>
    value === undefined ? [] : [{ key: keyOf(key, value), condition: sql`${column} = ${value}` }];
  const terms = [
    ...exact('device', device, sql`s.device_id`),
    ...exact('officer', officer, sql`s.officer_number`),
    ...exact('offload', offload, sql`s.offload_id`),
    ...exact('kind', kind, sql`s.kind`),
    ...exact('case', file, sql`s.case_id`),
    ...exact('matter', matter, sql`s.matter_id`),
    ...(state === 'quarantined' ? exact('state', state, sql`s.state`) : []),
    ...(keyMark === true ? [{ key: keyOf('mark', ''), condition: sql`s.key_mark` }] : []),
    ...(tag === undefined
      ? []
      : [
          {
            key: sql`search_key('tag', search_fold(${tag}::text))`,
            condition: sql`s.tags @> array[search_fold(${tag}::text)]`,
          },
        ]),
  ];
  return {
    keys: terms.map(({ key }) => key),
    words: [...words, ...places],
    conditions: [
      ...terms.map(({ condition }) => condition),
      // What holds no letter, digit or sign to look for is found nowhere, rather than everywhere.
      ...(q !== undefined && words.length === 0 ? [sql`false`] : []),
      ...words.map((word) => stands(word, sql`s.text`)),
      ...(place !== undefined && places.length === 0 ? [sql`false`] : []),
      ...places.map((word) => stands(word, sql`s.place`)),
      // What nearly everything is narrows nothing.
      ...(state === 'sealed' ? [sql`s.state = 'sealed'`] : []),
      ...(keyMark === false ? [sql`not s.key_mark`] : []),
    ],
    from,
    to,
  };
}

const keyOf = (kind: string, value: string) => sql`search_key(${kind}::text, ${value}::text)`;

/** No LIKE, so nothing in a word is a wildcard. Words of one or two ASCII characters stand alone (migration: `search_grams`). */
function stands(word: string, text: Fragment): Fragment {
  return /^[a-z0-9]{1,2}$/.test(word)
    ? sql`${text} ~ ${`(^|[^a-z0-9])${word}($|[^a-z0-9])`}`
    : sql`strpos(${text}, search_fold(${word}::text)) > 0`;
}

export const all = (conditions: readonly Fragment[]) =>
  conditions.length === 0 ? sql`true` : sql.join([...conditions], sql` and `);

/** More units than this are compared row by row: looking each up in every week would take longer. */
const mostUnitTerms = 256;

/** Whether the index itself can be asked for the units of a scope. */
export const indexedUnits = ({ units, everything }: UnitScope): boolean => !everything && units.length <= mostUnitTerms;

export const visible = ({ units, everything }: UnitScope): Fragment =>
  everything ? sql`true` : sql`s.unit_id = any(${[...units]}::uuid[])`;
