import type { MatrixRow } from '@fengcun/contracts';
import type { Matrix } from './decision.ts';
import { administrators, fallbackRule, fixedRows, footage, footageWork, grantRule, leaving } from './matrix.ts';

export interface MatrixFault {
  /** position in the list, or null for a fault of the whole */
  readonly row: number | null;
  readonly code:
    | 'rule_reserved'
    | 'rule_twice'
    | 'administrators_and_footage'
    | 'leaving_needs_two'
    | 'dock_limits'
    | 'urgent_needs_approval'
    | 'redaction_is_no_request'
    | 'nobody_can_see';
  readonly detail: string;
}

/**
 * What is wrong with a matrix that somebody wants to put in force; empty when nothing is. The rows that cannot be negotiated hold even
 * without this, since `decide` reads `fixedRows` first: here whoever writes a row that could never come true, or that would let footage
 * leave on one person's word, is told so.
 */
export function checkMatrix(matrix: Matrix): readonly MatrixFault[] {
  const reserved = new Set([...fixedRows.map(({ rule }) => rule), fallbackRule, grantRule]);
  const faults: MatrixFault[] = [];
  const seen = new Set<string>();
  matrix.forEach((row, index) => {
    const fault = (code: MatrixFault['code'], detail: string) =>
      faults.push({ row: index, code, detail: `Row ${index + 1} (${row.rule}): ${detail}` });
    if (reserved.has(row.rule)) fault('rule_reserved', 'this name belongs to a rule that cannot be changed');
    if (seen.has(row.rule)) fault('rule_twice', 'another row has this name; events could not say which decided');
    seen.add(row.rule);
    checkRow(row, fault);
  });
  const canSee = matrix.some(({ actions, outcome }) => actions.includes('see') && outcome === 'allow');
  if (!canSee)
    faults.push({
      row: null,
      code: 'nobody_can_see',
      detail: 'No row lets anybody see an item: keep one that allows `see`',
    });
  return faults;
}

function checkRow(row: MatrixRow, fault: (code: MatrixFault['code'], detail: string) => void): void {
  const { actions, who, outcome } = row;
  if (outcome === 'deny') return;
  const showing = [...footage, ...footageWork];
  if (actions.some((action) => showing.includes(action)) && who.some((role) => administrators.includes(role as never)))
    fault(
      'administrators_and_footage',
      'no administrator ever opens footage; leave auditor, system_admin and security_admin out',
    );
  if (who.includes('dock') && actions.some((action) => action !== 'see' && action !== 'upload'))
    fault('dock_limits', 'a dock can be let see and upload, nothing else');
  if (
    actions.some((action) => leaving.includes(action)) &&
    (outcome === 'allow' || new Set(outcome.needApproval).size < 2)
  )
    fault('leaving_needs_two', 'disclose and publish need the approval of two different roles');
  if (actions.includes('urgent_play') && outcome === 'allow')
    fault('urgent_needs_approval', 'opening at once has to be confirmed afterwards; name who confirms');
  if (actions.some((action) => footageWork.includes(action)) && outcome !== 'allow')
    fault('redaction_is_no_request', 'making and reviewing redacted versions is allowed or denied, never approved');
  if (actions.includes('see') && outcome !== 'allow')
    fault('nobody_can_see', 'seeing an item is allowed or denied, never approved');
}
