import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestProject } from 'vitest/node';
import { endEverythingIn } from './process-table.ts';
import { runSite } from './site-command.ts';
import './provided.ts';

/**
 * One data directory for each vault and the whole run. The first test file that needs a product starts it (`openProduct`), the next ones find
 * it running: a start costs seconds, and a log that many tests wrote to is a better log to check. Whatever is left of them ends here, also
 * after a failure.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // For work on the tests: products that outlive the runs.
  const own = process.env.FENGCUN_PRODUCT_DIR;
  if (own !== undefined) {
    project.provide('fengcunProductDirs', { disk: resolve(own), s3: `${resolve(own)}-s3` });
    return async () => undefined;
  }
  // Blanks and Chinese in the path: both are usual where this runs.
  const parent = await mkdtemp(join(tmpdir(), 'fengcun 系统 '));
  const directories = { disk: join(parent, 'data'), s3: join(parent, 's3 data') };
  project.provide('fengcunProductDirs', directories);
  return async () => {
    for (const directory of Object.values(directories)) await stop(directory);
    await rm(parent, { recursive: true, force: true, maxRetries: 5 });
  };
}

async function stop(dataDir: string): Promise<void> {
  const used = await access(dataDir).then(
    () => true,
    () => false,
  );
  if (!used) return;
  const stopped = await runSite(['stop', '--data', dataDir]);
  await endEverythingIn(dataDir);
  if (stopped.exitCode !== 0) process.stdout.write(`the product did not stop in order:\n${stopped.output}\n`);
}
