import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signIn, signInBy } from '../../testing/browser.ts';
import { type ConsoleUnderTest, closeBrowser, openConsole, patiently } from '../../testing/console-under-test.ts';

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
    await page.getByRole('combobox', { name: '类型' }).click();
    const video = page.getByTitle('视频', { exact: true }).last();
    await video.waitFor();
    site.endSessions();
    await video.click();
    await page.getByText('登录已失效').waitFor();
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
    expect(await page.getByText('登录已失效').count()).toBe(0);
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

  it('says who it is when the service cannot be asked, and goes on when it can', async () => {
    const { page, site } = opened;
    site.fail('getSite', { status: 503, code: 'unavailable' });
    await page.reload();
    await page.getByRole('heading', { name: '暂时无法使用', level: 1 }).waitFor();
    await page.getByText('执法音像证据的接收、封存与核验').waitFor();
    const retry = page.getByRole('alert').getByRole('button', { name: '重试' });
    await retry.waitFor();
    site.fail('getSite', null);
    await retry.click();
    await page.getByLabel('账号').waitFor();
  });

  it('asks for the second factor, takes a recovery code instead, and says when a code is wrong', async () => {
    const { page } = opened;
    await signInBy(page, 'password-code');
    await page.getByRole('heading', { name: '输入动态验证码' }).waitFor();
    await page.getByLabel('动态验证码').fill('000000');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('验证码不正确').waitFor();
    await page.getByRole('button', { name: '手机不在身边？使用恢复码' }).click();
    await page.getByLabel('恢复码').fill('1000-9000-kq0x');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: /扣押财物/ }).waitFor();
  });

  it('leads whoever has a one-time password through a new one and an authenticator, by keyboard', async () => {
    const { page } = opened;
    await signInBy(page, 'once');
    const next = page.getByLabel('新密码', { exact: true });
    await next.waitFor();
    await expect.poll(() => next.evaluate((field) => field === document.activeElement), patiently).toBe(true);
    await page.keyboard.type('short');
    await page.keyboard.press('Enter');
    await page.getByText('密码太短').waitFor();
    await next.fill('Correct-Horse-9');
    await page.getByLabel('再次输入新密码').fill('Correct-Horse-9');
    await page.keyboard.press('Enter');
    await page.getByRole('img', { name: '身份验证器二维码' }).waitFor();
    await page.getByLabel('身份验证器显示的数字').fill('123 456');
    await page.keyboard.press('Enter');
    await page.getByText('恢复码只显示这一次').waitFor();
    expect(await page.locator('.recovery-codes li').count()).toBe(10);
    await page.getByRole('button', { name: '我已保存' }).click();
    await page.getByRole('link', { name: /扣押财物/ }).waitFor();
  });

  it('offers the identity provider where there is one, comes back to the same page, and says why it failed', async () => {
    const { page, site } = opened;
    site.world.oidc = { label: '统一身份登录' };
    await page.goto(`${site.url}/evidence?state=quarantined&signInProblem=oidc_unknown_person`);
    await page.getByText('您的统一身份没有关联本系统账号').waitFor();
    const link = await page.getByRole('link', { name: '统一身份登录' }).getAttribute('href');
    expect(link).toBe('/api/session/oidc?return=%2Fevidence%3Fstate%3Dquarantined');
  });

  it('begins an empty site with the code that the start printed', async () => {
    const { page, site } = opened;
    site.world.empty = true;
    // Only the part behind # would change, which loads nothing.
    await page.goto('about:blank');
    await page.goto(`${site.url}/setup#K7QD-2MXV`);
    expect(await page.getByLabel('初始化码').inputValue()).toBe('K7QD-2MXV');
    await page.getByLabel('单位名称').fill('临江市公安局');
    await page.getByLabel('单位代码').fill('330100');
    await page.getByLabel('安全管理员姓名').fill('林安');
    await page.getByLabel('账号').fill('anquan');
    await page.getByLabel('新密码', { exact: true }).fill('Correct-Horse-9');
    await page.getByLabel('再次输入新密码').fill('Correct-Horse-9');
    await page.keyboard.press('Enter');
    await page.getByText('初始化完成，请登录').waitFor();
    await signIn(page, 'anquan');
  });
});
