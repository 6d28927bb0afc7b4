import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Runs one of our programs to its end and answers what it said. Rejects with what it complained of when it failed. */
export async function runProgram(program: URL, args: readonly string[]): Promise<string> {
  const { stdout } = await execute(process.execPath, [fileURLToPath(program), ...args]);
  return stdout;
}
