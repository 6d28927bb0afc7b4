import type { ApproverRole } from '@fengcun/contracts';
import type { Approval, Decision } from './decision.ts';

/**
 * The decisions that a request needs as a whole: for each role as many as the most demanding of its parts asks for. In a fixed order, so
 * that equal needs are equal lists.
 */
export function combinedApproval(decisions: readonly Decision[]): Approval {
  const counts = new Map<ApproverRole, number>();
  for (const decision of decisions) {
    if (decision.outcome !== 'needApproval') continue;
    for (const role of new Set(decision.by)) {
      const asked = decision.by.filter((each) => each === role).length;
      counts.set(role, Math.max(counts.get(role) ?? 0, asked));
    }
  }
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([role, n]) => Array<ApproverRole>(n).fill(role));
}

/** What of `needed` the decisions in `given` leave open. */
export function openDecisions(needed: Approval, given: readonly ApproverRole[]): Approval {
  const left = [...given];
  return needed.filter((role) => {
    const at = left.indexOf(role);
    if (at < 0) return true;
    left.splice(at, 1);
    return false;
  });
}
