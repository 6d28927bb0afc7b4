import { randomInt } from 'node:crypto';
import { hashPassword } from '@fengcun/identity';
import type { Clock } from '@fengcun/runtime';

const lifeMs = 3 * 24 * 3_600_000;
/** No look-alikes: it is read out or copied from a slip of paper. */
const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789';

export interface OneTimePassword {
  /** shown once */
  readonly password: string;
  readonly hash: string;
  readonly expiresAt: Date;
}

/** Fifty-nine bits, good for three days and one sign-in. */
export async function newOneTimePassword(clock: Clock): Promise<OneTimePassword> {
  const group = () => Array.from({ length: 4 }, () => alphabet[randomInt(alphabet.length)]).join('');
  const password = `${group()}-${group()}-${group()}`;
  return { password, hash: await hashPassword(password), expiresAt: new Date(clock.now().getTime() + lifeMs) };
}
