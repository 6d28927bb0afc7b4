import type { Language } from './progress/words.ts';

/** What the command line says about itself. */
export interface CommandWords {
  readonly about: string;
  readonly home: string;
  readonly language: string;
  readonly help: string;
  readonly helpCommand: string;
  readonly afterError: string;
  readonly enroll: string;
  readonly url: string;
  readonly code: string;
  readonly offload: string;
  readonly watch: string;
  readonly folder: string;
  readonly status: string;
  readonly verify: string;
  readonly file: string;
  readonly receipt: string;
  readonly keys: string;
  readonly device: string;
  readonly officer: string;
  readonly deviceClock: string;
  readonly sequence: string;
  readonly parallel: string;
  readonly patience: string;
  readonly deleteAfterSeal: string;
  readonly json: string;
  readonly wantsTime: string;
  readonly wantsPattern: string;
  readonly wantsCount: string;
  readonly wantsLanguage: string;
  /** exit codes, below the help */
  readonly exitCodes: string;
}

export const commandWords: Readonly<Record<Language, CommandWords>> = {
  zh: {
    about: '把录音录像交给“封存”：上传、中断后续传、保存封存回执。',
    home: '程序自己的目录（FENGCUN_DOCK_HOME）',
    language: '语言（FENGCUN_LANG，或按系统语言）',
    help: '显示说明',
    helpCommand: '显示某个命令的说明',
    afterError: '（加 --help 查看用法）',
    enroll: '用安全管理员给的一次性登记码登记本采集站',
    url: '服务器地址',
    code: '一次性登记码',
    offload: '上传一个文件夹中的全部文件，直到全部封存',
    watch: '持续上传文件夹中新出现的文件，直到停止',
    folder: '文件夹',
    status: '显示本采集站的登记情况和未完成的采集',
    verify: '离线核验文件与封存回执',
    file: '文件',
    receipt: '封存回执',
    keys: '您信任的日志公钥文件（缺省为登记时取得的公钥）',
    device: '设备编号（必填）',
    officer: '设备上设置的警号',
    deviceClock: '设备时钟此刻的时间（ISO 8601）',
    sequence: '在文件名中找出设备流水号的正则表达式，含一个分组',
    parallel: '同时上传的文件数',
    patience: '服务器连不上时最多等待的秒数',
    deleteAfterSeal: '回执核验成立、且文件仍与封存时一致后，删除该文件',
    json: '以 JSON 逐行输出进度',
    wantsTime: '应为时间，如 2026-03-01T08:30:00+08:00。',
    wantsPattern: '应为含一个分组的正则表达式，如 _(\\d+)\\.',
    wantsCount: '应为 1 至 86400 的整数。',
    wantsLanguage: '应为 zh 或 en。',
    exitCodes: '退出码：0 全部封存  1 有未封存的，或被拒绝  2 用法或本机环境有误  3 连接不上服务器',
  },
  en: {
    about: 'Hands recordings over to Fengcun (封存): sends them, resumes after any fault, keeps the receipts.',
    home: "the agent's own directory (FENGCUN_DOCK_HOME)",
    language: "language (FENGCUN_LANG, or the system's)",
    help: 'display help',
    helpCommand: 'display help for a command',
    afterError: '(run with --help to see what is possible)',
    enroll: 'Enrol this dock with the one-time code from the security administrator',
    url: 'address of the server',
    code: 'one-time code',
    offload: 'Send everything in a folder and wait until it is sealed',
    watch: 'Send whatever appears in a folder, until stopped',
    folder: 'folder',
    status: 'Who this dock is, and what is not finished',
    verify: 'Check a file against its receipt, without the network',
    file: 'file',
    receipt: 'its receipt',
    keys: 'vkeys of the logs you trust (default: those of the enrolment)',
    device: 'serial number of the device (required)',
    officer: 'officer number set on the device',
    deviceClock: "what the device's own clock says now (ISO 8601)",
    sequence: 'finds the device’s running number in a file name: one capture group',
    parallel: 'files sent at the same time',
    patience: 'seconds to wait for an unreachable server',
    deleteAfterSeal: 'delete a file once its receipt holds and the file still has the sealed digest',
    json: 'report progress as JSON lines',
    wantsTime: 'It takes a time such as 2026-03-01T08:30:00+08:00.',
    wantsPattern: 'It takes a regular expression with one group, such as _(\\d+)\\.',
    wantsCount: 'It takes a whole number from 1 to 86400.',
    wantsLanguage: 'It takes zh or en.',
    exitCodes: 'Exit codes: 0 all sealed  1 not all sealed, or refused  2 usage, or this machine  3 server unreachable',
  },
};

const titlesZh: Readonly<Record<string, string>> = {
  'Usage:': '用法:',
  'Arguments:': '参数:',
  'Options:': '选项:',
  'Global Options:': '通用选项:',
  'Commands:': '命令:',
};

/** A title of the help. */
export const titleIn = (language: Language, title: string): string =>
  language === 'zh' ? (titlesZh[title] ?? title) : title;

/** The line of the usage, without its title. */
export const usageIn = (language: Language, usage: string): string =>
  language === 'zh' ? usage.replace('[options]', '[选项]').replace('[command]', '[命令]') : usage;

/** An option, and what holds where it is left out. */
export function describeOption(
  language: Language,
  { description, defaultValue }: { readonly description: string; readonly defaultValue?: unknown },
): string {
  if (defaultValue === undefined || defaultValue === false) return description;
  return language === 'zh' ? `${description}，缺省为 ${defaultValue}` : `${description} (default: ${defaultValue})`;
}

/** The sentences that commander makes, each with its names in single quotes. */
const complaintsZh: readonly (readonly [RegExp, string])[] = [
  [/^error: unknown option '(.+?)'/, '没有这个选项：$1'],
  [/^error: unknown command '(.+?)'/, '没有这个命令：$1'],
  [/^error: missing required argument '(.+?)'/, '缺少参数：$1'],
  [/^error: required option '(.+?)' not specified/, '缺少必填的选项：$1'],
  [/^error: option '(.+?)' argument missing/, '选项缺少取值：$1'],
  [/^error: option '(.+?)' argument '(.*?)' is invalid\. ?/s, '选项 $1 的取值“$2”不正确：'],
  [/^error: too many arguments.*/, '参数过多；文件夹名含空格时请加引号。'],
  [/\(Did you mean (?:one of )?(.+?)\?\)/, '（是否要用 $1？）'],
];

/** What commander found wrong with a command line, in the reader's language. */
export const complaintIn = (language: Language, complaint: string): string =>
  language === 'zh'
    ? complaintsZh.reduce((said, [pattern, words]) => said.replace(pattern, words), complaint)
    : complaint;
