import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { fromBase32, totpCode, totpStep } from '@fengcun/identity';
import type { DemoFacts } from './facts.ts';

/** `code LOGIN [--data DIR]`: prints the code that the authenticator of one of the demo's people would show now. */
const { values, positionals } = parseArgs({ allowPositionals: true, options: { data: { type: 'string' } } });
const directory = resolve(values.data ?? join(import.meta.dirname, '../../../../.data'));
const [login] = positionals;
try {
  const demo = JSON.parse(await readFile(join(directory, 'demo.json'), 'utf8')) as DemoFacts;
  const secret = demo.accounts.find((account) => account.login === login)?.secondFactor;
  if (secret === undefined) throw new Error(`the demo has no second factor for "${login ?? ''}"`);
  process.stdout.write(`${totpCode(fromBase32(secret), totpStep(new Date()))}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\nUsage: code LOGIN [--data DIR]\n`);
  process.exitCode = 1;
}
