import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ConsoleUnderTest, closeBrowser, openConsole, patiently } from '../../../testing/console-under-test.ts';

let opened: ConsoleUnderTest;
const calls = (start: string) => opened.site.requests.filter((request) => request.startsWith(start));

afterEach(async () => {
  expect(opened.faults).toEqual([]);
  await opened.close();
});
afterAll(closeBrowser);

describe('the register', () => {
  beforeEach(async () => {
    opened = await openConsole('/access/register?limit=20', { as: 'zhoumin' });
    await opened.page.getByText('第 1 页 · 本页 20 条').waitFor();
  });

  it('is narrowed to what one person did by their name, and offers the report about them', async () => {
    const { page } = opened;
    const name = (await page.locator('.cell-link').first().textContent()) ?? '';
    await page.locator('.cell-link').first().click();
    await expect.poll(() => new URL(page.url()).searchParams.get('person'), patiently).toBeTruthy();
    await expect
      .poll(async () => new Set(await page.locator('.cell-link').allTextContents()), patiently)
      .toEqual(new Set([name]));
    const person = new URL(page.url()).searchParams.get('person');
    const report = page.getByRole('link', { name: '此人审计报告' });
    expect(await report.getAttribute('href')).toBe(`/api/register/people/${person}/report.pdf?language=zh-CN`);
  });

  it('says of a refusal what was refused', async () => {
    const refused = opened.page.getByRole('row').filter({ hasText: '访问被拒绝' });
    expect(await refused.first().getByRole('cell').nth(1).textContent()).toMatch(/访问被拒绝\s*播放$/);
  });

  it('exports what is shown, by the filters of the page', async () => {
    const { page } = opened;
    await page.goto(`${opened.site.url}/access/register?kind=denial&from=2026-11-20`);
    await page.getByText(/^第 1 页/).waitFor();
    const href = (await page.getByRole('link', { name: '导出 CSV' }).getAttribute('href')) ?? '';
    const asked = new URL(href, opened.site.url);
    expect(asked.pathname).toBe('/api/register/export.csv');
    expect(Object.fromEntries(asked.searchParams)).toEqual({
      kind: 'denial',
      from: '2026-11-19T16:00:00.000Z',
      language: 'zh-CN',
    });
  });
});

describe('an item’s page', () => {
  it('takes a description, and asks again when somebody was faster', async () => {
    opened = await openConsole('/evidence', { as: 'zhoumin' });
    const { page, site } = opened;
    const item = site.world.evidence[5];
    if (!item) throw new Error('The fake site has no evidence.');
    await page.goto(`${site.url}/evidence/${item.id}`);
    await page.getByRole('button', { name: '填写说明' }).click();
    await page.getByRole('textbox', { name: '标题' }).fill('现场检查：张记餐馆');
    site.fail('describeEvidence', { status: 409, code: 'description_changed', title: 'x', detail: 'x' });
    await page.getByRole('button', { name: '提交' }).click();
    await page.getByRole('dialog').getByRole('alert').waitFor();
    site.fail('describeEvidence', null);
    await page.getByRole('button', { name: '提交' }).click();
    await page.getByRole('heading', { level: 1, name: '现场检查：张记餐馆' }).waitFor();
    expect(site.bodies.get(`PUT /api/evidence/${item.id}/description`)).toMatchObject({
      basedOn: 0,
      tags: [],
      case: null,
    });
  });

  it('looks up who could see it only when asked, for the look is on record', async () => {
    opened = await openConsole('/evidence', { as: 'zhoumin' });
    const { page, site } = opened;
    const item = site.world.evidence[5];
    await page.goto(`${site.url}/evidence/${item?.id}`);
    const ask = page.getByRole('button', { name: '查询谁能查看此证据' });
    await ask.waitFor();
    expect(calls(`GET /api/evidence/${item?.id}/audience`)).toEqual([]);
    await ask.click();
    await page.getByText('三员不得查看录像').first().waitFor();
    expect(calls(`GET /api/evidence/${item?.id}/audience`)).toHaveLength(1);
  });
});

it('a bar of the timeline narrows the list to its days', async () => {
  opened = await openConsole('/evidence', { as: 'zhoumin' });
  const { page } = opened;
  await page.getByRole('region', { name: '时间分布' }).getByRole('button').first().click();
  await expect.poll(() => new URL(page.url()).searchParams.get('from'), patiently).toBe('2026-11-18');
  expect(new URL(page.url()).searchParams.get('to')).toBe('2026-11-18');
});
