import { parseArgs } from 'node:util';
import { connect } from '@fengcun/catalog';
import { inEnglish } from '@fengcun/contracts';
import { DigestPool } from '@fengcun/digest';
import {
  ConfigError,
  readConfig,
  readOptionalVaultSettings,
  readVaultSettings,
  systemClock,
  url,
} from '@fengcun/runtime';
import { openVault, VaultError } from '@fengcun/vault';
import { replicaPrefix } from '../config.ts';
import { WorkerError } from '../errors.ts';
import { type ExaminedCopy, type RepairOutcome, type RepairRefusal, repairItem } from './repair-item.ts';

/** Where the words go. */
export interface Output {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

const usage = `用法: fengcun-vault repair ID [--json]

逐份完整读取一件证据的两份副本，与封存摘要比对；有一份损坏或丢失时，用完好的那份重新制作一份并锁定。完好的副本只读不改。
Reads both copies of an item whole and compares them with the sealed digests; where one is damaged or gone, makes a new, locked one
from the good one. A good copy is only ever read.

环境变量 variables: FENGCUN_DATABASE_URL (fengcun_worker), FENGCUN_VAULT_..., FENGCUN_REPLICA_VAULT_... (README)
退出码 exit code: 0 两份都完好或已修复 both good, or repaired · 1 未能修复 not repaired · 2 用法错误 usage ·
                  3 存储或数据库无法打开 a vault or the database cannot be opened · 78 配置错误 configuration
`;

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Runs the command line; answers the exit code. */
export async function run(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  output: Output = { out: (text) => void process.stdout.write(text), err: (text) => void process.stderr.write(text) },
): Promise<number> {
  const options = parse(args);
  if (options === 'help') {
    output.out(usage);
    return 0;
  }
  if (options === null) {
    if (args.length > 0)
      output.err(
        `无法理解参数；ID 是证据页上的证据编号。Cannot make sense of: ${args.join(' ')}; ID is the id on the item's page.\n\n`,
      );
    output.err(usage);
    return 2;
  }
  try {
    const outcome = await repair(options.evidence, env);
    output.out(options.json ? `${JSON.stringify(plain(outcome))}\n` : words(outcome));
    return outcome.kind === 'refused' ? 1 : 0;
  } catch (error) {
    if (error instanceof ConfigError) {
      output.err(`环境变量不正确，见 README。Configuration: ${error.message}\n`);
      return 78;
    }
    if (error instanceof WorkerError) {
      output.err(`未能修复 Not repaired: ${error.message}\n`);
      return 1;
    }
    const cannotOpen = error instanceof VaultError || (error instanceof Error && 'code' in error);
    if (!cannotOpen) throw error;
    output.err(`存储或数据库无法使用 A vault or the database cannot be used: ${error.message}\n`);
    return 3;
  }
}

function parse(args: readonly string[]): { readonly evidence: string; readonly json: boolean } | 'help' | null {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
    });
    if (values.help) return 'help';
    const [evidence = ''] = positionals;
    return positionals.length === 1 && uuid.test(evidence) ? { evidence, json: values.json } : null;
  } catch {
    return null;
  }
}

async function repair(evidence: string, env: NodeJS.ProcessEnv): Promise<RepairOutcome> {
  const { databaseUrl } = readConfig(env, {
    databaseUrl: url('FENGCUN_DATABASE_URL', ['postgres', 'postgresql'], { secret: true }),
  });
  const second = readOptionalVaultSettings(env, replicaPrefix);
  const primary = await openVault(readVaultSettings(env));
  const replica = second === null ? null : await openVault(second);
  const catalog = connect({ url: databaseUrl, name: 'fengcun-vault', max: 2 });
  const pool = new DigestPool({ threads: 2 });
  const interrupt = new AbortController();
  const onSignal = () => interrupt.abort(new WorkerError('taken_over', 'interrupted'));
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    const vaults = { primary, replica };
    return await repairItem({ catalog, vaults, pool, clock: systemClock }, evidence, interrupt.signal);
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    await pool.close();
    await Promise.all([primary.close(), replica?.close(), catalog.destroy()]);
  }
}

const refusals: Readonly<Record<RepairRefusal, string>> = {
  unknown_item: '没有这件证据 Nothing was sealed under this id.',
  disposed: '该证据已经或正在销毁 Its content was disposed of, or is about to be.',
  contradicted:
    '目录与日志对封存摘要的记载不一致，请先从备份恢复目录 Catalogue and log do not agree on what was sealed; restore the catalogue from a backup first.',
  no_good_copy:
    '没有任何一份副本与封存摘要一致，无法修复 No copy is what was sealed, so there is nothing to repair from.',
  unread:
    '有一个存储无法读取，不能断定其副本已损坏 A vault could not be asked, so nobody knows whether its copy is damaged; try again when it answers.',
  busy: '另一个进程正在制作副本，请稍后再试 Somebody else is making a copy of it; try again in a minute.',
};

const vaultWords = { primary: '主存储 primary', replica: '副本存储 replica' } as const;

function words(outcome: RepairOutcome): string {
  const lines = outcome.examined.map(examinedLine);
  switch (outcome.kind) {
    case 'nothing_to_repair':
      return [...lines, '无需修复 Nothing to repair.', ''].join('\n');
    case 'leaves_restored':
      return [
        ...lines,
        '副本完好，分块摘要已由其重建 Every copy is good; part digests were computed from them anew.',
        '',
      ].join('\n');
    case 'repaired': {
      const { vault, from, version } = outcome;
      return [
        ...lines,
        `已修复 Repaired: ${vaultWords[vault]} ← ${vaultWords[from]}，版本 version ${version}`,
        '',
      ].join('\n');
    }
    case 'refused':
      return [...lines, refusals[outcome.code], ''].join('\n');
  }
}

const leavesWords = {
  good: '分块摘要完好 part digests good',
  restored: '分块摘要已重建 part digests restored',
  unread: '分块摘要未检查 part digests not checked',
  busy: '分块摘要待重建 part digests still to be restored',
} as const;

function examinedLine({ vault, copy, reading, leaves }: ExaminedCopy): string {
  const what = { good: '完好 good', bad: '损坏 damaged', unread: '未检查 not checked' }[reading.kind];
  const detail = reading.kind === 'good' ? `${reading.bytes} bytes` : inEnglish(reading.findings);
  const beside = leaves === null ? '' : ` · ${leavesWords[leaves]}`;
  return `${vaultWords[vault]}: ${what} · ${copy?.versionId ?? '—'} · ${detail}${beside}`;
}

/** For programs: without what only this process understands. */
const plain = (outcome: RepairOutcome) => ({
  ...outcome,
  examined: outcome.examined.map(({ vault, copy, reading, leaves }) => ({
    vault,
    version: copy?.versionId ?? null,
    ...reading,
    leaves,
  })),
});
