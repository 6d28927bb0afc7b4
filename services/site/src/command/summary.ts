import type { DemoFacts } from '../demo/facts.ts';
import { displayWidth, padEnd } from './words.ts';

export interface ReadySite {
  readonly url: string;
  readonly outsideUrls: readonly string[];
  readonly dataDir: string;
  readonly detached: boolean;
  readonly demo: DemoFacts | undefined;
}

/** What a person reads once everything is ready; a table where it fits the terminal, a list where it does not. */
export function readySummary(site: ReadySite, columns: number): string {
  const facts: (readonly [string, string])[] = [
    ['地址 Address', `${site.url}/`],
    ...site.outsideUrls.map((url) => ['', `${url}/`] as const),
    ['数据 Data', site.dataDir],
    ['停止 Stop', site.detached ? './scripts/stop' : 'Ctrl-C'],
  ];
  const lines = ['', '封存已就绪  Fengcun is ready', '', ...aligned(facts)];
  if (site.demo !== undefined) {
    const rows = [
      ['登录名 Login', '密码 Password', '姓名 Name', '角色 Roles'],
      ...site.demo.accounts.map(({ login, password, name, roles }) => [login, password, name, roles.join(', ')]),
    ];
    lines.push('', '演示账号 Demo accounts', ...accountLines(rows, columns));
  }
  return `${lines.join('\n')}\n\n`;
}

function aligned(facts: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...facts.map(([label]) => displayWidth(label)));
  return facts.map(([label, value]) => `  ${padEnd(label, width)}  ${value}`);
}

function accountLines(rows: readonly (readonly string[])[], columns: number): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => displayWidth(row[column] ?? ''))));
  const total = widths.reduce((sum, width) => sum + width + 2, 0);
  if (total <= columns)
    return rows.map((row) => `  ${row.map((cell, column) => padEnd(cell, widths[column] ?? 0)).join('  ')}`.trimEnd());
  return rows
    .slice(1)
    .flatMap(([login = '', password = '', name = '', roles = '']) => [
      `  ${login}  ${password}`,
      `      ${name}  ${roles}`,
    ]);
}
