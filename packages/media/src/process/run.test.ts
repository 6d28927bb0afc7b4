import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { processesIn, temporaryDirectory } from '../testing/workshop.ts';
import { createLauncher } from './launcher.ts';
import { defaultLimits, type MediaLimits } from './limits.ts';
import { runTool, type ToolRun } from './run.ts';

let scratch: Awaited<ReturnType<typeof temporaryDirectory>>;
beforeAll(async () => {
  scratch = await temporaryDirectory();
});
afterAll(() => scratch[Symbol.asyncDispose]());

/** A shell script in the tool's place. */
async function shell(
  script: string,
  changes: Partial<ToolRun> = {},
  limits: Partial<MediaLimits> = {},
): Promise<ToolRun> {
  return {
    program: '/bin/sh',
    args: ['-c', script],
    launcher: await createLauncher({ ...defaultLimits, ...limits }),
    scratchDir: scratch.path,
    noProgressMs: 60_000,
    wallTimeMs: 60_000,
    maxOutputBytes: 1_000_000,
    ...changes,
  };
}

const readAll = async (stdout: AsyncIterable<Uint8Array>): Promise<string> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stdout) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

/** Nothing of the run is left: no process, no directory. */
async function expectNothingLeft(): Promise<void> {
  await vi.waitFor(async () => expect(await processesIn(scratch.path)).toEqual([]));
  expect(await readdir(scratch.path)).toEqual([]);
}

it('hands over output, exit code and last words, and leaves nothing', async () => {
  const result = await runTool(await shell('echo out; echo words >&2; exit 3'), async (stdout, ended) => ({
    text: await readAll(stdout),
    ...(await ended()),
  }));
  expect(result).toEqual({ text: 'out\n', exitCode: 3, stderrTail: 'words' });
  await expectNothingLeft();
});

it('keeps only the end of what the tool prints', async () => {
  const { stderrTail } = await runTool(await shell('seq 1 100000 >&2'), async (stdout, ended) => {
    await readAll(stdout);
    return await ended();
  });
  expect(stderrTail.length).toBeLessThanOrEqual(8 * 1024);
  expect(stderrTail).toMatch(/100000$/);
});

it('does not pass the environment of the service on', async () => {
  vi.stubEnv('FENGCUN_SECRET', 'hunter2');
  const environment = await runTool(await shell('env'), readAll);
  vi.unstubAllEnvs();
  expect(environment).not.toContain('hunter2');
});

it('gives way to everything else, unless somebody waits for it', async () => {
  const here = (await runTool(await shell('nice', { priority: 'waited-for' }), readAll)).trim();
  const behind = (await runTool(await shell('nice'), readAll)).trim();
  expect(Number(behind)).toBe(Math.min(19, Number(here) + defaultLimits.niceness));
});

describe('kills the whole group', () => {
  // The grandchild would outlive its parent if only the parent were killed.
  const family = 'sleep 1000 & echo ready; sleep 1000';

  it('on abort', async () => {
    const abort = new AbortController();
    const run = runTool(await shell(family, { signal: abort.signal }), async (stdout) => {
      for await (const _ of stdout) abort.abort();
    });
    await expect(run).rejects.toMatchObject({ code: 'aborted' });
    await expectNothingLeft();
  });

  it('when the reader fails, whose error it passes on', async () => {
    const run = runTool(await shell(family), async (stdout) => {
      for await (const _ of stdout) throw new Error('vault full');
    });
    await expect(run).rejects.toThrow('vault full');
    await expectNothingLeft();
  });

  it('when it makes no progress', async () => {
    const run = runTool(await shell(family, { noProgressMs: 200 }), readAll);
    await expect(run).rejects.toMatchObject({ code: 'no_progress' });
    await expectNothingLeft();
  });

  it('when it reports progress for ever without moving', async () => {
    const stuck = 'while sleep 0.02; do printf "out_time_us=1000\\nframe=1\\nprogress=continue\\n" >&3; done';
    const run = runTool(await shell(stuck, { noProgressMs: 300 }), readAll);
    await expect(run).rejects.toMatchObject({ code: 'no_progress' });
    await expectNothingLeft();
  });

  it('when it moves but runs too long', async () => {
    const busy = 'while sleep 0.02; do echo more; done';
    await expect(runTool(await shell(busy, { wallTimeMs: 300 }), readAll)).rejects.toMatchObject({ code: 'timed_out' });
    await expectNothingLeft();
  });

  it('when it uses too much processor time', async () => {
    const spin = 'while :; do :; done';
    await expect(runTool(await shell(spin, {}, { cpuSeconds: 1 }), readAll)).rejects.toMatchObject({
      code: 'timed_out',
    });
    await expectNothingLeft();
  });

  it('when it writes too much', async () => {
    await expect(runTool(await shell('yes'), readAll)).rejects.toMatchObject({ code: 'output_too_large' });
    await expectNothingLeft();
  });
});

it('does not hold a slow reader against the tool', async () => {
  const release = Promise.withResolvers<void>();
  const run = runTool(await shell('echo one', { noProgressMs: 100, wallTimeMs: 100 }), async (stdout) => {
    for await (const _ of stdout) {
      // Both clocks would have run out three times over.
      setTimeout(release.resolve, 300);
      await release.promise;
    }
    return 'read';
  });
  expect(await run).toBe('read');
});

it('an abort before the start starts nothing', async () => {
  const run = runTool(await shell('touch ../started', { signal: AbortSignal.abort() }), readAll);
  await expect(run).rejects.toMatchObject({ code: 'aborted' });
  await expectNothingLeft();
});

it.runIf(process.platform === 'linux')('the tool dies with a service that is killed outright', async () => {
  const script = `
    const { runTool } = await import(${JSON.stringify(join(import.meta.dirname, 'run.ts'))});
    const { createLauncher } = await import(${JSON.stringify(join(import.meta.dirname, 'launcher.ts'))});
    const { defaultLimits } = await import(${JSON.stringify(join(import.meta.dirname, 'limits.ts'))});
    await runTool({ program: '/bin/sleep', args: ['1000'], launcher: await createLauncher(defaultLimits), scratchDir: ${JSON.stringify(scratch.path)},
      noProgressMs: 60000, wallTimeMs: 60000, maxOutputBytes: 10 }, async (stdout) => { for await (const _ of stdout); });`;
  const service = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
  await vi.waitFor(async () => expect(await processesIn(scratch.path)).toHaveLength(1), { timeout: 20_000 });
  service.kill('SIGKILL');
  await vi.waitFor(async () => expect(await processesIn(scratch.path)).toEqual([]), { timeout: 20_000 });
});
