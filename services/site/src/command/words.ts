import { CatalogError, type CatalogErrorCode } from '@fengcun/catalog';
import { LocalError, type LocalErrorCode } from '@fengcun/local';
import { ConfigError } from '@fengcun/runtime';
import { SiteError } from '../errors.ts';

/** An error as told to a person: Chinese first, English below. */
export function explain(error: unknown): string {
  if (error instanceof SiteError) return bilingual(error.chinese, error.message);
  if (error instanceof LocalError) return bilingual(localWords[error.code], error.message);
  if (error instanceof CatalogError) return bilingual(catalogWords[error.code], `${error.message}.`);
  if (error instanceof ConfigError) return bilingual('环境变量的值不可用，请更正后重新启动。', error.message);
  return bilingual('出现未预料的错误。', error instanceof Error ? (error.stack ?? error.message) : String(error));
}

export function bilingual(chinese: string, english: string): string {
  return `封存 · ${chinese}\n       ${english}\n`;
}

const localWords: Readonly<Record<LocalErrorCode, string>> = {
  program_missing: '缺少需要的程序，请用 ./scripts/start 启动（它会安装），或自行安装。',
  program_version: '已安装的程序版本不符合要求。',
  root_refused: 'PostgreSQL 不能以 root 身份运行，本机也没有可用的变通办法。请改用普通用户启动。',
  directory_not_writable: '数据目录无法写入。请检查权限，或用 --data 另选目录。',
  disk_full: '磁盘空间不足。请清理空间，或用 --data 选择其他磁盘上的目录。',
  already_running: '数据目录正被另一个进程使用。',
  port_taken: '需要的端口已被占用。',
  data_unreadable: '数据无法读取。请保留现状，并从备份恢复。',
  start_failed: '数据库、队列或 S3 存储未能启动。',
  start_timeout: '数据库、队列或 S3 存储启动超时。',
  stop_failed: '有进程未能停止。',
};

const catalogWords: Readonly<Record<CatalogErrorCode, string>> = {
  migration_changed:
    '数据目录由内容不同的程序版本建立，其数据库迁移文件与本版本不一致。请用原来的版本启动，或用 --data 另选目录。',
  event_too_large: '日志事件过大，没有写入。请报告此问题。',
  query_too_long: '检索词过多，请减少，或用引号括起相连的词。',
  cursor_invalid: '翻页位置无效，请从首页重新开始。',
  grant_over: '授权已被撤销、已到期或次数已用完，请重新申请。',
  login_taken: '账号名已被使用，请另选一个。',
  officer_number_taken: '警号已被使用，请更正。',
  unit_closed: '该单位已撤销，请选择其他单位。',
  unit_code_taken: '单位代码已被使用，请另选一个。',
  two_administrators: '同一人不得兼任两种管理员，请先收回另一个角色。',
};

/** Columns a text takes on a terminal: Chinese characters are two wide. */
export function displayWidth(text: string): number {
  return Array.from(text).reduce((sum, character) => sum + (wide.test(character) ? 2 : 1), 0);
}

const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}]/u;

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}
