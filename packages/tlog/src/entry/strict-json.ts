import { TlogError } from '../errors.ts';

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** Deep enough for every record of ours, shallow enough for every parser's stack. */
export const MAX_DEPTH = 32;

/**
 * Parses JSON that has one reading only. Without its white space the text must be exactly what `JSON.stringify` makes of its value:
 * that refuses duplicate keys (of which parsers disagree which one counts), numbers that lose digits, and needless escapes, so that
 * two different texts never say the same thing. Throws `json_malformed`.
 */
export function parseStrictJson(text: string): JsonValue {
  const compact = withoutWhiteSpace(text);
  let value: JsonValue;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new TlogError('json_malformed', 'This is not JSON.', { cause });
  }
  if (JSON.stringify(value) !== compact) {
    throw new TlogError(
      'json_malformed',
      'This JSON has duplicate keys, or numbers or escapes in other than their plain form.',
    );
  }
  return value;
}

/** Drops white space between tokens; throws before nesting gets deep enough to trouble a parser. */
function withoutWhiteSpace(text: string): string {
  let compact = '';
  let depth = 0;
  let inString = false;
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (inString) {
      if (char === '\\') i++;
      else if (char === '"') inString = false;
    } else if (char === '"') {
      inString = true;
    } else if (char === '{' || char === '[') {
      if (++depth > MAX_DEPTH)
        throw new TlogError('json_malformed', `This JSON is nested deeper than ${MAX_DEPTH} levels.`);
    } else if (char === '}' || char === ']') {
      depth--;
    } else if (char === ' ' || char === '\n' || char === '\r' || char === '\t') {
      compact += text.slice(from, i);
      from = i + 1;
    }
  }
  return compact + text.slice(from);
}

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
