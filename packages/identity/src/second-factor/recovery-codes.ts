import { randomInt } from 'node:crypto';

const codes = 10;
/** No look-alikes. */
const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';

/** Ten codes of sixty bits, in three groups, to be printed and kept. */
export function newRecoveryCodes(): readonly string[] {
  const group = () => Array.from({ length: 4 }, () => alphabet[randomInt(alphabet.length)]).join('');
  return Array.from({ length: codes }, () => `${group()}-${group()}-${group()}`);
}

/** A code as it is hashed, however it was typed. */
export const normalRecoveryCode = (text: string): string => text.toUpperCase().replaceAll(/[\s-]/g, '');
