import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { type ConsoleUnderTest, closeBrowser, openConsole, patiently } from '../../../testing/console-under-test.ts';

describe('the sections of an area', () => {
  let opened: ConsoleUnderTest;
  afterEach(async () => {
    expect(opened.faults).toEqual([]);
    await opened.close();
  });
  afterAll(closeBrowser);

  it('give the window their names, and say once to whom one is not open', async () => {
    opened = await openConsole('/admin/units', { as: 'yunwei' });
    const { page, site } = opened;
    await expect.poll(() => page.title(), patiently).toBe('单位 · 管理 · 封存');
    await page.goto(`${site.url}/admin/policy`);
    await page.getByText('此部分不属于您的角色').waitFor();
    expect(await page.title()).toBe('管理 · 封存');
    expect(await page.getByText('操作没有成功').count()).toBe(0);
    await page.getByRole('link', { name: '采集站' }).click();
    await expect.poll(() => page.title(), patiently).toBe('采集站 · 管理 · 封存');
  });
});
