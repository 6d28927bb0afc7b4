import { type Finding, inEnglish, type Verification } from '@fengcun/contracts';

export type Leg = Verification['legs'][number];
type Outcome = Leg['outcome'];
export type Verdict = NonNullable<Verification['verdict']>;

export const leg = (name: Leg['leg'], outcome: Outcome, ...findings: readonly Finding[]): Leg => ({
  leg: name,
  outcome,
  detail: inEnglish(findings),
  findings: [...findings],
});

/** What has to have passed before anybody is told that an item holds; the rest may be unknown, but nothing may have failed. */
const required: readonly Leg['leg'][] = ['size', 'sha256', 'sm3', 'part_tree', 'inclusion', 'checkpoint_signature'];

/** `lockPromised`: the seal says that the original was locked, so an unknown lock leaves the verdict open. */
export function verdictOf(legs: readonly Leg[], { lockPromised }: { readonly lockPromised: boolean }): Verdict {
  if (legs.some(({ outcome }) => outcome === 'failed')) return 'fails';
  const needed = lockPromised ? [...required, 'lock' as const] : required;
  return needed.every((name) => legs.some((l) => l.leg === name && l.outcome === 'passed')) ? 'holds' : 'incomplete';
}
