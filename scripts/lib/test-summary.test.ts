import { describe, expect, it } from 'vitest';
import { summary, tally } from './test-summary.ts';

const file = (status: string, ...statuses: string[]) => ({
  status,
  assertionResults: statuses.map((each) => ({ status: each })),
});

describe('the last line of a test run', () => {
  it('counts what passed and failed, and names skipped tests only when there are any', () => {
    const good = { success: true, testResults: [file('passed', 'passed', 'passed')] };
    expect(summary(tally(good, 0))).toBe('2 passed, 0 failed');
    const mixed = {
      success: false,
      testResults: [file('failed', 'passed', 'failed', 'skipped', 'todo'), file('passed', 'passed')],
    };
    expect(summary(tally(mixed, 1))).toBe('2 passed, 1 failed, 2 skipped');
  });

  it('counts a file that could not be loaded as a failure', () => {
    const report = { success: false, testResults: [file('failed'), file('passed', 'passed')] };
    expect(tally(report, 1)).toEqual({ passed: 1, failed: 1, skipped: 0 });
  });

  it('counts an error outside of every test as a failure', () => {
    const report = { success: false, testResults: [file('passed', 'passed')] };
    expect(tally(report, 1)).toEqual({ passed: 1, failed: 1, skipped: 0 });
  });

  it('never reports a crash, or a run without tests, as a success', () => {
    expect(tally(undefined, 0).failed).toBe(1);
    expect(tally({ success: true, testResults: [] }, 0).failed).toBe(1);
    expect(tally({ success: true, testResults: [file('passed', 'passed')] }, 137).failed).toBe(1);
  });
});
