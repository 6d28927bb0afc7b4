import { problem } from '../problems.ts';

/** bytes of the whole header; a file's name, digest and origin need a tenth of it */
export const maxMetadataLength = 16 * 1024;
const maxKeys = 64;

const key = /^[\x21-\x2b\x2d-\x7e]{1,128}$/;
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controlCharacter = /[\u0000-\u001f\u007f]/;

/**
 * Reads `Upload-Metadata`: "one or more comma-separated key-value pairs. The key and value MUST be separated by a space. The key MUST NOT
 * contain spaces and commas and MUST NOT be empty. The key SHOULD be ASCII encoded and the value MUST be Base64 encoded. All keys MUST be
 * unique. The value MAY be empty. In these cases, the space ... MAY be left out." (tus 1.0, Upload-Metadata)
 *
 * Stricter than that where the text will be shown to people: values are UTF-8 without control characters. Unknown keys are kept. Throws
 * `metadata_invalid`.
 */
export function parseMetadata(header: string | undefined): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  if (header === undefined) return values;
  if (header.length > maxMetadataLength) {
    throw refused(`The header has ${header.length} bytes; at most ${maxMetadataLength} are taken.`);
  }
  const pairs = header.split(',');
  if (pairs.length > maxKeys) throw refused(`There are ${pairs.length} keys; at most ${maxKeys} are taken.`);
  for (const pair of pairs) {
    const [name = '', value = '', ...more] = pair.trim().split(' ');
    if (!key.test(name)) throw refused(`${quoted(name)} is no key; use printable ASCII without spaces and commas.`);
    if (more.length > 0 || !base64.test(value)) throw refused(`The value of ${quoted(name)} is not Base64.`);
    if (values.has(name)) throw refused(`The key ${quoted(name)} stands there twice.`);
    values.set(name, decode(name, value));
  }
  return values;
}

function decode(name: string, value: string): string {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(value, 'base64'));
  } catch (cause) {
    throw refused(`The value of ${quoted(name)} is not UTF-8.`, cause);
  }
  if (controlCharacter.test(text)) throw refused(`The value of ${quoted(name)} contains control characters.`);
  return text;
}

const quoted = (text: string) => JSON.stringify(text.slice(0, 60));

const refused = (detail: string, cause?: unknown) =>
  problem('metadata_invalid', { detail, ...(cause === undefined ? {} : { cause }) });
