import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestProject } from 'vitest/node';
import { endEverythingIn } from './process-table.ts';
import { runSite } from './site-command.ts';
import './provided.ts';

/**
 * One data directory for the whole run. The first test file that needs the product starts it (`openProduct`), the next ones find it running:
 * a start costs seconds, and a log that many tests wrote to is a better log to check. Whatever is left of it ends here, also after a failure.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // For work on the tests: one product that outlives the runs.
  const own = process.env.FENGCUN_PRODUCT_DIR;
  if (own !== undefined) {
    project.provide('fengcunProductDir', resolve(own));
    return async () => undefined;
  }
  // Blanks and Chinese in the path: both are usual where this runs.
  const parent = await mkdtemp(join(tmpdir(), 'fengcun 系统 '));
  const dataDir = join(parent, 'data');
  project.provide('fengcunProductDir', dataDir);
  return async () => {
    const stopped = await runSite(['stop', '--data', dataDir]);
    await endEverythingIn(dataDir);
    if (stopped.exitCode !== 0) process.stdout.write(`the product did not stop in order:\n${stopped.output}\n`);
    await rm(parent, { recursive: true, force: true, maxRetries: 5 });
  };
}
