import { describe, expect, it } from 'vitest';
import { combinedApproval, type Decision, openDecisions } from './index.ts';

const need = (...by: ('legal' | 'bureau_head' | 'archivist')[]): Decision => ({
  outcome: 'needApproval',
  by,
  rule: 'r',
});

describe('the decisions a request needs', () => {
  it.each([
    [[], []],
    [[{ outcome: 'allow', rule: 'a' } as const, { outcome: 'deny', rule: 'd' } as const], []],
    [[need('legal'), need('legal')], ['legal']],
    [
      [need('legal'), need('bureau_head')],
      ['bureau_head', 'legal'],
    ],
    [
      [need('legal', 'bureau_head'), need('legal')],
      ['bureau_head', 'legal'],
    ],
    [
      [need('bureau_head', 'bureau_head'), need('bureau_head', 'legal')],
      ['bureau_head', 'bureau_head', 'legal'],
    ],
  ])('of parts %j are %j', (parts, needed) => {
    expect(combinedApproval(parts)).toEqual(needed);
  });

  it('are left open until each has one, order free', () => {
    const needed = ['bureau_head', 'bureau_head', 'legal'] as const;
    expect(openDecisions(needed, [])).toEqual(needed);
    expect(openDecisions(needed, ['legal'])).toEqual(['bureau_head', 'bureau_head']);
    expect(openDecisions(needed, ['bureau_head'])).toEqual(['bureau_head', 'legal']);
    expect(openDecisions(needed, ['bureau_head', 'legal', 'bureau_head'])).toEqual([]);
    expect(openDecisions(needed, ['archivist'])).toEqual(needed);
  });
});
