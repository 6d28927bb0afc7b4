import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signIn } from '../../testing/browser.ts';
import { type ConsoleUnderTest, closeBrowser, openConsole } from '../../testing/console-under-test.ts';

describe('signing in', () => {
  let opened: ConsoleUnderTest;
  beforeEach(async () => {
    opened = await openConsole('/evidence?state=quarantined');
  });
  afterEach(async () => {
    expect(opened.faults).toEqual([]);
    await opened.close();
  });
  afterAll(closeBrowser);

  it('says in Chinese that the password is wrong, and lets one try again', async () => {
    const { page } = opened;
    await page.getByLabel('账号').fill('chenjing');
    await page.getByLabel('密码', { exact: true }).fill('wrong');
    await page.locator('button[type=submit]').click();
    await page.getByRole('alert').getByText('账号或密码不正确。').waitFor();
    await signIn(page);
    await page.getByRole('link', { name: /扣押财物/ }).waitFor();
  });

  it('leads to the page that was asked for, and back to it after the session has ended', async () => {
    const { page, site } = opened;
    await signIn(page);
    await page.getByRole('link', { name: /扣押财物/ }).waitFor();
    site.endSessions();
    await page.getByRole('combobox', { name: '类型' }).click();
    await page.getByTitle('视频', { exact: true }).last().click();
    await page.getByLabel('账号').waitFor();
    await signIn(page);
    await page.getByRole('link', { name: /扣押财物/ }).waitFor();
    expect(new URL(page.url()).search).toBe('?kind=video&state=quarantined');
  });

  it('shows the next person nothing of the last one', async () => {
    const { page } = opened;
    await signIn(page);
    await page.getByRole('button', { name: /陈静/ }).click();
    await page.getByRole('button', { name: '退出登录' }).click();
    await page.getByLabel('账号').waitFor();
    await signIn(page, 'zhoumin');
    await page.getByRole('button', { name: /周敏/ }).waitFor();
    expect(await page.getByText('陈静').count()).toBe(0);
  });

  it('switches to English and remembers it', async () => {
    const { page } = opened;
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
  });
});
