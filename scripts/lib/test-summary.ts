/**
 * Says in one line how a test run ended, and ends with 0 only if nothing failed.
 * Arguments: Vitest's JSON report, and the exit code of Vitest itself.
 */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

export interface TestTally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * Counts a Vitest JSON report. What fails outside of a test (a file that cannot be loaded, an unhandled error, a runner that crashed and left
 * no report) counts as one failure: a run must not look better than it was.
 */
export function tally(report: unknown, exitCode: number): TestTally {
  const files = isRecord(report) && Array.isArray(report.testResults) ? report.testResults.filter(isRecord) : [];
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  for (const file of files) {
    const results = Array.isArray(file.assertionResults) ? file.assertionResults.filter(isRecord) : [];
    const failedHere = results.filter(({ status }) => status === 'failed').length;
    passed += results.filter(({ status }) => status === 'passed').length;
    skipped += results.length - results.filter(({ status }) => status === 'passed').length - failedHere;
    failed += file.status === 'failed' && failedHere === 0 ? 1 : failedHere;
  }
  const sound = exitCode === 0 && isRecord(report) && report.success === true && passed > 0;
  return { passed, failed: failed === 0 && !sound ? 1 : failed, skipped };
}

export function summary({ passed, failed, skipped }: TestTally): string {
  return `${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function readReport(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    process.stderr.write('The test runner left no report: it crashed, or was stopped.\n');
    return undefined;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [path = '', exitCode = '1'] = process.argv.slice(2);
  const result = tally(readReport(path), Number(exitCode));
  process.stdout.write(`${summary(result)}\n`);
  process.exitCode = result.failed === 0 ? 0 : 1;
}
