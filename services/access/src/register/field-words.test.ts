import { eventData } from '@fengcun/contracts';
import { expect, it } from 'vitest';
import { fieldNameEn, fieldWordsZh } from './field-words.ts';

/** Names of properties anywhere in a JSON schema. */
function namesIn(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  if (Array.isArray(schema)) return schema.flatMap(namesIn);
  const { properties, items, anyOf } = schema as Readonly<Record<string, unknown>>;
  const own = typeof properties === 'object' && properties !== null ? Object.entries(properties) : [];
  return [...own.flatMap(([name, value]) => [name, ...namesIn(value)]), ...namesIn(items), ...namesIn(anyOf)];
}

it('reports have a Chinese name for everything that an event can hold', () => {
  const names = new Set(Object.values(eventData).flatMap((schema) => namesIn(schema)));
  expect(names.size).toBeGreaterThan(100);
  expect([...names].filter((name) => !Object.hasOwn(fieldWordsZh, name))).toEqual([]);
});

it('English names are read off the fields', () => {
  expect(['bytesRead', 'sha256', 'sm3', 'legs'].map(fieldNameEn)).toEqual(['bytes read', 'SHA-256', 'SM3', 'legs']);
});
