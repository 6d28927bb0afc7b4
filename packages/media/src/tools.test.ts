import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openMedia } from './index.ts';
import { temporaryDirectory } from './testing/workshop.ts';

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
beforeAll(async () => {
  directory = await temporaryDirectory();
});
afterAll(() => directory[Symbol.asyncDispose]());

it('finds the tools on the PATH and records their versions', async () => {
  const { tools } = await openMedia({ scratchDir: directory.path });
  expect(tools.ffmpegVersion).toMatch(/\d/);
  expect(tools.ffprobeVersion).toMatch(/\d/);
});

it('says which tool is missing, where it was looked for, and how to install it', async () => {
  const opening = openMedia({ scratchDir: directory.path, ffmpegPath: '/nowhere/ffmpeg' });
  await expect(opening).rejects.toMatchObject({
    code: 'tool_missing',
    message: expect.stringContaining('/nowhere/ffmpeg'),
  });
  await expect(opening).rejects.toThrow('apt-get install');
});

it('names the encoders that a poor build lacks', async () => {
  const poor = join(directory.path, 'ffmpeg');
  // The real tool, with one encoder hidden.
  await writeFile(poor, '#!/bin/sh\nffmpeg "$@" | grep -v libx264\n');
  await chmod(poor, 0o755);
  await expect(openMedia({ scratchDir: directory.path, ffmpegPath: poor })).rejects.toMatchObject({
    code: 'tool_missing',
    message: expect.stringContaining('encoder libx264'),
  });
});

it('a scratch directory that cannot be made is an error of its own', async () => {
  await writeFile(join(directory.path, 'file'), '');
  await expect(openMedia({ scratchDir: join(directory.path, 'file', 'scratch') })).rejects.toMatchObject({
    code: 'io',
  });
});
