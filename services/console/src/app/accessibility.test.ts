import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { signInBy } from '../../testing/browser.ts';
import { type ConsoleUnderTest, closeBrowser, openConsole } from '../../testing/console-under-test.ts';
import { uuidOf } from '../../testing/people.ts';

let axe: string;

interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly target: readonly unknown[]; readonly failureSummary?: string }[];
}

/** Serious and critical findings of axe-core (WCAG 2.2 A and AA), as lines that name rule and place. */
async function seriousFindings(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const violations = await page.evaluate(async (): Promise<Violation[]> => {
    const tool = (globalThis as unknown as { axe: { run(options: object): Promise<{ violations: Violation[] }> } }).axe;
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
    return (await tool.run({ runOnly: { type: 'tag', values: tags } })).violations;
  });
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')} ${failureSummary ?? ''}`),
    );
}

/** Who looks, at which address, and what is there once the page has its data. */
const pages = [
  ['chenjing', '/', '.latest-row'],
  ['chenjing', '/evidence', '.evidence-name a'],
  ['chenjing', `/evidence/${uuidOf('evidence 1')}`, '.custody li'],
  ['chenjing', '/ingest', '.dock-row'],
  ['chenjing', `/ingest/offloads/${uuidOf('offload 1')}`, '.file-progress'],
  ['chenjing', '/integrity', '.command'],
  ['chenjing', '/access/mine', '.request-number'],
  ['chenjing', '/access/grants', '.grant'],
  ['chenjing', `/access/requests/${uuidOf('request 41')}`, '.history-row'],
  ['chenjing', `/access/new?items=${uuidOf('evidence 1')}`, '.picked-name'],
  ['chenjing', `/access/urgent?items=${uuidOf('evidence 1')}`, '.picked-name'],
  ['chenjing', '/notifications', '.notification'],
  ['chenjing', '/me', '.session-row'],
  ['anquan', '/admin/people', '.row-link'],
  ['anquan', `/admin/people/${uuidOf('account lijie')}`, '.session-row'],
  ['anquan', '/admin/policy', '.matrix td'],
  ['anquan', '/admin/sign-in', '.ant-radio-wrapper'],
  ['yunwei', '/admin/units', '.unit-row'],
] as const;

describe('accessibility', { timeout: 180_000 }, () => {
  let opened: ConsoleUnderTest;
  beforeAll(async () => {
    axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  });
  afterEach(() => opened.close());
  afterAll(closeBrowser);

  it.each(['zh-CN', 'en'] as const)('has no serious finding on any page: %s', async (language) => {
    opened = await openConsole('/', { language, as: 'chenjing' });
    const findings: Record<string, string[]> = {};
    // The language changes words, not markup: in English the oldest pages are enough to notice a word that is too long or unnamed.
    for (const [login, path, there] of language === 'zh-CN' ? pages : pages.slice(0, 6)) {
      await opened.actAs(login);
      await opened.page.goto(opened.site.url + path);
      await opened.page.locator(there).first().waitFor();
      findings[path] = await seriousFindings(opened.page);
    }
    opened.site.endSessions();
    await opened.page.reload();
    await opened.page.locator('form').waitFor();
    findings['sign-in'] = await seriousFindings(opened.page);
    await signInBy(opened.page, 'once');
    await opened.page.locator('input[autocomplete=new-password]').first().waitFor();
    findings['new password'] = await seriousFindings(opened.page);
    await opened.page.locator('input[autocomplete=new-password]').first().fill('Correct-Horse-9');
    await opened.page.locator('input[autocomplete=new-password]').last().fill('Correct-Horse-9');
    await opened.page.locator('button[type=submit]').click();
    await opened.page.locator('.enrolment').waitFor();
    findings['authenticator'] = await seriousFindings(opened.page);
    expect(Object.entries(findings).filter(([, found]) => found.length > 0)).toEqual([]);
  });

  it('can be gone through by keyboard: skip link first, then the ways about', async () => {
    opened = await openConsole('/', { as: 'chenjing' });
    await opened.page.locator('.latest-row').first().waitFor();
    await opened.page.keyboard.press('Tab');
    expect(await opened.page.evaluate(() => document.activeElement?.textContent)).toBe('跳到正文');
    await opened.page.keyboard.press('Tab');
    await opened.page.keyboard.press('Tab');
    await opened.page.keyboard.press('Enter');
    await opened.page.getByRole('heading', { name: '证据库', level: 1 }).waitFor();
  });
});
