import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ConsoleUnderTest, closeBrowser, openConsole, patiently } from '../../testing/console-under-test.ts';
import { uuidOf } from '../../testing/people.ts';

const item = uuidOf('evidence 1');
const toDecide = uuidOf('request 41');

describe('asking for access and deciding it', () => {
  let opened: ConsoleUnderTest;
  const sent = (call: RegExp) => [...opened.site.bodies].find(([line]) => call.test(line))?.[1];
  beforeEach(async () => {
    opened = await openConsole('/access/mine', { as: 'chenjing' });
  });
  afterEach(async () => {
    expect(opened.faults).toEqual([]);
    await opened.close();
  });
  afterAll(closeBrowser);

  it('writes a request for the item it came from, says who will decide, and submits it once', async () => {
    const { page, site } = opened;
    await page.goto(`${site.url}/access/new?items=${item},not-an-id`);
    await page.getByLabel('用途', { exact: true }).click();
    await page.getByTitle('案件办理', { exact: true }).click();
    await page.getByText('须经 机关负责人 审批').waitFor();
    await page.getByRole('checkbox', { name: '对外提供' }).check();
    await page.getByText('须经 法制机构、机关负责人 审批').waitFor();
    await page.getByRole('button', { name: '提交申请' }).click();
    await page.getByText('请填写此项').waitFor();
    await page.getByLabel('调阅依据').fill('核实现场处置经过');
    await page.getByRole('button', { name: '提交申请' }).click();
    await page.getByText('申请已提交，并已记入日志').waitFor();
    await page.getByText('核实现场处置经过').waitFor();
    expect(sent(/^POST \/api\/requests$/)).toMatchObject({
      items: [item],
      purpose: 'case_handling',
      operations: ['play', 'disclose'],
      basis: '核实现场处置经过',
    });
    expect(site.requests.filter((call) => call === 'POST /api/requests').length).toBe(1);
  });

  it('takes items from the evidence list', async () => {
    const { page, site } = opened;
    await page.goto(`${site.url}/access/new`);
    await page.getByRole('button', { name: '选择证据' }).click();
    await page
      .getByRole('checkbox', { name: /现场检查/ })
      .first()
      .check();
    await page
      .getByRole('checkbox', { name: /酒驾查处/ })
      .first()
      .check();
    await page.getByRole('button', { name: '选入 2 件' }).click();
    await expect.poll(() => page.locator('.picked-row').count(), patiently).toBe(2);
    await page.getByRole('button', { name: /^移除/ }).first().click();
    await expect.poll(() => page.locator('.picked-row').count(), patiently).toBe(1);
  });

  it('asks for a whole case instead, and says what of it is left out', async () => {
    const { page, site } = opened;
    await page.goto(`${site.url}/access/new`);
    await page.getByTitle('整个案件', { exact: true }).click();
    await page.getByLabel('选择案卷').click();
    await page.getByTitle(/1187/).first().click();
    await page.getByLabel('用途', { exact: true }).click();
    await page.getByTitle('案件办理', { exact: true }).click();
    await page.getByText('现可申请 3 件').waitFor();
    await page.getByText('本案另有 1 件证据未列入：1 件不属于您所辖的单位。').waitFor();
    await page.getByLabel('调阅依据').fill('核实整案经过');
    await page.getByRole('button', { name: '保存草稿' }).click();
    await page.getByText(/整案申请：/).waitFor();
    await page.getByText('本案另有 1 件证据未列入').waitFor();
    const body = sent(/^POST \/api\/requests$/);
    expect(body).toMatchObject({ case: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect(body).not.toHaveProperty('items');
  });

  it('lists the grants one gave and those for one’s units, and takes one back from there', async () => {
    const { page, site } = opened;
    await opened.actAs('fazhi');
    await page.goto(`${site.url}/access/grants`);
    await page.getByText('您没有任何授权').waitFor();
    await page.getByTitle('我批准的', { exact: true }).click();
    await page.getByRole('link', { name: '依据调阅申请第 38 号' }).waitFor();
    expect(new URL(page.url()).searchParams.get('view')).toBe('given');
    await page.getByRole('button', { name: '撤销授权' }).click();
    await page.getByRole('dialog').getByLabel('理由').fill('案件已移送');
    await page.getByRole('dialog').getByRole('button', { name: '撤销授权' }).click();
    await page.getByText('授权已撤销，并已记入日志').waitFor();
    await page.getByText('方志远 撤销：案件已移送').waitFor();
    expect(sent(/revocation$/)).toEqual({ reason: '案件已移送' });
    await page.getByTitle('涉及本单位证据的', { exact: true }).click();
    await expect.poll(() => site.requests.filter((call) => call.includes('view=units')).length, patiently).toBe(1);
  });

  it('is decided by keyboard alone, a refusal only with its reason', async () => {
    const { page, site } = opened;
    await page.goto(`${site.url}/access/requests/${toDecide}`);
    await page.getByText('近一年提交 9 次').waitFor();
    await page.keyboard.press('Alt+r');
    const reason = page.getByLabel('理由');
    await expect.poll(() => reason.evaluate((field) => field === document.activeElement), patiently).toBe(true);
    const send = page.getByRole('button', { name: '驳回' });
    await page.keyboard.press('Tab');
    await expect.poll(() => send.evaluate((field) => field === document.activeElement), patiently).toBe(true);
    await page.keyboard.press('Enter');
    await page.getByText('驳回必须说明理由').waitFor();
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.type('依据不足');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('意见已记入日志').waitFor();
    await page.getByText('依据不足').waitFor();
    expect(sent(/decisions$/)).toEqual({ verdict: 'refused', role: 'legal', reason: '依据不足' });
  });

  it('asks the approver to say that they know of a hold', async () => {
    const { page, site } = opened;
    await page.goto(`${site.url}/access/requests/${toDecide}`);
    await page.getByRole('radio', { name: '批准' }).check();
    await page.getByText('批准后还需 机关负责人 审批').waitFor();
    await page.getByRole('button', { name: '批准' }).click();
    await page.getByText('批准前请先确认').waitFor();
    await page.getByRole('checkbox', { name: '我知道其中有证据正在依法保全' }).check();
    await page.getByRole('button', { name: '批准' }).click();
    await page.getByText('意见已记入日志').waitFor();
    expect(sent(/decisions$/)).toMatchObject({ verdict: 'approved', holdAcknowledged: true });
  });

  it('shows the letter and the identity document on the page where they are decided about', async () => {
    const { page, site } = opened;
    const content = (scan: string) => `/api/requests/${toDecide}/attachments/${uuidOf(`scan ${scan}`)}/content`;
    await page.goto(`${site.url}/access/requests/${toDecide}`);
    const dialog = page.getByRole('dialog');
    const letter = page.getByRole('button', { name: '查看 调取证据通知书.pdf' });
    await letter.focus();
    await page.keyboard.press('Enter');
    await dialog.getByText('查看附件会记入日志').waitFor();
    await dialog.locator('iframe').waitFor();
    // The browser's own reader has it: in its frame there are two more.
    await expect
      .poll(() => page.frames().filter((frame) => frame.url().endsWith(content('letter'))).length, patiently)
      .toBeGreaterThan(0);
    expect(page.frames().map((frame) => frame.url())).not.toContain('chrome-error://chromewebdata/');
    expect(await dialog.getByRole('link', { name: '在新标签页打开' }).getAttribute('href')).toBe(content('letter'));
    await dialog.getByRole('button', { name: '关闭' }).or(dialog.getByLabel('Close')).first().press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(() => letter.evaluate((button) => button === document.activeElement), patiently).toBe(true);

    await page.getByRole('button', { name: '查看 工作证.jpg' }).press('Enter');
    const picture = dialog.getByRole('img', { name: '工作证.jpg' });
    await expect
      .poll(() => picture.evaluate((image) => (image as HTMLImageElement).naturalWidth), patiently)
      .toBeGreaterThan(0);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });

    await page.getByRole('button', { name: '查看 情况说明.docx' }).click();
    await dialog.getByText('这种格式不能在页面中显示').waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });

    site.fail('readAttachment', { status: 503, code: 'not_recorded' });
    await letter.click();
    await dialog.getByRole('alert').waitFor();
    expect(await dialog.locator('iframe').count()).toBe(0);
    site.fail('readAttachment', null);
    await dialog.getByRole('button', { name: '重试' }).click();
    await dialog.locator('iframe').waitFor();

    const [request] = site.world.requests.filter(({ id }) => id === toDecide);
    if (!request) throw new Error('The fake site has lost the request.');
    request.may.readAttachments = false;
    await page.reload();
    await page.getByText('工作证.jpg').waitFor();
    expect(await page.getByRole('button', { name: /^查看 工作证/ }).count()).toBe(0);
  });

  it('tells of what waits, live, and leads there', async () => {
    const { page, site } = opened;
    const bell = page.getByRole('button', { name: /未读通知/ });
    await page.getByRole('button', { name: '未读通知 1 条' }).waitFor();
    const [told] = site.world.notifications;
    if (!told) throw new Error('The fake site has told nobody anything.');
    const id = uuidOf('notification 3');
    site.world.notifications.unshift({
      ...told,
      id,
      kind: 'grant_revoked',
      data: { number: 38, reason: '案件已移送' },
    });
    await site.emit({ kind: 'notification', id, account: uuidOf('account chenjing') });
    await page.getByRole('button', { name: '未读通知 2 条' }).waitFor();
    await bell.click();
    await page.getByText('案件已移送').waitFor();
    await page.getByRole('link', { name: /李捷的调阅申请第 41 号/ }).click();
    await page.getByRole('heading', { name: '调阅申请 第 41 号' }).waitFor();
    await page.getByRole('button', { name: '未读通知 1 条' }).waitFor();
  });

  it('shows everybody the areas that are theirs', async () => {
    const { page, site } = opened;
    const areas = async (login: string) => {
      await opened.actAs(login);
      await page.goto(site.url);
      await page.getByRole('navigation', { name: '主导航' }).waitFor();
      return (await page.getByRole('navigation', { name: '主导航' }).getByRole('link').allTextContents()).join(' ');
    };
    expect(await areas('lijie')).toBe('工作台 证据库 案卷 调阅 采集 完整性');
    expect(await areas('zhoumin')).toBe('工作台 证据库 案卷 调阅 采集 完整性 管理');
    expect(await areas('yunwei')).toBe('工作台 证据库 采集 完整性 管理');
    const tabs = page.getByRole('navigation', { name: '管理栏目' }).getByRole('link');
    await page.getByRole('link', { name: '管理' }).click();
    await tabs.first().waitFor();
    expect(await tabs.allTextContents()).toEqual(['单位', '设备', '采集站', '消息推送']);
  });
});
