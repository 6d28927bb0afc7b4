import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { collect, sha256 } from '../conformance/content.ts';
import { openDiskVault } from './disk-vault.ts';
import { type Acknowledgement, contentOf, PART_SIZE, TAIL_SIZE } from './kill-fixture.ts';

const FIXTURE = fileURLToPath(new URL('./kill-fixture.ts', import.meta.url));

/** Runs a process that writes parts until it has acknowledged `count` things, then kills it in the middle of the next. */
async function killAfter(root: string, count: number): Promise<Acknowledgement[]> {
  const child = spawn(process.execPath, [FIXTURE, root], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const acknowledged: Acknowledgement[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.push(JSON.parse(line) as Acknowledgement);
    if (acknowledged.length === count) child.kill('SIGKILL');
  }
  expect(await exited).toEqual([null, 'SIGKILL']);
  return acknowledged;
}

it.each([2, 7, 12, 25])('everything acknowledged is intact after SIGKILL in the middle (%i answers)', async (count) => {
  const root = await mkdtemp(join(tmpdir(), 'fengcun-kill-'));
  onTestFinished(() => rm(root, { recursive: true }));
  const acknowledged = await killAfter(root, count);
  expect(acknowledged.length).toBeGreaterThanOrEqual(count);

  const vault = await openDiskVault({ root, reserveBytes: 0 });
  const begun = acknowledged.find((answer) => answer.kind === 'transfer');
  if (begun?.kind !== 'transfer') throw new Error('The fixture begins with its transfer.');
  const { transfer } = begun;
  const parts = acknowledged.flatMap((answer) => (answer.kind === 'part' ? [answer.part] : []));
  const last = acknowledged.at(-1);
  if (last?.kind === 'tail') {
    const tail = await collect(vault.readTail(transfer, last.partNumber, TAIL_SIZE));
    expect(tail.equals(contentOf(last.partNumber).subarray(0, TAIL_SIZE))).toBe(true);
  }

  // The process comes back, sends what was not acknowledged, and completes.
  const next = parts.length + 1;
  const tailLength = last?.kind === 'tail' ? TAIL_SIZE : 0;
  const writer = await vault.openPart(transfer, next, tailLength);
  await writer.write(contentOf(next).subarray(tailLength));
  parts.push(await writer.commit(sha256(contentOf(next))));
  const version = await vault.complete(transfer, parts);
  expect(version.size).toBe(next * PART_SIZE);
  const expected = Buffer.concat(parts.map((part) => contentOf(part.partNumber)));
  expect((await collect(vault.read(version))).equals(expected)).toBe(true);
});
