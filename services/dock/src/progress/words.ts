import type { FileStage } from './progress.ts';

export type Language = 'zh' | 'en';

/** `FENGCUN_LANG`, or what the locale says; English where neither is Chinese. */
export function languageOf(env: NodeJS.ProcessEnv): Language {
  const locale = env.FENGCUN_LANG || env.LC_ALL || env.LC_MESSAGES || env.LANG || '';
  return locale.toLowerCase().startsWith('zh') ? 'zh' : 'en';
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
    waiting: (reason, seconds) => `${reason} ${seconds} 秒后重试`,
    gap: (range) => `设备序号缺失：${range}`,
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
    done: (sealed, quarantined, failed) => `Done: ${sealed} sealed, ${quarantined} quarantined, ${failed} failed`,
  },
};
