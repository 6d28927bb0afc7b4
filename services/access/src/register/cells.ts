import type { RegisterLine } from '@fengcun/catalog';
import { legWords } from '@fengcun/contracts';
import { fieldNameEn, fieldWordsZh } from './field-words.ts';
import { type Column, columns, eventWord, type Language, wordsOf } from './words.ts';

/** How texts for people are written. */
export interface Style {
  readonly language: Language;
  /** IANA name */
  readonly timeZone: string;
}

/** A line of the register, cell by cell. */
export function cellsOf(line: RegisterLine, style: Style): Readonly<Record<Column, string>> {
  const words = wordsOf(style.language);
  return {
    event: String(line.event),
    index: line.index === null ? words.notInLog : String(line.index),
    at: instantText(line.at, style.timeZone),
    kind: words.kinds[line.kind],
    what: eventWord(line.type, style.language),
    person: line.actor.name ?? `${words.actors[line.actor.kind]} ${line.actor.id}`,
    personUnit: line.actor.unit?.name ?? '',
    title: line.item?.title ?? '',
    item: line.item?.id ?? '',
    itemUnit: line.item?.unit?.name ?? '',
    purpose: line.purpose === null ? '' : (words.purposes[line.purpose] ?? line.purpose),
    caseNumber: line.caseNumber ?? '',
    request: line.request?.number == null ? '' : String(line.request.number),
    rule: line.rule ?? '',
    authorisation: line.authorisation ?? '',
    detail: detailOf(line, style),
  };
}

export const headings = (language: Language): readonly string[] =>
  columns.map((column) => wordsOf(language).columns[column]);

/** `2026-11-22 15:30:05 +08:00` */
export function instantText(instant: string, timeZone: string): string {
  const parts = Object.fromEntries(
    formatFor(timeZone)
      .formatToParts(new Date(instant))
      .map(({ type, value }) => [type, value]),
  );
  const offset = (parts.timeZoneName ?? '').replace('GMT', '') || '+00:00';
  return `${parts.year}-${parts.month}-${parts.day} ${parts.hour}:${parts.minute}:${parts.second} ${offset}`;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatFor(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'longOffset',
  });
  formats.set(timeZone, format);
  return format;
}

const longestDetail = 400;
/** What has a column of its own. */
const told = new Set(['rule', 'purpose', 'session']);

/** What the seal's own page and receipt say whole. */
const sealed: Readonly<Record<string, readonly string[]>> = {
  'evidence.sealed': ['kind', 'size', 'officer', 'dock'],
  'evidence.quarantined': ['kind', 'size', 'reason'],
};

/** What the event says beside, `name: value`, with commitments opened, names in the reader's language and times in the site's time zone. */
function detailOf({ type, data, openings }: RegisterLine, style: Style): string {
  const wanted = sealed[type];
  const parts = partsOf(data, '/data', { openings, style, only: wanted === undefined ? null : new Set(wanted) });
  const text = parts.join('; ');
  return text.length > longestDetail ? `${text.slice(0, longestDetail)}…` : text;
}

interface Reading {
  readonly openings: Readonly<Record<string, string>>;
  readonly style: Style;
  /** of the data's own fields these only; null: all */
  readonly only: ReadonlySet<string> | null;
}

function partsOf(value: unknown, path: string, reading: Reading): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]: [string, unknown]) => {
    if (path === '/data' && (told.has(key) || reading.only?.has(key) === false)) return [];
    const text = textOf(each, `${path}/${key}`, reading);
    return text === '' ? [] : [`${nameOf(key, reading.style.language)}: ${text}`];
  });
}

const instantPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

function textOf(value: unknown, path: string, reading: Reading): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string' && instantPattern.test(value)) return instantText(value, reading.style.timeZone);
  if (typeof value !== 'object') return String(value);
  if ('commitment' in value) return reading.openings[path] ?? '';
  if (Array.isArray(value)) return value.map((each, n) => textOf(each, `${path}/${n}`, reading)).join(', ');
  if (isLeg(value)) return `${legName(value.leg, reading.style.language)} ${value.outcome}`;
  return partsOf(value, path, reading).join(', ');
}

/** One leg of a verification: so short that its two fields need no names. */
const isLeg = (value: object): value is { readonly leg: string; readonly outcome: string } =>
  'leg' in value && 'outcome' in value;

const nameOf = (field: string, language: Language): string =>
  language === 'zh-CN' ? (fieldWordsZh[field] ?? field) : fieldNameEn(field);

function legName(leg: string, language: Language): string {
  const words: Readonly<Record<string, string>> = legWords[language === 'zh-CN' ? 'zh' : 'en'];
  return words[leg] ?? leg;
}
