/** Values for a route's schemas: good ones, ones at their bounds, and hostile ones, from a seeded source, so that a failure can be seen again. */

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

interface Schema {
  readonly type?: string;
  readonly enum?: readonly Json[];
  readonly const?: Json;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

/** mulberry32: small, fast, and the same everywhere. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const hostile: readonly Json[] = [
  '',
  ' ',
  'null',
  "' or 1=1 --",
  '"; drop table account; --',
  '\u0000',
  'a\u0000b',
  '\ud800',
  'a\udfffb',
  '\u202e\u2066x',
  '\r\nSet-Cookie: a=b',
  '../../../../etc/passwd',
  '..\\..\\x',
  '<script>alert(1)</script>',
  '{{7*7}}#{7*7}',
  '%00%2e%2e%2f',
  '%s%n%x',
  '=HYPERLINK("http://x","y")',
  '𠮷🙂\u0301'.repeat(40),
  'x'.repeat(5000),
  '9'.repeat(400),
  '00000000-0000-0000-0000-000000000000',
  'FFFFFFFF-FFFF-7FFF-BFFF-FFFFFFFFFFFF',
  '0000-01-01T00:00:00Z',
  '9999-12-31T23:59:60Z',
  '2024-02-30T00:00:00Z',
  '2026-01-01T00:00:00+23:59',
  '__proto__',
  'constructor',
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  2 ** 31,
  2 ** 53 + 2,
  -(2 ** 63),
  [],
  {},
  [[[[]]]],
  { __proto__: null, length: -1 },
];

const words = [
  '张三',
  'abc',
  'a-1',
  '现场勘查',
  'A1',
  '123456',
  'ABCD-EFGH',
  'x',
  '0',
  'init',
  'manage',
  '/evidence',
  'zh.wei',
  '1',
];
const long = ['a'.repeat(64), 'A'.repeat(43), 'f'.repeat(64)];
const instants = ['2026-01-01T00:00:00.000Z', '2026-11-22T09:00:00+08:00', '2024-02-29T23:59:59Z'];

export interface SampleOptions {
  readonly random: () => number;
  /** ids of things that are there, to be named instead of ids of nothing */
  readonly ids: readonly string[];
  /** how many of the leaves are hostile, 0 to 1 */
  readonly hostility: number;
}

export function sample(schema: unknown, options: SampleOptions): Json | undefined {
  return make(schema as Schema, options);
}

function make(schema: Schema, options: SampleOptions): Json | undefined {
  const { random, hostility } = options;
  if (random() < hostility) return pick(hostile, random);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return pick(schema.enum, random);
  if (schema.anyOf) return make(pick(schema.anyOf, random), options);
  switch (schema.type) {
    case 'object':
      return objectOf(schema, options);
    case 'array':
      return arrayOf(schema, options);
    case 'integer':
    case 'number':
      return numberOf(schema, random);
    case 'boolean':
      return random() < 0.5;
    case 'null':
      return null;
    case 'string':
      return textOf(schema, options);
    default:
      return pick(words, random);
  }
}

function objectOf({ properties = {}, required = [] }: Schema, options: SampleOptions): Json {
  const value: { [key: string]: Json } = {};
  for (const [key, schema] of Object.entries(properties)) {
    const wanted = required.includes(key) ? options.random() >= options.hostility / 4 : options.random() < 0.5;
    const member = wanted ? make(schema, options) : undefined;
    if (member !== undefined) value[key] = member;
  }
  if (options.random() < options.hostility / 4) value.unexpected = 'x';
  return value;
}

function arrayOf({ items = {}, minItems = 0, maxItems = 3 }: Schema, options: SampleOptions): Json {
  const length = minItems + Math.floor(options.random() * (Math.min(maxItems, minItems + 3) - minItems + 1));
  const values = Array.from({ length }, () => make(items, options)).filter((each) => each !== undefined);
  return [...new Map(values.map((each) => [JSON.stringify(each), each])).values()];
}

function numberOf({ minimum = -3, maximum = 1000 }: Schema, random: () => number): number {
  return pick(
    [minimum, maximum, Math.floor(minimum + random() * (Math.min(maximum, minimum + 1e6) - minimum))],
    random,
  );
}

function textOf(
  { format, pattern, minLength = 0, maxLength = 10_000 }: Schema,
  { random, ids }: SampleOptions,
): string {
  if (format === 'uuid') return pick(ids, random);
  if (format === 'date-time') return pick(instants, random);
  if (format === 'date') return '2026-01-01';
  const fits = [...words, ...long, ...instants].filter(
    (word) => word.length >= minLength && word.length <= maxLength && (!pattern || new RegExp(pattern, 'u').test(word)),
  );
  return fits.length > 0 ? pick(fits, random) : 'x'.repeat(minLength);
}

const pick = <T>(from: readonly T[], random: () => number): T => from[Math.floor(random() * from.length)] as T;

/** A query string of a sample; what is not text goes as JSON does. */
export function queryOf(value: Json | undefined): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return '';
  const search = new URLSearchParams();
  for (const [key, each] of Object.entries(value)) {
    search.set(key, typeof each === 'string' ? each.toWellFormed() : JSON.stringify(each));
  }
  return search.size > 0 ? `?${search}` : '';
}
