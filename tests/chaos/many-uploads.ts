import { join } from 'node:path';
import { expect } from 'vitest';
import { type AgentRun, enrolDock, freshSerial, type RunningAgent, temporaryDirectory } from '../product/dock.ts';
import { eventually } from '../product/eventually.ts';
import type { Product } from '../product/product.ts';
import { opensslDigests, placeBytes } from '../product/recordings.ts';
import { long, type SeededRandom } from '../product/seeded-random.ts';

/** How many files one dock hands over in each of these tests. */
export const fileCount = long ? 400 : 50;

/** A dock that hands over many files at once. */
export interface ManyUploads {
  readonly agent: RunningAgent;
  /** Waits until that many of the files are sealed, and says how many are. */
  sealed(atLeast: number): Promise<number>;
  /** Waits for the agent's end: it must have found every file sealed, each exactly once, with the digests that openssl finds. */
  allSealed(): Promise<void>;
}

export async function handOverMany(product: Product, random: SeededRandom): Promise<ManyUploads> {
  const serial = freshSerial();
  const dock = await enrolDock(product);
  const folder = await temporaryDirectory('many');
  const names = Array.from({ length: fileCount }, (_, at) => `DSJ_${String(at).padStart(4, '0')}_现场.mp4`);
  for (const name of names) await placeBytes(join(folder, name), random.between(1, 2_000_000), `${serial} ${name}`);
  const agent = dock.start('offload', folder, '--device', serial, '--parallel', '8', '--json');

  const rows = async () => {
    const { rows: found } = await product.database.query<{ name: string; state: string; sha256: string; sm3: string }>(
      `select name, state, encode(sha256, 'hex') as sha256, encode(sm3, 'hex') as sm3 from evidence
       where device_serial = $1 order by name`,
      [serial],
    );
    return found;
  };
  return {
    agent,
    sealed: (atLeast) =>
      eventually(async () => {
        const { length } = await rows();
        expect(length, agent.lines.length > 0 ? undefined : 'the agent says nothing').toBeGreaterThanOrEqual(atLeast);
        return length;
      }),
    async allSealed() {
      const run: AgentRun = await agent.ended;
      expect(run.exitCode, run.stderr).toBe(0);
      expect(run.lines.at(-1)).toMatchObject({ event: 'done', sealed: fileCount, quarantined: 0, failed: 0 });
      const expected: object[] = [];
      for (const name of names) expected.push({ name, state: 'sealed', ...(await opensslDigests(join(folder, name))) });
      expect(await rows()).toEqual(expected);
    },
  };
}
