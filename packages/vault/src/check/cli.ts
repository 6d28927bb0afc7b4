import { parseArgs } from 'node:util';
import { ConfigError, readVaultSettings } from '@fengcun/runtime';
import { VaultError } from '../errors.ts';
import { openVault } from '../open-vault.ts';
import type { ProbeFinding } from '../port.ts';
import { findingsTable, verdict } from './findings-table.ts';

/** Where the words go. */
export interface Output {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

const USAGE = `用法: fengcun-vault check [--json] [--no-create] [--variables PREFIX]
      fengcun-vault repair ID [--json]    恢复损坏的副本 restores a damaged copy

在真实的存储上逐项试验：删除、覆盖、缩短、降级、绕过、暂停版本……并打印结果。
Tries on the real storage whether evidence can be deleted, overwritten, unlocked or hidden, and prints what it found.

  --json              一行 JSON / the findings as one line of JSON
  --no-create         不创建缺少的存储桶 / make no missing buckets
  --variables PREFIX  环境变量前缀 / prefix of the variables (default FENGCUN_VAULT; see README)

退出码 exit code: 0 必须项全部通过 every must passed · 1 有必须项未通过或未检查 a must failed or was not checked ·
                  2 用法错误 usage · 3 存储无法打开 the vault cannot be opened · 78 配置错误 configuration
`;

/** Runs the command line; answers the exit code. */
export async function run(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  output: Output = { out: (text) => void process.stdout.write(text), err: (text) => void process.stderr.write(text) },
): Promise<number> {
  const options = parse(args);
  if (options === null) {
    if (args.length > 0) output.err(`无法理解参数 Cannot make sense of: ${args.join(' ')}\n\n`);
    output.err(USAGE);
    return 2;
  }
  if (options.help) {
    output.out(USAGE);
    return 0;
  }
  try {
    const findings = await check(options, env, output);
    output.out(options.json ? `${JSON.stringify(findings)}\n` : `${findingsTable(findings)}\n${verdict(findings)}\n`);
    return findings.every(({ must, outcome }) => !must || outcome === 'passed') ? 0 : 1;
  } catch (error) {
    if (error instanceof ConfigError || (error instanceof VaultError && error.variable !== null)) {
      output.err(`环境变量不正确，见 README。Configuration: ${error.message}\n`);
      return 78;
    }
    if (!(error instanceof VaultError)) throw error;
    output.err(`存储无法打开 The vault cannot be opened: ${error.message}\n`);
    return 3;
  }
}

interface Options {
  readonly json: boolean;
  readonly create: boolean;
  readonly help: boolean;
  readonly prefix: string;
}

function parse(args: readonly string[]): Options | null {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      allowNegative: true,
      options: {
        json: { type: 'boolean', default: false },
        create: { type: 'boolean', default: true },
        help: { type: 'boolean', short: 'h', default: false },
        variables: { type: 'string', default: 'FENGCUN_VAULT' },
      },
    });
    const { json, create, help, variables } = values;
    const known = positionals.length === 1 && positionals[0] === 'check';
    return known || help ? { json, create, help, prefix: variables } : null;
  } catch {
    return null;
  }
}

async function check(
  { prefix, create }: Options,
  env: Readonly<Record<string, string | undefined>>,
  { err }: Output,
): Promise<readonly ProbeFinding[]> {
  const settings = readVaultSettings(env, prefix);
  if (settings.driver === 's3' && create) {
    const { prepareS3Buckets } = await import('../s3/index.ts');
    for (const done of await prepareS3Buckets(settings)) err(`${done}\n`);
  }
  const vault = await openVault(settings);
  try {
    return await vault.probe();
  } finally {
    await vault.close();
  }
}
