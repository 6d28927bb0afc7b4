/** What kind of value a fact is: how it is written in a sentence, and what a stored one must be. */
export type FactKind =
  /** whole number of bytes or things, or an index */
  | 'number'
  /** RFC 3339, shown in the reader's own time zone */
  | 'instant'
  /** name, serial number, digest, version: as it is in every language */
  | 'text'
  /** several texts, stored with ', ' between them */
  | 'list'
  /** one of `verificationLegs`, shown by its name */
  | 'leg'
  /** what a program said, in its own words: shown beside the sentence, never inside it */
  | 'said';

/** One thing a service can find, with its facts and its words. `{name}` in the words stands for the fact of that name. */
export interface FindingDefinition {
  readonly facts: Readonly<Record<string, FactKind>>;
  readonly zh: string;
  readonly en: string;
}

/** Keeps the literal types of a table of findings: its keys are the closed set of codes. */
export const defineFindings = <const T extends Readonly<Record<string, FindingDefinition>>>(table: T): T => table;
