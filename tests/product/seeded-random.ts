import { createHash, randomInt } from 'node:crypto';

/** Randomness that can be had again: the seed is printed, and `FENGCUN_SEED` sets it. */
export interface SeededRandom {
  readonly seed: number;
  /** whole number in [from, to) */
  between(from: number, to: number): number;
}

export function seededRandom(purpose: string): SeededRandom {
  const seed = Number(process.env.FENGCUN_SEED ?? randomInt(1_000_000));
  process.stdout.write(`${purpose}: FENGCUN_SEED=${seed}\n`);
  let drawn = 0;
  return {
    seed,
    between(from, to) {
      const digest = createHash('sha256').update(`${purpose} ${seed} ${drawn++}`).digest();
      return from + Math.floor((digest.readUInt32BE() / 2 ** 32) * (to - from));
    },
  };
}

/** Longer runs by hand (`FENGCUN_CHAOS=long`), short ones everywhere else. */
export const long = process.env.FENGCUN_CHAOS === 'long';
