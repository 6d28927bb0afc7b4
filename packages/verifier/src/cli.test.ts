import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TREE_LEAF_SIZE } from '@fengcun/digest';
import { MockLog } from '@fengcun/tlog/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { displayWidth } from './cli/display-width.ts';
import { type MockReceipt, mockContent, mockReceipt } from './testing/index.ts';

const BIN = fileURLToPath(new URL('../bin/fengcun-verify', import.meta.url));

interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const FILE = '现场 执法🎥.mp4';

let folder: string;
let receipt: MockReceipt;
const at = (name: string) => join(folder, name);

/** Runs the command as a user does: through the symbolic link that an installation makes. */
function verify(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Result> {
  return new Promise((resolve) => {
    const child = execFile(
      at('fengcun-verify'),
      [...args],
      { env: { PATH: process.env.PATH, ...env } },
      (_error, stdout, stderr) => {
        resolve({ code: child.exitCode ?? -1, stdout, stderr });
      },
    );
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fengcun-verify-'));
  await symlink(BIN, at('fengcun-verify'));
  // Three tree leaves, the last one short.
  const bytes = randomBytes(2 * TREE_LEAF_SIZE + 12_345);
  receipt = await mockReceipt({ name: FILE, content: mockContent(bytes) });
  await writeFile(at(FILE), bytes);
  await writeFile(at('receipt.json'), receipt.text);
  await writeFile(at('keys.txt'), `# 某市局日志\n\n${receipt.keys.join('\n')}\r\n`);
  await writeFile(at('other-keys.txt'), new MockLog({ origin: 'other.example/log' }).vkey);
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('the verdict', () => {
  it('holds with exit code 0, every leg in a table aligned by columns, without colour in a pipe', async () => {
    const { code, stdout, stderr } = await verify([at(FILE), at('receipt.json'), '--keys', at('keys.txt')]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('结论：成立');
    expect(stdout).toContain(receipt.content.sm3);
    expect(stdout).not.toContain('\u001b');
    const rows = stdout.split('\n').filter((line) => /^[✓✗-] /.test(line));
    expect(rows).toHaveLength(14);
    const titles = rows.map((row) => /^(. \S+ +)\S/.exec(row)?.[1] ?? '');
    expect(new Set(titles.map(displayWidth)).size).toBe(1);
  });

  it('is incomplete with exit code 3 without a trusted key, and says how to get one', async () => {
    const { code, stdout } = await verify([at(FILE), at('receipt.json')]);
    expect(code).toBe(3);
    expect(stdout).toContain('未能完全核验');
    expect(stdout).toContain('--keys');
  });

  it('fails with exit code 1 for another file, a truncated one and an empty one', async () => {
    await writeFile(at('other.mp4'), 'another recording');
    await writeFile(at('empty.mp4'), '');
    await copyFile(at(FILE), at('short.mp4'));
    await truncate(at('short.mp4'), receipt.content.size - 1);
    for (const name of ['other.mp4', 'empty.mp4', 'short.mp4']) {
      const { code, stdout } = await verify([at(name), at('receipt.json'), '--keys', at('keys.txt'), '--json']);
      expect(code).toBe(1);
      const report = JSON.parse(stdout);
      expect(report.verdict).toBe('fails');
      const failed = report.legs.filter((leg: { outcome: string }) => leg.outcome === 'failed');
      expect(failed.map((leg: { leg: string }) => leg.leg)).toEqual(['size', 'sha256', 'sm3', 'part_tree']);
    }
  });

  it('fails with exit code 1 with the keys of another log', async () => {
    const { code, stdout } = await verify([
      at(FILE),
      at('receipt.json'),
      '--keys',
      at('other-keys.txt'),
      '--lang',
      'en',
    ]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/FAILED +Log key is one you trust/);
    expect(stdout).toContain('Verdict: FAILS');
  });

  it('fails with exit code 1 for JSON that is no intact receipt, without reading the file', async () => {
    await writeFile(at('damaged.json'), receipt.text.replace('fengcun-receipt/v1', 'fengcun-receipt/v9'));
    const { code, stdout } = await verify([at(FILE), at('damaged.json'), '--keys', at('keys.txt'), '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'fails', bytesRead: 0, subject: null });
  });

  it('comes as JSON with the bytes really read', async () => {
    const { code, stdout } = await verify([at(FILE), at('receipt.json'), '--json', '--keys', at('keys.txt')]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      verdict: 'holds',
      bytesRead: receipt.content.size,
      subject: { name: FILE },
    });
  });
});

describe('unusable input', () => {
  it.each([
    ['no arguments', [], 'usage'],
    ['one argument', ['a'], 'usage'],
    ['three arguments', ['a', 'b', 'c'], 'usage'],
    ['an unknown option', ['a', 'b', '--force'], 'usage'],
    ['an unknown language', ['a', 'b', '--lang', 'fr'], 'usage'],
    ['a missing file', ['missing.mp4', 'receipt.json'], 'file_missing'],
    ['a folder as file', ['folder', 'receipt.json'], 'file_unreadable'],
    ['a missing receipt', [FILE, 'missing.json'], 'receipt_missing'],
    ['a folder as receipt', [FILE, 'folder'], 'receipt_unreadable'],
    ['a receipt that is not JSON', [FILE, 'keys.txt'], 'receipt_not_json'],
    ['file and receipt the wrong way round', ['receipt.json', FILE], 'receipt_unreadable'],
    ['missing keys', [FILE, 'receipt.json', '--keys', 'missing.txt'], 'keys_missing'],
    ['a keys file that is none', [FILE, 'receipt.json', '--keys', 'receipt.json'], 'keys_malformed'],
    ['a keys file without keys', [FILE, 'receipt.json', '--keys', 'comments.txt'], 'keys_malformed'],
  ])('ends with exit code 2 and one clear sentence: %s', async (_what, args, error) => {
    await mkdir(at('folder'), { recursive: true });
    await writeFile(at('comments.txt'), '# nothing\n');
    const paths = args.map((arg) => (/[.]|folder/.test(arg) ? at(arg) : arg));
    const { code, stdout, stderr } = await verify([...paths, '--json']);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: error } });
    expect(stderr).toMatch(/^fengcun-verify: .+/);
    expect(stderr).not.toContain('    at ');
  });

  it('explains itself with --help, in the language asked for or of the environment', async () => {
    expect(await verify(['--help'])).toMatchObject({ code: 0, stdout: expect.stringContaining('退出码') });
    expect(await verify(['--help'], { LANG: 'en_US.UTF-8' })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Exit codes'),
    });
    expect(await verify(['--help', '--lang=zh'], { LANG: 'en_US.UTF-8' })).toMatchObject({
      stdout: expect.stringContaining('退出码'),
    });
  });
});
