import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { type ConsoleUnderTest, closeBrowser, openConsole } from '../../testing/console-under-test.ts';
import { uuidOf } from '../../testing/people.ts';

describe('keeping', { timeout: 120_000 }, () => {
  let opened: ConsoleUnderTest;
  afterEach(async () => {
    expect(opened.faults).toEqual([]);
    await opened.close();
  });
  afterAll(closeBrowser);

  const itemPage = (at: number) => `/evidence/${uuidOf(`evidence ${at}`)}`;
  const panel = () =>
    opened.page.locator('.panel', { has: opened.page.getByRole('heading', { name: '保管', exact: true }) });

  it('shows term, hold and both copies, and takes a hold and its lifting with reasons', async () => {
    opened = await openConsole(itemPage(9), { as: 'dangan' });
    const { page, site } = opened;
    await panel().getByText('六个月').waitFor();
    await panel().getByText('副本存储').waitFor();
    await panel().getByText('损坏，需修复').waitFor();
    await panel()
      .getByText(`fengcun-vault repair ${uuidOf('evidence 9')}`)
      .waitFor();
    await panel().getByRole('button', { name: '设置保全' }).click();
    await page.getByRole('dialog').getByLabel('保全事由').fill('行政复议');
    await page.getByRole('dialog').getByRole('button', { name: '设置保全' }).click();
    await panel().getByText('保全中，期满也不得删除').waitFor();
    expect(site.bodies.get(`POST /api/evidence/${uuidOf('evidence 9')}/holds`)).toEqual({ reason: '行政复议' });
    await page.goto(`${site.url}/admin/retention`);
    const held = page.locator('.panel', { has: page.getByRole('heading', { name: '保全中的证据' }) });
    await held.getByText('行政复议').waitFor();
    await held.locator('tbody').getByRole('link').click();
    await panel().getByRole('button', { name: '解除保全' }).click();
    await page.getByRole('dialog').getByLabel('解除理由').fill('已结案');
    await page.getByRole('dialog').getByRole('button', { name: '解除保全' }).click();
    await panel().getByText('吴敏 解除').waitFor();
  });

  it('shows what is left of an item that was disposed of, and offers nothing any more', async () => {
    opened = await openConsole(itemPage(10), { as: 'dangan' });
    await panel().getByText('内容已销毁').waitFor();
    await panel().getByText('档案员 申请，法制员 审批').waitFor();
    expect(await panel().getByRole('button').count()).toBe(0);
  });

  it('takes an overdue item from the list to a request, which another person decides', async () => {
    opened = await openConsole('/admin/retention', { as: 'dangan' });
    const { page, site } = opened;
    await page.getByText('没有销毁申请').waitFor();
    await page.getByText('查封扣押财产').waitFor();
    const due = page.locator('.panel', { has: page.getByRole('heading', { name: '到期证据' }) });
    await due.locator('tbody').getByRole('checkbox').first().check();
    await due.getByRole('button', { name: /申请销毁/ }).click();
    await page.getByRole('dialog').getByLabel('理由').fill('保管期限届满');
    await page.getByRole('dialog').getByRole('button', { name: '申请销毁' }).click();
    await due.getByText('没有到期的证据').waitFor();
    const list = page.locator('.panel', { has: page.getByRole('heading', { name: '销毁审批' }) });
    await list.getByText('待审批').first().waitFor();
    expect(await list.getByRole('button', { name: '审批' }).count()).toBe(0);

    const session = site.beginSession('fazhi');
    const { name = '' } = (await page.context().cookies())[0] ?? {};
    await page.context().addCookies([{ name, value: session, url: site.url }]);
    await page.reload();
    await list.getByRole('button', { name: '审批' }).click();
    await page.getByRole('dialog').getByLabel('批准销毁').check();
    await page.getByRole('dialog').getByLabel('理由').fill('同意');
    await page.getByRole('dialog').getByRole('button', { name: '审批' }).click();
    await list.getByText('已批准，等待执行').first().waitFor();
  });

  it('says so when its lists cannot be had, and tries again when asked', async () => {
    opened = await openConsole('/', { as: 'dangan', language: 'en' });
    const { page, site } = opened;
    site.fail('listMatters', { status: 500, code: 'internal_fault' });
    await page.goto(`${site.url}/admin/retention`);
    const matters = page.locator('.panel', {
      has: page.getByRole('heading', { name: 'Catalogue of recording matters' }),
    });
    const retry = matters.getByRole('button', { name: 'Try again' });
    await retry.waitFor();
    site.fail('listMatters', null);
    await retry.click();
    await matters.getByText('留置送达').waitFor();
  });
});
