import type { MatrixRow } from '@fengcun/contracts';
import { describe, expect, it } from 'vitest';
import { checkMatrix, defaultMatrix, fixedRows } from './index.ts';

const row = (change: Partial<MatrixRow>): MatrixRow => ({
  rule: 'a_rule',
  actions: ['play'],
  who: ['officer'],
  reach: 'own_unit',
  outcome: 'allow',
  ...change,
});
const codes = (change: Partial<MatrixRow>) => checkMatrix([...defaultMatrix, row(change)]).map(({ code }) => code);

describe('a matrix', () => {
  it('as it comes is valid', () => {
    expect(checkMatrix(defaultMatrix)).toEqual([]);
  });

  it.each(fixedRows.map(({ rule }) => rule))('cannot have a row named like the fixed %s', (rule) => {
    expect(codes({ rule })).toEqual(['rule_reserved']);
  });

  it.each(['granted', 'no_rule_allows'])('cannot have a row named %s', (rule) => {
    expect(codes({ rule })).toEqual(['rule_reserved']);
  });

  it('cannot name two rows alike', () => {
    expect(codes({ rule: 'own_case_play' })).toEqual(['rule_twice']);
  });

  it.each(['auditor', 'system_admin', 'security_admin'] as const)('cannot open footage to %s', (role) => {
    expect(codes({ who: ['officer', role] })).toEqual(['administrators_and_footage']);
    expect(codes({ who: [role], outcome: { needApproval: ['legal'] } })).toEqual(['administrators_and_footage']);
    expect(codes({ who: [role], outcome: 'deny' })).toEqual([]);
  });

  it.each(['disclose', 'publish'] as const)('cannot let %s happen on one person’s word', (action) => {
    expect(codes({ actions: [action] })).toEqual(['leaving_needs_two']);
    expect(codes({ actions: [action], outcome: { needApproval: ['legal'] } })).toEqual(['leaving_needs_two']);
    expect(codes({ actions: [action], outcome: { needApproval: ['legal', 'legal'] } })).toEqual(['leaving_needs_two']);
    expect(codes({ actions: [action], outcome: { needApproval: ['legal', 'archivist'] } })).toEqual([]);
    expect(codes({ actions: [action], outcome: 'deny' })).toEqual([]);
  });

  it('cannot let a dock do more than see and upload', () => {
    expect(codes({ who: ['dock'], actions: ['play'] })).toEqual(['dock_limits']);
    expect(codes({ who: ['dock'], actions: ['see', 'upload'] })).toEqual([]);
  });

  it('cannot open urgently without anybody to confirm', () => {
    expect(codes({ actions: ['urgent_play'] })).toEqual(['urgent_needs_approval']);
  });

  it('cannot make redacted versions a matter of approval, nor an administrator’s', () => {
    for (const action of ['redact', 'review_redaction'] as const) {
      expect(codes({ actions: [action] })).toEqual([]);
      expect(codes({ actions: [action], outcome: { needApproval: ['legal'] } })).toEqual(['redaction_is_no_request']);
      expect(codes({ actions: [action], who: ['auditor'] })).toEqual(['administrators_and_footage']);
    }
  });

  it('cannot make seeing a matter of approval, nor of nobody', () => {
    expect(codes({ actions: ['see'], outcome: { needApproval: ['legal'] } })).toEqual(['nobody_can_see']);
    expect(checkMatrix([row({})]).map(({ code, row: at }) => [code, at])).toEqual([['nobody_can_see', null]]);
  });

  it('says which row is wrong, and how', () => {
    const [fault] = checkMatrix([...defaultMatrix, row({ actions: ['publish'] })]);
    expect(fault).toMatchObject({ row: defaultMatrix.length, detail: expect.stringContaining('two different roles') });
  });
});
