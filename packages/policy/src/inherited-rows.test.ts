import { describe, expect, it } from 'vitest';
import { checkMatrix } from './check-matrix.ts';
import { actions } from './decision.ts';
import { inheritedRows } from './inherited-rows.ts';
import { defaultMatrix } from './matrix.ts';

const work: readonly string[] = ['redact', 'review_redaction'];
const before = {
  rows: defaultMatrix.filter((row) => !row.actions.some((action) => work.includes(action))),
  actions: actions.filter((action) => !work.includes(action)),
};

describe('the rows that a matrix inherits', () => {
  it('are those about what could not be spoken of when it was set, and no others', () => {
    expect(inheritedRows(before).map(({ rule }) => rule)).toEqual([
      'own_case_redact',
      'own_unit_redact',
      'own_unit_review_redaction',
    ]);
    expect(checkMatrix([...before.rows, ...inheritedRows(before)])).toEqual([]);
  });

  it('are none where it could speak of everything: what it leaves out is refused', () => {
    expect(inheritedRows({ ...before, actions })).toEqual([]);
  });

  it('speak of nothing that it could speak of, and take no name that it uses', () => {
    const rows = before.rows.map((row) => (row.rule === 'own_unit_see' ? { ...row, rule: 'own_case_redact' } : row));
    const inherited = inheritedRows({ rows, actions: before.actions.filter((action) => action !== 'see') });
    expect(inherited.map(({ rule }) => rule)).toContain('default_own_case_redact');
    expect(new Set([...rows, ...inherited].map(({ rule }) => rule)).size).toBe(rows.length + inherited.length);
    // `dock_of_unit` is about seeing and uploading.
    expect(inherited.find(({ rule }) => rule.endsWith('dock_of_unit'))?.actions).toEqual(['see']);
  });
});
