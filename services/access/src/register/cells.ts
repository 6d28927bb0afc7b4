import type { RegisterLine } from '@fengcun/catalog';
import { ruleWord, serviceWord, valueWord } from '@fengcun/contracts';
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
    person: line.actor.name ?? actorText(line.actor, style.language),
    personUnit: line.actor.unit?.name ?? '',
    title: line.item?.title ?? '',
    item: line.item?.id ?? '',
    itemUnit: line.item?.unit?.name ?? '',
    purpose: line.purpose === null ? '' : (words.purposes[line.purpose] ?? line.purpose),
    caseNumber: line.caseNumber ?? '',
    request: line.request?.number == null ? '' : String(line.request.number),
    rule: line.rule === null ? '' : ruleWord(line.rule, tongue(style.language)),
    authorisation: line.authorisation ?? '',
    detail: detailOf(line, style),
    type: line.type,
    ruleCode: line.rule ?? '',
  };
}

/** How contracts call the language. */
const tongue = (language: Language) => (language === 'zh-CN' ? 'zh' : 'en');

function actorText({ kind, id }: RegisterLine['actor'], language: Language): string {
  const said = wordsOf(language).actors[kind];
  return kind === 'system' ? `${said} · ${serviceWord(id, tongue(language))}` : `${said} ${id}`;
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
  const parts = partsOf(data, '/data', { type, openings, style, only: wanted === undefined ? null : new Set(wanted) });
  const text = parts.join(style.language === 'zh-CN' ? '；' : '; ');
  return text.length > longestDetail ? `${text.slice(0, longestDetail)}…` : text;
}

interface Reading {
  /** of the event */
  readonly type: string;
  readonly openings: Readonly<Record<string, string>>;
  readonly style: Style;
  /** of the data's own fields these only; null: all */
  readonly only: ReadonlySet<string> | null;
}

function partsOf(value: unknown, path: string, reading: Reading): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]: [string, unknown]) => {
    if (path === '/data' && (told.has(key) || reading.only?.has(key) === false)) return [];
    const text = textOf(each, key, `${path}/${key}`, reading);
    return text === '' ? [] : [`${nameOf(reading, key)}${betweenNameAnd(text, reading.style.language)}${text}`];
  });
}

/** What has parts of its own stands in brackets, and needs no colon before them. */
function betweenNameAnd(text: string, language: Language): string {
  if (/^[（(]/.test(text)) return language === 'zh-CN' ? '' : ' ';
  return language === 'zh-CN' ? '：' : ': ';
}

const instantPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

function textOf(value: unknown, key: string, path: string, reading: Reading): string {
  const { language, timeZone } = reading.style;
  if (value === null || value === undefined) return '';
  if (typeof value === 'string' && instantPattern.test(value)) return instantText(value, timeZone);
  if (typeof value === 'string') {
    const words = valueWord(reading.type, key, value, tongue(language));
    // A sentence of ours stands among other parts here; what people wrote stays as it is.
    return words === value ? value : words.replace(/[。.]$/, '');
  }
  if (typeof value === 'boolean') return wordsOf(language)[value ? 'yes' : 'no'];
  if (typeof value !== 'object') return String(value);
  if ('commitment' in value) return reading.openings[path] ?? '';
  const separator = language === 'zh-CN' ? '、' : ', ';
  if (Array.isArray(value)) return value.map((each, n) => textOf(each, key, `${path}/${n}`, reading)).join(separator);
  if (isLeg(value)) {
    const [leg, outcome] = (['leg', 'outcome'] as const).map((field) =>
      valueWord(reading.type, field, value[field], tongue(language)),
    );
    return `${leg} ${outcome}`;
  }
  const parts = partsOf(value, path, reading);
  if (parts.length === 0) return '';
  return language === 'zh-CN' ? `（${parts.join('，')}）` : `(${parts.join(', ')})`;
}

/** One leg of a verification: so short that its two fields need no names. */
const isLeg = (value: object): value is { readonly leg: string; readonly outcome: string } =>
  'leg' in value && 'outcome' in value;

const nameOf = ({ type, style }: Reading, field: string): string =>
  style.language === 'zh-CN' ? (fieldWordsZh[`${type}/${field}`] ?? fieldWordsZh[field] ?? field) : fieldNameEn(field);
