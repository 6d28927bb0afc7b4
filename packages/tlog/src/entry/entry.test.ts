import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeUtf8, encodeUtf8 } from '../encoding/text.ts';
import { formatEntry, type LogEntry, parseEntry } from './entry.ts';
import { type JsonValue, parseStrictJson } from './strict-json.ts';

const withCode = (code: string) => expect.objectContaining({ code });

const ENTRY: LogEntry = {
  v: 1,
  type: 'evidence.sealed',
  at: '2026-11-22T03:04:05.678Z',
  actor: { kind: 'system', id: 'worker' },
  subject: { kind: 'evidence', id: 'e-1' },
  authorisation: 'grant-1',
  data: { name: '执法记录 🎥.mp4', size: 1e21, rate: 0.1, nested: [null, true, { b: 1, a: 2 }] },
};

describe('entries', () => {
  it('are RFC 8785 canonical JSON', () => {
    expect(decodeUtf8(formatEntry(ENTRY))).toBe(
      '{"actor":{"id":"worker","kind":"system"},"at":"2026-11-22T03:04:05.678Z","authorisation":"grant-1",' +
        '"data":{"name":"执法记录 🎥.mp4","nested":[null,true,{"a":2,"b":1}],"rate":0.1,"size":1e+21},' +
        '"subject":{"id":"e-1","kind":"evidence"},"type":"evidence.sealed","v":1}',
    );
  });

  it('have the same bytes whatever the order of their members', () => {
    const { v, ...rest } = ENTRY;
    expect(formatEntry({ ...rest, v })).toEqual(formatEntry(ENTRY));
  });

  it('come back from parsing as they went in, with any data', () => {
    const key = fc.string({ unit: 'grapheme' }).filter((text) => !/^[0-9]+$/.test(text) && text !== '__proto__');
    const data = fc.dictionary(
      key,
      fc.oneof(fc.string({ unit: 'grapheme' }), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean()),
    );
    fc.assert(
      fc.property(data, (members) => {
        const plain: Record<string, JsonValue> = { ...members };
        const bytes = formatEntry({ ...ENTRY, data: plain });
        expect(formatEntry(parseEntry(bytes))).toEqual(bytes);
      }),
    );
  });

  it('stay under 64 KiB', () => {
    const filled = (length: number): LogEntry => ({ ...ENTRY, data: { x: 'x'.repeat(length) } });
    const overhead = formatEntry(filled(0)).length;
    expect(formatEntry(filled(65_535 - overhead))).toHaveLength(65_535);
    expect(() => formatEntry(filled(65_536 - overhead))).toThrow(withCode('entry_too_large'));
    expect(() => parseEntry(new Uint8Array(65_536))).toThrow(withCode('entry_too_large'));
  });

  it('cannot hold what JSON cannot say', () => {
    const cyclic: Record<string, JsonValue> = {};
    cyclic.self = cyclic;
    const unsayable: unknown[] = [
      Number.NaN,
      Number.POSITIVE_INFINITY,
      undefined,
      1n,
      new Date(0),
      () => 1,
      '\ud800',
      cyclic,
      { 10: 1 },
    ];
    for (const value of unsayable) {
      expect(() => formatEntry({ ...ENTRY, data: { value: value as JsonValue } })).toThrow(withCode('entry_malformed'));
    }
  });
});

describe('parsing an entry', () => {
  const text = decodeUtf8(formatEntry(ENTRY)) ?? '';
  const parse = (source: string) => parseEntry(encodeUtf8(source));

  it.each([
    ['white space', text.replace('"v":1', '"v": 1')],
    ['a trailing newline', `${text}\n`],
    ['other member order', `{"v":1,${text.slice(1, -7)}}`],
    ['a duplicate member', text.replace('"v":1', '"v":1,"v":1')],
    ['a duplicate nested member', text.replace('"id":"worker"', '"id":"other","id":"worker"')],
    ['a needless escape', text.replace('worker', '\\u0077orker')],
    ['a number in another form', text.replace('1e+21', '1e21')],
    ['a number that loses digits', text.replace('1e+21', '9007199254740993')],
    ['a negative zero', text.replace('0.1', '-0')],
    ['an overflowing number', text.replace('0.1', '1e999')],
  ])('refuses %s as not canonical', (_what, source) => {
    expect(source).not.toBe(text);
    expect(() => parse(source)).toThrow(withCode('entry_not_canonical'));
  });

  it.each([
    ['not JSON', text.slice(0, -1)],
    ['a list', '[]'],
    ['null', 'null'],
    ['a byte order mark', `\ufeff${text}`],
    ['another version', text.replace('"v":1', '"v":2')],
    ['an unknown member', text.replace('"v":1', '"v":1,"w":1')],
    ['a missing actor', text.replace('"actor":{"id":"worker","kind":"system"},', '')],
    ['an actor that is text', text.replace('{"id":"worker","kind":"system"}', '"worker"')],
    ['a type with capitals', text.replace('evidence.sealed', 'Evidence.sealed')],
    ['a local time', text.replace('678Z', '678+08:00')],
    ['a day that does not exist', text.replace('2026-11-22', '2026-11-31')],
    ['an authorisation that is a number', text.replace('"grant-1"', '1')],
  ])('refuses %s as malformed', (_what, source) => {
    expect(() => parse(source)).toThrow(withCode('entry_malformed'));
  });

  it('refuses bytes that are not UTF-8', () => {
    expect(() => parseEntry(Uint8Array.of(0x7b, 0xff, 0x7d))).toThrow(withCode('entry_malformed'));
  });

  it('survives absurd nesting', () => {
    expect(() => parse('['.repeat(60_000))).toThrow(withCode('entry_malformed'));
    expect(() => parse('['.repeat(30_000) + ']'.repeat(30_000))).toThrow(
      expect.objectContaining({ name: 'TlogError' }),
    );
  });
});

describe('strict JSON', () => {
  it('allows white space and nothing else that changes the text', () => {
    expect(parseStrictJson(' {\n\t"a" : [ 1 , "x y" ] ,\r\n"b":{} } ')).toEqual({ a: [1, 'x y'], b: {} });
    for (const text of [
      '{"a":1,"a":1}',
      '{"a":1.0}',
      '"\\u0041"',
      '"\\/"',
      '01',
      '{"a":1,}',
      "{'a':1}",
      '',
      '1 1',
      '"\\uD800"',
    ]) {
      expect(() => parseStrictJson(text)).toThrow(withCode('json_malformed'));
    }
  });
});
