import type { ApplicantKind, ApproverRole, MatrixRow, Purpose } from '@fengcun/contracts';

/** A row as its form holds it: conditions that are not set are empty. */
export interface RowFields {
  readonly rule: string;
  readonly actions: MatrixRow['actions'];
  readonly who: MatrixRow['who'];
  readonly reach: MatrixRow['reach'];
  readonly ownCase: boolean;
  readonly purposes: Purpose[];
  readonly onBehalf: ApplicantKind[];
  readonly redacted: 'any' | 'yes' | 'no';
  readonly outcome: 'allow' | 'deny' | 'needApproval';
  readonly approvers?: ApproverRole[];
}

export function fieldsOfRow(row: MatrixRow | null): Partial<RowFields> {
  if (!row) return { reach: 'own_unit', ownCase: false, purposes: [], onBehalf: [], redacted: 'any' };
  const { when, outcome } = row;
  return {
    rule: row.rule,
    actions: row.actions,
    who: row.who,
    reach: row.reach,
    ownCase: when?.ownCase === true,
    purposes: when?.purposes ?? [],
    onBehalf: when?.onBehalf ?? [],
    redacted: when?.redacted === undefined ? 'any' : when.redacted ? 'yes' : 'no',
    ...(typeof outcome === 'string' ? { outcome } : { outcome: 'needApproval', approvers: outcome.needApproval }),
  };
}

export function rowOf(fields: RowFields): MatrixRow {
  const { rule, actions, who, reach, ownCase, purposes, onBehalf, redacted, outcome, approvers = [] } = fields;
  const when = {
    ...(ownCase ? { ownCase: true as const } : {}),
    ...(purposes.length > 0 ? { purposes } : {}),
    ...(onBehalf.length > 0 ? { onBehalf } : {}),
    ...(redacted === 'any' ? {} : { redacted: redacted === 'yes' }),
  };
  return {
    rule,
    actions,
    who,
    reach,
    ...(Object.keys(when).length > 0 ? { when } : {}),
    outcome: outcome === 'needApproval' ? { needApproval: approvers } : outcome,
  };
}
