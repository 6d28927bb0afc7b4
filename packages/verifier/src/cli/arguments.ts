import { parseArgs } from 'node:util';
import { VerifierError } from '../errors.ts';
import type { Text } from '../report/report.ts';

export type Language = keyof Text;

/** What the command line asks for. */
export type Command =
  | { readonly kind: 'help' }
  | {
      readonly kind: 'verify';
      readonly file: string;
      readonly receipt: string;
      readonly keys: readonly string[];
      readonly json: boolean;
    };

export const USAGE: Text = {
  zh: `用法：fengcun-verify 文件 回执 [--keys 公钥文件] [--json] [--lang zh|en]

离线核验一份录音录像与它的封存回执，逐项说明：通过、不符、未核验。

  --keys 公钥文件   您信任的日志公钥和见证方公钥，每行一个；可重复给出。
                    请向日志运营单位或其监督单位另行索取，不要取自回执本身。
  --json            输出 JSON
  --lang zh|en      语言
  --help            显示本说明

退出码：0 成立  1 不成立  2 用法错误或无法读取  3 无一不符，但有应核验而未能核验的`,
  en: `Usage: fengcun-verify FILE RECEIPT [--keys KEYS] [--json] [--lang zh|en]

Verifies a recording against its receipt, offline, and says leg by leg: passed, failed, not checked.

  --keys KEYS       file with the log and witness keys you trust, one a line; may be given more than once.
                    Get it from the log's operator or its supervisor, never out of the receipt itself.
  --json            print JSON
  --lang zh|en      language
  --help            print this

Exit codes: 0 holds  1 fails  2 usage or unreadable input  3 nothing failed, but something that matters could not be checked`,
};

/** Reads the command line. Throws `VerifierError` `usage`. */
export function parseCommand(argv: readonly string[]): Command {
  const { values, positionals } = parse(argv);
  if (values.help) return { kind: 'help' };
  const [file, receipt, ...rest] = positionals;
  if (file === undefined || receipt === undefined || rest.length > 0) {
    throw new VerifierError('usage', {
      zh: `需要两个参数：文件和回执；收到 ${positionals.length} 个。`,
      en: `Two arguments are needed, FILE and RECEIPT; there are ${positionals.length}.`,
    });
  }
  if (values.lang !== undefined && values.lang !== 'zh' && values.lang !== 'en') {
    throw new VerifierError('usage', { zh: '--lang 只能是 zh 或 en。', en: '--lang is either zh or en.' });
  }
  return { kind: 'verify', file, receipt, keys: values.keys ?? [], json: values.json ?? false };
}

/** Chinese unless asked otherwise or the environment is plainly English; decided before anything can go wrong. */
export function languageOf(argv: readonly string[], env: NodeJS.ProcessEnv): Language {
  const asked = argv.find((arg, i) => arg.startsWith('--lang=') || argv[i - 1] === '--lang')?.replace('--lang=', '');
  if (asked === 'en' || asked === 'zh') return asked;
  return (env.LC_ALL || env.LC_MESSAGES || env.LANG || '').startsWith('en') ? 'en' : 'zh';
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        keys: { type: 'string', multiple: true },
        json: { type: 'boolean' },
        lang: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new VerifierError('usage', { zh: complaintZh(why), en: why }, { cause });
  }
}

/** What Node's parser found wrong, with the option that it names in single quotes. */
function complaintZh(why: string): string {
  const option = /'(-[^']*)'/.exec(why)?.[1];
  if (option === undefined) return `无法理解参数：${why}`;
  if (why.startsWith('Unknown option')) return `没有这个选项：${option}`;
  return `选项 ${option} 的用法不正确，请看下面的说明。`;
}
