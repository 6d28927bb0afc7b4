/**
 * JSON text that PostgreSQL takes as jsonb whatever a recording's own metadata says: U+0000 and lone surrogates, which jsonb refuses,
 * become U+FFFD. The original keeps them; a derivative may not.
 */
export function toJsonText(value: unknown): string {
  return JSON.stringify(storable(value));
}

const toText = (text: string): string => text.toWellFormed().replaceAll('\0', '\ufffd');

function storable(value: unknown): unknown {
  if (typeof value === 'string') return toText(value);
  if (Array.isArray(value)) return value.map(storable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [toText(key), storable(item)]));
}
