import { type Static, Type } from 'typebox';
import { alarmFindings } from './alarms.ts';
import type { FactKind, FindingDefinition } from './define.ts';
import { faultFindings } from './faults.ts';
import { integrityFindings } from './integrity.ts';
import { legWords } from './leg-words.ts';
import { mediaFindings } from './media.ts';

/** Everything a service can find out that a person is told in words: the closed set of codes, with facts and words in both languages. */
export const findingDefinitions = { ...integrityFindings, ...faultFindings, ...mediaFindings, ...alarmFindings };

type Definitions = typeof findingDefinitions;
export type FindingCode = keyof Definitions;
type FactsOf<C extends FindingCode> = {
  readonly [K in keyof Definitions[C]['facts']]: Definitions[C]['facts'][K] extends 'number' ? number : string;
};

export const findingCodes = Object.keys(findingDefinitions) as FindingCode[];

/** A code and its facts: numbers, digests, instants, names. The words are the reader's own language's. */
export const Finding = Type.Object({
  code: Type.Enum(findingCodes),
  facts: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])),
});
export type Finding = Static<typeof Finding>;

/**
 * What is said about something, as the API gives it: `detail` in English, and, where it was found by a version that knew codes, the findings
 * behind it in their order. Without them `detail` is a sentence as an earlier version wrote it.
 */
export const findingsField = { findings: Type.Optional(Type.Array(Finding)) };

const longestText = 400;
const longestSaid = 1200;

/** A finding with its facts, bounded and free of what no database stores. */
export function finding<C extends FindingCode>(
  code: C,
  ...[facts]: keyof FactsOf<C> extends never ? [] : [facts: FactsOf<C>]
): Finding {
  const kinds: Readonly<Record<string, FactKind>> = findingDefinitions[code].facts;
  const clean = Object.entries(facts ?? {})
    .filter(([name, value]) => kinds[name] !== 'said' || value !== '')
    .map(([name, value]) => [
      name,
      typeof value === 'string' ? storable(value, kinds[name] === 'said' ? longestSaid : longestText) : value,
    ]);
  return { code, facts: Object.fromEntries(clean) as Finding['facts'] };
}

const storable = (text: string, longest: number): string => {
  const whole = text.toWellFormed().replaceAll('\0', '\ufffd');
  return whole.length > longest ? `${whole.slice(0, longest)}…`.toWellFormed() : whole;
};

export type Language = 'zh' | 'en';

/** The sentence of one finding. `instant`: how a point in time is written; as it is stored unless told. */
export function sayFinding(
  { code, facts }: Finding,
  language: Language,
  instant: (iso: string) => string = (iso) => iso,
): string {
  const { [language]: words, facts: kinds }: FindingDefinition = findingDefinitions[code];
  return words.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = facts[name];
    if (typeof value === 'number') return value.toLocaleString('en-US', { maximumFractionDigits: 0 });
    if (value === undefined) return '—';
    if (kinds[name] === 'instant') return instant(value);
    if (kinds[name] === 'leg') return legName(value, language);
    return kinds[name] === 'list' && language === 'zh' ? value.replaceAll(', ', '、') : value;
  });
}

/** The sentences of several findings, one after the other. */
export function sayFindings(
  findings: readonly Finding[],
  language: Language,
  instant?: (iso: string) => string,
): string {
  return findings.map((each) => sayFinding(each, language, instant)).join(language === 'zh' ? '' : ' ');
}

/** What programs said themselves, in their own words. */
export const saidBy = (findings: readonly Finding[]): readonly string[] =>
  findings.map(({ facts }) => facts.said).filter((said) => typeof said === 'string' && said !== '') as string[];

function legName(leg: string, language: Language): string {
  return (legWords[language] as Readonly<Record<string, string>>)[leg] ?? leg;
}
