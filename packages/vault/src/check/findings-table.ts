import type { ProbeFinding } from '../port.ts';

const OUTCOMES: Readonly<Record<ProbeFinding['outcome'], string>> = {
  passed: '通过   passed',
  failed: '未通过 failed',
  not_checked: '未检查 not checked',
};

/** The findings as aligned columns: outcome, whether it is a must, check, detail. */
export function findingsTable(findings: readonly ProbeFinding[]): string {
  const rows = [
    ['结果', '必须 must', '检查 check', '说明 detail'],
    ...findings.map(({ outcome, must, check, detail }) => [
      OUTCOMES[outcome],
      must ? '必须 must' : '-',
      check,
      detail.replaceAll(/\s+/g, ' '),
    ]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => widthOf(row[column] ?? ''))));
  return rows
    .map((row) => row.map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - widthOf(cell)))))
    .map((row) => row.join('  ').trimEnd())
    .join('\n');
}

/** One line that sums the findings up. What was not tried is never counted as passed. */
export function verdict(findings: readonly ProbeFinding[]): string {
  const count = (outcome: ProbeFinding['outcome']) => findings.filter((finding) => finding.outcome === outcome).length;
  const broken = findings.filter(({ must, outcome }) => must && outcome !== 'passed').length;
  const counts = `${count('passed')} 通过 passed, ${count('failed')} 未通过 failed, ${count('not_checked')} 未检查 not checked`;
  return broken === 0
    ? `${counts}。必须项全部通过 Every must passed.`
    : `${counts}。${broken} 个必须项没有通过，不能存放证据 musts did not pass: not fit for evidence.`;
}

/** columns on a terminal: a Chinese character takes two */
function widthOf(text: string): number {
  return [...text].reduce(
    (width, character) =>
      width +
      (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/.test(character) ? 2 : 1),
    0,
  );
}
