import { VaultError } from './errors.ts';
import type { ObjectKey } from './port.ts';

/** characters; what a file name on disk holds beside the driver's own suffixes (NAME_MAX is 255) */
const MAX_KEY_LENGTH = 190;

// A segment starts with a letter or digit, so that neither `..` nor a hidden file can be spelled.
const KEY = /^[a-z0-9][a-z0-9._-]*(?:\/[a-z0-9][a-z0-9._-]*)*$/;

/** Whether `text` can be an object key: 1 to 190 characters of lower-case segments `[a-z0-9._-]`, separated by `/`. */
export function isObjectKey(text: string): text is ObjectKey {
  return text.length <= MAX_KEY_LENGTH && KEY.test(text);
}

/** Makes an object key of `text`. Throws `invalid`. */
export function parseObjectKey(text: string): ObjectKey {
  if (isObjectKey(text)) return text;
  throw new VaultError(
    'invalid',
    `${JSON.stringify(text.slice(0, 80))} is no object key; use up to ${MAX_KEY_LENGTH} characters, lower-case segments of [a-z0-9._-] separated by "/".`,
  );
}
