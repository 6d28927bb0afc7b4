/** A process for `kill.test.ts`: writes parts, each with a tail on the way, and says what was acknowledged, until killed. */
import { argv } from 'node:process';
import { freshKey, sha256 } from '../conformance/content.ts';
import type { StoredPart, Transfer } from '../port.ts';
import { openDiskVault } from './disk-vault.ts';

export type Acknowledgement =
  | { readonly kind: 'transfer'; readonly transfer: Transfer }
  | { readonly kind: 'tail'; readonly partNumber: number }
  | { readonly kind: 'part'; readonly part: StoredPart };

export const PART_SIZE = 300_000;
export const TAIL_SIZE = 120_001;

/** The same bytes in every process, different in every part. */
export function contentOf(partNumber: number): Buffer {
  return Buffer.alloc(PART_SIZE, `${partNumber}/${sha256(Buffer.of(partNumber % 256))}/`);
}

function acknowledge(answer: Acknowledgement): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

async function writeForEver(root: string): Promise<never> {
  const vault = await openDiskVault({ root, reserveBytes: 0 });
  const transfer = await vault.createTransfer(freshKey(), PART_SIZE);
  acknowledge({ kind: 'transfer', transfer });
  for (let partNumber = 1; ; partNumber++) {
    const content = contentOf(partNumber);
    const writer = await vault.openPart(transfer, partNumber, 0);
    for (let at = 0; at < TAIL_SIZE; at += 50_000)
      await writer.write(content.subarray(at, Math.min(TAIL_SIZE, at + 50_000)));
    await writer.keep();
    acknowledge({ kind: 'tail', partNumber });
    const more = await vault.openPart(transfer, partNumber, TAIL_SIZE);
    await more.write(content.subarray(TAIL_SIZE));
    acknowledge({ kind: 'part', part: await more.commit(sha256(content)) });
  }
}

const [, script, root] = argv;
if (import.meta.filename === script && root !== undefined) await writeForEver(root);
