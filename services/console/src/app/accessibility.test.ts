import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { signInBy } from '../../testing/browser.ts';
import { type ConsoleUnderTest, closeBrowser, openConsole } from '../../testing/console-under-test.ts';
import { uuidOf } from '../../testing/people.ts';
import { en, zh } from './i18n/dictionary.ts';

let axe: string;

interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly target: readonly unknown[]; readonly failureSummary?: string }[];
}

/**
 * Serious and critical findings of axe-core (WCAG 2.2 A and AA), as lines that name rule and place. Looked at by somebody who wants no motion:
 * a colour on its way from one state to another belongs to neither. `again`: the page was looked at a moment
 * ago in the other language. Colours do not change with the words, and measuring them is most of the time.
 */
async function seriousFindings(page: Page, look: 'first' | 'again' = 'first'): Promise<string[]> {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  if (look === 'first') await page.evaluate(axe);
  const violations = await page.evaluate(async (colours): Promise<Violation[]> => {
    const tool = (globalThis as unknown as { axe: { run(options: object): Promise<{ violations: Violation[] }> } }).axe;
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
    const rules = { 'color-contrast': { enabled: colours } };
    return (await tool.run({ runOnly: { type: 'tag', values: tags }, rules })).violations;
  }, look === 'first');
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
  ['chenjing', `/access/new?items=${uuidOf('evidence 1')}`, '.picked-row'],
  ['chenjing', `/access/urgent?items=${uuidOf('evidence 1')}`, '.picked-row'],
  ['chenjing', '/notifications', '.notification'],
  ['chenjing', '/me', '.session-row'],
  ['anquan', '/admin/people', '.row-link'],
  ['anquan', `/admin/people/${uuidOf('account lijie')}`, '.session-row'],
  ['anquan', '/admin/policy', '.matrix td'],
  ['anquan', '/admin/sign-in', '.ant-radio-wrapper'],
  ['yunwei', '/admin/units', '.unit-row'],
  ['chenjing', '/cases', '.row-link'],
  ['chenjing', `/cases/${uuidOf('case 0')}`, '.custody li'],
  ['yunwei', '/admin/devices', '.row-link'],
  ['yunwei', `/admin/devices/${uuidOf('device 9')}`, '.banner'],
  ['anquan', '/admin/docks', '.dock-line'],
] as const;

/** Dialogs to be opened from these pages, by the words on the button. */
const dialogs = new Map<string, readonly ((words: typeof en) => string)[]>([
  ['/', [(words) => words.common.alarm.acknowledge]],
  [`/evidence/${uuidOf('evidence 1')}`, [(words) => words.describe.edit, (words) => words.evidence.metadata.raw]],
  [`/ingest/offloads/${uuidOf('offload 1')}`, [(words) => words.ingest.offload.explain]],
  ['/access/grants', [(words) => words.access.grant.giveBack]],
  [`/access/new?items=${uuidOf('evidence 1')}`, [(words) => words.access.compose.pick]],
  ['/me', [(words) => words.account.tokens.create]],
  ['/cases', [(words) => words.cases.add]],
  ['/admin/people', [(words) => words.admin.people.add]],
  [
    `/admin/people/${uuidOf('account lijie')}`,
    [(words) => words.admin.person.edit, (words) => words.admin.person.giveRole],
  ],
  ['/admin/docks', [(words) => words.ingest.docks.add]],
  ['/admin/devices', [(words) => words.devices.add]],
]);

const languageOf = (page: Page) => page.evaluate(() => document.documentElement.lang);
const faultyIn = (findings: Readonly<Record<string, string[]>>) =>
  Object.entries(findings).filter(([, found]) => found.length > 0);

describe('accessibility', { timeout: 300_000 }, () => {
  let opened: ConsoleUnderTest;
  beforeAll(async () => {
    axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  });
  afterEach(() => opened.close());
  afterAll(closeBrowser);

  it('has no serious finding on any page, in either language, nor in a dialog', async () => {
    opened = await openConsole('/', { as: 'chenjing' });
    const findings: Record<string, string[]> = {};
    const { page, site } = opened;
    for (const [login, path, there] of pages) {
      await opened.actAs(login);
      await page.goto(site.url + path);
      await page.locator(there).first().waitFor();
      findings[`${path} ${await languageOf(page)}`] = await seriousFindings(page);
      // The same page in the other language: every second page is met in English first.
      await page.getByRole('button', { name: /^(中文|English)$/ }).click();
      findings[`${path} ${await languageOf(page)}`] = await seriousFindings(page, 'again');
      const words = (await languageOf(page)) === 'en' ? en : zh;
      for (const wordsOf of dialogs.get(path) ?? []) {
        const name = wordsOf(words);
        // Not exact: an icon may be part of a button's name.
        await page.locator('main').getByRole('button', { name }).first().click();
        const dialog = page.getByRole('dialog');
        await dialog.waitFor();
        findings[`${path} ${name}`] = await seriousFindings(page);
        await page.keyboard.press('Escape');
        await dialog.waitFor({ state: 'hidden' });
      }
    }
    expect(faultyIn(findings)).toEqual([]);
  });

  it.each(['zh-CN', 'en'] as const)('has no serious finding on the way in: %s', async (language) => {
    opened = await openConsole('/', { language });
    const findings: Record<string, string[]> = {};
    await opened.page.locator('form').waitFor();
    findings['sign-in'] = await seriousFindings(opened.page);
    await signInBy(opened.page, 'once');
    await opened.page.locator('input[autocomplete=new-password]').first().waitFor();
    findings['new password'] = await seriousFindings(opened.page);
    await opened.page.locator('input[autocomplete=new-password]').first().fill('Correct-Horse-9');
    await opened.page.locator('input[autocomplete=new-password]').last().fill('Correct-Horse-9');
    await opened.page.locator('button[type=submit]').click();
    await opened.page.locator('.enrolment').waitFor();
    findings.authenticator = await seriousFindings(opened.page);
    expect(faultyIn(findings)).toEqual([]);
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
