import type { DemoFacts } from '../demo/facts.ts';
import type { VaultFacts } from '../vault/engine.ts';
import { displayWidth, padEnd } from './words.ts';

export interface ReadySite {
  readonly url: string;
  readonly outsideUrls: readonly string[];
  readonly dataDir: string;
  readonly vault: VaultFacts;
  readonly detached: boolean;
  readonly demo: DemoFacts | undefined;
  /** One-time code of an empty site, with which its first administrator is made. */
  readonly setUpCode: string | undefined;
}

/** What a person reads once everything is ready; a table where it fits the terminal, a list where it does not. */
export function readySummary(site: ReadySite, columns: number): string {
  const facts: (readonly [string, string])[] = [
    ['地址 Address', `${site.url}/`],
    ...site.outsideUrls.map((url) => ['', `${url}/`] as const),
    ['数据 Data', site.dataDir],
    ['录像 Vault', vaultLine(site.vault)],
    ['停止 Stop', site.detached ? './scripts/stop' : 'Ctrl-C'],
  ];
  const lines = ['', '封存已就绪  Fengcun is ready', '', ...aligned(facts)];
  if (site.setUpCode !== undefined) {
    lines.push(
      '',
      '尚无账号。请在浏览器中打开上面的地址，用此一次性初始化码创建安全管理员（24 小时内有效）：',
      'No accounts yet. Open the address above and make the security administrator with this one-time code (24 hours):',
      '',
      `  ${site.setUpCode}`,
    );
  }
  if (site.demo !== undefined) {
    const rows = [
      ['登录名 Login', '密码 Password', '姓名 Name', '角色 Roles', '第二因素 Second factor'],
      ...site.demo.accounts.map(({ login, password, name, roles, secondFactor = '' }) => [
        login,
        password,
        name,
        roles.join(', '),
        secondFactor,
      ]),
    ];
    lines.push('', '演示账号 Demo accounts', ...accountLines(rows, columns));
    if (site.demo.accounts.some(({ secondFactor }) => secondFactor !== undefined)) {
      lines.push('', '第二因素当前验证码 The code of now: ./scripts/code LOGIN');
    }
  }
  return `${lines.join('\n')}\n\n`;
}

function vaultLine({ driver, protection, endpoint, bucket }: VaultFacts): string {
  const kind = protection === 'enforced' ? '强制保护 enforced' : '提示性保护 advisory';
  return driver === 'disk' ? `disk ${kind}` : `S3 ${kind} ${endpoint ?? ''}/${bucket ?? ''}`;
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
    .flatMap(([login = '', password = '', name = '', roles = '', secondFactor = '']) => [
      `  ${login}  ${password}`,
      `      ${name}  ${roles}`,
      ...(secondFactor === '' ? [] : [`      ${secondFactor}`]),
    ]);
}
