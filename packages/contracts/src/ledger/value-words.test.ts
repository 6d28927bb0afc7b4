import { expect, it } from 'vitest';
import { eventData } from './events.ts';
import { ruleWord, serviceWord, valueWord } from './value-words.ts';

interface Value {
  readonly type: string;
  readonly field: string;
  readonly value: string;
}

/** Every closed value that the schema of an event names, with the field that holds it. */
function valuesIn(type: string, field: string, schema: unknown): Value[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties, items, anyOf, enum: closed, const: only } = schema as Readonly<Record<string, unknown>>;
  const values = Array.isArray(closed) ? closed : only === undefined ? [] : [only];
  return [
    ...values.filter((value) => typeof value === 'string').map((value) => ({ type, field, value })),
    ...Object.entries(properties ?? {}).flatMap(([name, each]) => valuesIn(type, name, each)),
    ...valuesIn(type, field, items),
    ...(Array.isArray(anyOf) ? anyOf : []).flatMap((each) => valuesIn(type, field, each)),
  ];
}

it('every closed value of an event has words in both languages', () => {
  const values = Object.entries(eventData).flatMap(([type, schema]) => valuesIn(type, '', schema));
  expect(values.length).toBeGreaterThan(40);
  for (const language of ['zh', 'en'] as const) {
    const without = values.filter(({ type, field, value }) => valueWord(type, field, value, language) === value);
    expect(without, language).toEqual([]);
  }
});

it('what was refused is told in words, and a route that is no more as it was', () => {
  expect(valueWord('access.denied', 'route', 'POST /api/evidence/:id/plays', 'zh')).toBe('播放');
  expect(valueWord('access.denied', 'route', 'PATCH /files/:id', 'en')).toBe('Go on with an upload');
  expect(valueWord('access.denied', 'route', 'GET /api/of/yesterday', 'en')).toBe('GET /api/of/yesterday');
});

it('a value means what its event says, and what is no code stays as it is', () => {
  expect(valueWord('request.submitted', 'kind', 'urgent', 'zh')).toBe('紧急');
  expect(valueWord('device.changed', 'kind', 'other', 'en')).toBe('Other');
  expect(valueWord('case.changed', 'state', 'open', 'zh')).toBe('办理中');
  expect(valueWord('evidence.described', 'place', 'constructor', 'en')).toBe('constructor');
  expect(ruleWord('own_case_play', 'zh')).toBe('本人承办案件，可直接播放');
  expect(ruleWord('a_rule_of_tomorrow', 'en')).toBe('a_rule_of_tomorrow');
  expect(serviceWord('worker', 'zh')).toBe('后台处理');
});
