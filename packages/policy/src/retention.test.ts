import { describe, expect, it } from 'vitest';
import { decide } from './decide.ts';
import { ordinary } from './matrix.ts';
import { dispositionRefusal, lockSuffices, lockTarget, permanentYears, renewalDue } from './retention.ts';

const now = new Date('2028-02-29T08:00:00Z');
const at = (text: string) => new Date(text);

describe('a lock', () => {
  it('reaches to the end of the term, and for ever as far ahead as locks are set', () => {
    expect(lockTarget(at('2031-01-01T00:00:00Z'), now)).toEqual(at('2031-01-01T00:00:00Z'));
    expect(lockTarget(null, now)).toEqual(at('2058-02-28T08:00:00Z'));
    expect(lockTarget(at('3025-01-01T00:00:00Z'), now)).toEqual(lockTarget(null, now));
  });

  it('that is renewed always has a year to spare', () => {
    const locked = lockTarget(null, now);
    expect(lockSuffices(locked, null, now)).toBe(true);
    expect(lockSuffices(locked, null, at('2029-02-27T00:00:00Z'))).toBe(true);
    expect(lockSuffices(locked, null, at('2029-03-02T00:00:00Z'))).toBe(false);
    expect(renewalDue(now).getUTCFullYear()).toBe(2028 + permanentYears - 1);
  });

  it('for a term is enough when it reaches its end, and not a moment before', () => {
    const until = at('2030-01-01T00:00:00Z');
    expect(lockSuffices(until, until, now)).toBe(true);
    expect(lockSuffices(at('2029-12-31T23:59:59.999Z'), until, now)).toBe(false);
    expect(lockSuffices(null, until, now)).toBe(false);
  });
});

describe('disposition', () => {
  const free = { until: at('2027-01-01T00:00:00Z'), held: false, lockedUntil: at('2027-01-01T00:00:00Z') };
  it.each([
    ['nothing stands against it after the term', free, null],
    ['held', { ...free, held: true }, 'held'],
    ['kept for ever', { ...free, until: null }, 'permanent'],
    ['the term runs', { ...free, until: at('2028-02-29T08:00:00.001Z') }, 'not_expired'],
    ['the lock outlasts the term', { ...free, lockedUntil: at('2028-03-01T00:00:00Z') }, 'not_expired'],
    ['never locked, term over', { ...free, lockedUntil: null }, null],
  ] as const)('%s', (_, kept, refusal) => {
    expect(dispositionRefusal(kept, now)).toBe(refusal);
  });
});

describe('who keeps what', () => {
  const unitPath = ['bureau', 'section'];
  const person = (role: 'archivist' | 'legal' | 'bureau_head' | 'security_admin' | 'officer', unit = 'bureau') =>
    ({ kind: 'person', id: 'p', roles: [{ role, unit }] }) as const;
  it.each([
    ['dispose', 'archivist', 'allow'],
    ['dispose', 'legal', 'deny'],
    ['decide_disposition', 'legal', 'allow'],
    ['decide_disposition', 'bureau_head', 'allow'],
    ['decide_disposition', 'archivist', 'deny'],
    ['hold', 'legal', 'allow'],
    ['hold', 'officer', 'deny'],
    ['assign_retention', 'archivist', 'allow'],
    ['keep_matters', 'security_admin', 'allow'],
    ['dispose', 'security_admin', 'deny'],
  ] as const)('%s by %s: %s', (action, role, outcome) => {
    expect(decide(person(role), action, { unitPath }, ordinary).outcome).toBe(outcome);
  });

  it('reaches no further than the subtree of the role', () => {
    expect(decide(person('archivist', 'elsewhere'), 'dispose', { unitPath }, ordinary).outcome).toBe('deny');
  });

  it('cannot be given away by a changed matrix', () => {
    const open = [
      { rule: 'anybody_disposes', actions: ['dispose'], who: ['officer'], reach: 'anywhere', outcome: 'allow' },
    ] as never;
    expect(decide(person('officer'), 'dispose', { unitPath }, { ...ordinary, matrix: open }).outcome).toBe('deny');
  });
});
