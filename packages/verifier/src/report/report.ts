/** The same sentence for the two audiences. */
export interface Text {
  readonly zh: string;
  readonly en: string;
}

export type Outcome = 'passed' | 'failed' | 'not_checked';
export type Verdict = 'holds' | 'fails' | 'incomplete';

/** The legs of a verification, in the order of a report. */
export const LEGS = [
  'receipt',
  'entry',
  'size',
  'sha256',
  'sm3',
  'part_tree',
  'declared',
  'inclusion',
  'checkpoint_signature',
  'log_key',
  'witnesses',
  'timestamp',
  'openings',
  'lock',
] as const;

export type LegName = (typeof LEGS)[number];

export interface Leg {
  readonly leg: LegName;
  readonly outcome: Outcome;
  /** whether the verdict needs this leg to have passed */
  readonly required: boolean;
  readonly title: Text;
  /** what was found, closed; `facts` are its numbers, digests and names, `detail` says it to people */
  readonly code: string;
  readonly facts: Readonly<Record<string, string | number>>;
  readonly detail: Text;
}

/** What a receipt speaks of; only what its report says of it is established. */
export interface ReceiptSubject {
  readonly evidence: string;
  /** where the receipt opens it */
  readonly name: string | null;
  /** bytes */
  readonly size: number;
  readonly sealedAt: string;
  readonly log: { readonly origin: string; readonly index: number; readonly size: number };
}

export interface Report {
  readonly verdict: Verdict;
  /** null where the receipt cannot be read that far */
  readonly subject: ReceiptSubject | null;
  readonly legs: readonly Leg[];
}

/** One failure is enough to fail; holding takes every required leg. */
export function verdictOf(legs: readonly Leg[]): Verdict {
  if (legs.some(({ outcome }) => outcome === 'failed')) return 'fails';
  if (legs.some(({ outcome, required }) => required && outcome !== 'passed')) return 'incomplete';
  return 'holds';
}
