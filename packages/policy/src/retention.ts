import type { DispositionRefusal } from '@fengcun/contracts';

const dayMs = 24 * 60 * 60_000;

/**
 * Years that a lock reaches ahead at most. An engine's lock needs a date, and *for ever* is none: a permanent lock, or one for longer than
 * this, is set this far ahead and renewed every year, so that there are always at least `permanentYears - 1` left. Thirty years is the
 * longest fixed term that archives know (定期三十年): should nobody run this software any more, the engine still keeps its word that long.
 * Further ahead would gain nothing while it runs, and a lock set by mistake can never be taken back.
 */
export const permanentYears = 30;

/** How long an item is to be kept; `until` null: for ever. */
export interface Kept {
  readonly until: Date | null;
  /** whether a legal hold stands */
  readonly held: boolean;
}

/** The date to lock until: the end of the term, or as far ahead as locks are set. It may lie in the past. */
export function lockTarget(until: Date | null, now: Date): Date {
  const horizon = yearsAfter(now, permanentYears);
  return until === null || until > horizon ? horizon : until;
}

/** Whether a lock that reaches to `locked` is enough for now, with a year to spare before one that is renewed has to be. */
export function lockSuffices(locked: Date | null, until: Date | null, now: Date): boolean {
  if (locked === null) return false;
  return (until !== null && locked >= until) || locked >= renewalDue(now);
}

/** Locks that end before this and before their term are renewed. */
export const renewalDue = (now: Date): Date => yearsAfter(now, permanentYears - 1);

/**
 * What stands against disposing of an item, or null when nothing does. `lockedUntil`: as the vault was last seen to say; a lock that
 * reaches beyond the term is respected too, because the engine will.
 */
export function dispositionRefusal(
  kept: Kept & { readonly lockedUntil: Date | null },
  now: Date,
): Exclude<DispositionRefusal, 'engine_retained' | 'engine_held'> | null {
  if (kept.held) return 'held';
  if (kept.until === null) return 'permanent';
  if (kept.until > now || (kept.lockedUntil !== null && kept.lockedUntil > now)) return 'not_expired';
  return null;
}

/** The same instant of the year `years` later; 29 February becomes 28 February where there is none. */
function yearsAfter(date: Date, years: number): Date {
  const later = new Date(date);
  later.setUTCFullYear(date.getUTCFullYear() + years);
  return later.getUTCMonth() === date.getUTCMonth() ? later : new Date(later.getTime() - dayMs);
}
