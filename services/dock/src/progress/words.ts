import type { FileStage } from './progress.ts';

export type Language = 'zh' | 'en';

/** `--language`, `FENGCUN_LANG`, or what the locale says; Chinese unless that is plainly English. Decided before anything can go wrong. */
export function languageOf(argv: readonly string[], env: NodeJS.ProcessEnv): Language {
  const asked = argv
    .find((arg, n) => arg.startsWith('--language=') || argv[n - 1] === '--language')
    ?.replace('--language=', '');
  const said = asked || env.FENGCUN_LANG || env.LC_ALL || env.LC_MESSAGES || env.LANG || '';
  return said.toLowerCase().startsWith('en') ? 'en' : 'zh';
}

export interface Words {
  readonly stages: Readonly<Record<FileStage, string>>;
  /** which of two sentences is read */
  readonly language: Language;
  found(files: number, size: string): string;
  enrolled(dock: string, url: string): string;
  unfinished(directory: string, files: number, since: string): string;
  nothingUnfinished: string;
  waiting(reason: string, seconds: string): string;
  gap(range: string): string;
  /** what a quarantined file means for the operator */
  quarantined: string;
  done(sealed: number, quarantined: number, failed: number): string;
}

export const words: Readonly<Record<Language, Words>> = {
  zh: {
    language: 'zh',
    enrolled: (dock, url) => `${dock}：已在 ${url} 登记`,
    unfinished: (directory, files, since) => `  ${directory}  ${files} 个文件  始于 ${since}`,
    nothingUnfinished: '没有未完成的采集。',
    stages: {
      digesting: '计算摘要',
      announced: '已登记',
      sending: '上传中',
      received: '封存中',
      sealed: '已封存',
      quarantined: '已隔离',
      failed: '失败',
    },
    found: (files, size) => `发现 ${files} 个文件，共 ${size}`,
    waiting: (reason, seconds) => `${reason}${seconds} 秒后重试`,
    gap: (range) => `设备序号缺失：${range}`,
    quarantined: '内容与登记的摘要不符，服务器已留存并告警；请勿删除设备上的录像，并报告负责人',
    done: (sealed, quarantined, failed) => `完成：已封存 ${sealed}，已隔离 ${quarantined}，失败 ${failed}`,
  },
  en: {
    language: 'en',
    enrolled: (dock, url) => `${dock}: enrolled at ${url}`,
    unfinished: (directory, files, since) =>
      `  ${directory}  ${files} ${files === 1 ? 'file' : 'files'}  since ${since}`,
    nothingUnfinished: 'Nothing is unfinished.',
    stages: {
      digesting: 'digesting',
      announced: 'announced',
      sending: 'sending',
      received: 'sealing',
      sealed: 'sealed',
      quarantined: 'quarantined',
      failed: 'failed',
    },
    found: (files, size) => `${files} ${files === 1 ? 'file' : 'files'} found, ${size}`,
    waiting: (reason, seconds) => `${reason} Trying again in ${seconds} s`,
    gap: (range) => `Missing in the device's sequence: ${range}`,
    quarantined:
      'not what was announced; the server keeps it and raised an alarm: leave the recording on the device and tell your supervisor',
    done: (sealed, quarantined, failed) => `Done: ${sealed} sealed, ${quarantined} quarantined, ${failed} failed`,
  },
};
