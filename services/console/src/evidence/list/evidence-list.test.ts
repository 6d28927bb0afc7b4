import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ConsoleUnderTest, closeBrowser, openConsole, patiently } from '../../../testing/console-under-test.ts';
import { uuidOf } from '../../../testing/people.ts';

describe('the evidence list', () => {
  let opened: ConsoleUnderTest;
  const names = () => opened.page.locator('.evidence-name a').allTextContents();
  const showing = (page: number, count: number) => opened.page.getByText(`第 ${page} 页 · 本页 ${count} 条`).waitFor();
  const listCalls = () => opened.site.requests.filter((request) => request.startsWith('GET /api/evidence?'));

  beforeEach(async () => {
    opened = await openConsole('/evidence?limit=20', { as: 'chenjing' });
    await showing(1, 20);
  });
  afterEach(async () => {
    expect(opened.faults).toEqual([]);
    await opened.close();
  });
  afterAll(closeBrowser);

  it('keeps the filters in the address and reads them from it', async () => {
    const { page } = opened;
    await page.getByRole('combobox', { name: '状态' }).click();
    await page.getByTitle('已隔离', { exact: true }).last().click();
    await showing(1, 1);
    await page.getByRole('textbox', { name: '搜索标题、文件名、人员、设备、地点、标签、案号' }).fill('扣押');
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.searchParams.get('q') === '扣押');
    expect(new URL(page.url()).searchParams.get('state')).toBe('quarantined');
    await page.reload();
    await showing(1, 1);
    expect(
      await page.getByRole('textbox', { name: '搜索标题、文件名、人员、设备、地点、标签、案号' }).inputValue(),
    ).toBe('扣押');
    expect(await names()).toEqual(['扣押财物_DSJ-V8-210412_20261122_第二段.mp4']);
  });

  it('asks for days of the site as instants, the last day included', async () => {
    const { page } = opened;
    await page.goto(`${opened.site.url}/evidence?from=2026-11-20&to=2026-11-21`);
    await page.getByText(/^第 1 页/).waitFor();
    await expect
      .poll(() => listCalls().at(-1), patiently)
      .toContain('from=2026-11-19T16%3A00%3A00.000Z&to=2026-11-21T16%3A00%3A00.000Z');
  });

  it('pages by cursor, forward and back, and the browser’s Back is the page before', async () => {
    const { page } = opened;
    const first = await names();
    await page.getByRole('button', { name: '下一页' }).click();
    await showing(2, 20);
    const second = await names();
    await page.getByRole('button', { name: '下一页' }).click();
    await showing(3, 20);
    expect(new Set([...first, ...second, ...(await names())]).size).toBe(60);
    await page.getByRole('button', { name: '上一页' }).click();
    await showing(2, 20);
    expect(await names()).toEqual(second);
    await page.reload();
    await showing(2, 20);
    await page.getByRole('button', { name: '上一页' }).click();
    await showing(1, 20);
    expect(await names()).toEqual(first);
    expect(listCalls().every((call) => !call.includes('offset'))).toBe(true);
    await page.goBack();
    await showing(2, 20);
  });

  it('leads from an item back to the same page of the same list', async () => {
    const { page } = opened;
    await page.getByRole('button', { name: '下一页' }).click();
    await showing(2, 20);
    const second = await names();
    await page.locator('.evidence-name a').first().click();
    await page.getByRole('link', { name: '返回列表' }).click();
    await showing(2, 20);
    expect(await names()).toEqual(second);
  });

  it('counts what is new without moving a row, and brings it in on request', async () => {
    const { page, site } = opened;
    const before = await names();
    const model = site.world.evidence[0];
    if (!model) throw new Error('The fake site has no evidence.');
    const added = { ...model, id: uuidOf('added'), name: '新到录像.mp4' };
    site.world.evidence.unshift(added);
    await site.emit({ kind: 'evidence', id: added.id, unit: added.unit.id });
    const bar = page.getByRole('button', { name: '有 1 条新证据，点击显示' });
    await bar.waitFor();
    expect(await names()).toEqual(before);
    await bar.click();
    await page.getByRole('link', { name: '新到录像.mp4' }).waitFor();
    expect(await bar.count()).toBe(0);
  });

  it('leads to an item that is verified in the reader’s own words, an earlier version’s sentence standing as it is', async () => {
    opened = await openConsole(`/evidence/${uuidOf('evidence 1')}`, { as: 'chenjing' });
    const { page } = opened;
    await page.getByRole('button', { name: '再次验证' }).click();
    const legs = page.locator('.legs li');
    const told = (name: string) => legs.filter({ hasText: name }).locator('.leg-detail').textContent();
    await legs.first().waitFor();
    expect(await told('锁定有效')).toBe('锁定至 2027-05-23 00:00:00。仅由本软件执行，不能阻止系统最高权限（root）。');
    expect(await told('日志包含证明')).toBe('第 48,213 条（共 48,291 条，自 0 起），已用日志的哈希瓦片证明。');
    expect(await told('见证人联署')).toMatch(/^早期版本的原始记录\s*No witness is configured\.$/);
    await page.getByRole('button', { name: 'English' }).click();
    expect(await told('Inclusion in the log')).toBe("Entry 48,213 of 48,291, proved with the log's tiles.");
  });

  it('says what went wrong in the reader’s language and recovers', async () => {
    const { page, site } = opened;
    site.fail('listEvidence', { status: 400, code: 'cursor_invalid', title: 'Cursor invalid', detail: 'Start again.' });
    await page.getByRole('button', { name: '下一页' }).click();
    await page.getByText('翻页位置已失效，请从首页重新开始。').waitFor();
    expect(await page.getByText('正在加载').count()).toBe(0);
    site.fail('listEvidence', null);
    await page
      .getByRole('button', { name: '重 试' })
      .or(page.getByRole('button', { name: '重试' }))
      .click();
    await showing(2, 20);
  });
});
