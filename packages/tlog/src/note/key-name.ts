import { TlogError } from '../errors.ts';

/** Non-empty, without Unicode spaces or plus (c2sp.org/signed-note, "Format"); control characters would break the note's lines. */
const KEY_NAME = /^[^\p{White_Space}\p{Cc}+]+$/u;

export function isKeyName(name: string): boolean {
  return name.isWellFormed() && KEY_NAME.test(name);
}

export function requireKeyName(name: string): void {
  if (!isKeyName(name)) {
    throw new TlogError(
      'key_malformed',
      `${JSON.stringify(name.slice(0, 120))} is not a key name; use one without spaces or "+", such as "example.com/log".`,
    );
  }
}
