import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ConsoleUnderTest, closeBrowser, openConsole, patiently } from '../../testing/console-under-test.ts';
import { people, uuidOf } from '../../testing/people.ts';

const first = uuidOf('case 0');
const number = '临公（城东）受案字〔2026〕1187 号';

describe('case files', () => {
  let opened: ConsoleUnderTest;
  const dialog = () => opened.page.getByRole('dialog');
  const body = (line: string) => opened.site.bodies.get(line) as Record<string, unknown> | undefined;
  const theCase = () => {
    const file = opened.site.world.cases.find(({ id }) => id === first);
    if (!file) throw new Error('The fake site has no first case.');
    return file;
  };

  beforeEach(async () => {
    opened = await openConsole('/cases?limit=20', { as: 'chenjing' });
    await opened.page.getByText('第 1 页 · 本页 20 条').waitFor();
  });
  afterEach(async () => {
    expect(opened.faults).toEqual([]);
    await opened.close();
  });
  afterAll(closeBrowser);

  it('are listed page by page, with what narrows the list in the address', async () => {
    const { page } = opened;
    await page.getByRole('button', { name: '下一页' }).click();
    await page.getByText('第 2 页 · 本页 4 条').waitFor();
    await page.getByRole('textbox', { name: '案号、案由或当事人' }).fill('噪声');
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.searchParams.get('q') === '噪声' && !url.searchParams.has('cursor'));
    await page.getByText('第 1 页 · 本页 6 条').waitFor();
    await page.getByRole('checkbox', { name: '我承办的' }).click();
    await page.waitForURL((url) => url.searchParams.get('officer') === people[0]?.id);
    await page.getByText('没有符合条件的案卷').waitFor();
    await page.reload();
    expect(await page.getByRole('textbox', { name: '案号、案由或当事人' }).inputValue()).toBe('噪声');
  });

  it('are opened, and lead on to their own page', async () => {
    const { page } = opened;
    await page.getByRole('button', { name: '新建案卷' }).click();
    await dialog().getByRole('textbox', { name: '案号' }).fill(number);
    await dialog().getByRole('textbox', { name: '案由' }).fill('无证经营案');
    await dialog().getByRole('button', { name: '提交' }).click();
    await dialog().getByText('该案号已有案卷').waitFor();
    await dialog().getByRole('textbox', { name: '案号' }).fill('临罚〔2026〕9 号');
    await dialog().getByRole('button', { name: '提交' }).click();
    await page.getByRole('heading', { name: '临罚〔2026〕9 号' }).waitFor();
    expect(body('POST /api/cases')).toMatchObject({ kind: 'penalty', subject: null, officers: [] });
  });

  it('show whoever comes second what the first has changed, and keep what both have written', async () => {
    const { page } = opened;
    await page.goto(`${opened.site.url}/cases/${first}`);
    await page.getByRole('button', { name: '修改', exact: true }).click();
    await dialog().getByRole('textbox', { name: '当事人' }).fill('张记餐饮管理有限公司');
    Object.assign(theCase(), {
      ...{ title: '无照占道经营案', revision: 2 },
      changed: { by: { id: uuidOf('account lijie'), name: '李捷' }, at: '2026-11-22T04:00:00.000Z' },
    });
    await dialog().getByRole('button', { name: '提交' }).click();
    await dialog().getByText('李捷 已修改').waitFor();
    expect(await dialog().locator('.conflict dd').allInnerTexts()).toEqual(['占道经营案 → 无照占道经营案']);
    await dialog().getByRole('button', { name: '采用其修改并继续' }).click();
    expect(await dialog().getByRole('textbox', { name: '案由' }).inputValue()).toBe('无照占道经营案');
    expect(await dialog().getByRole('textbox', { name: '当事人' }).inputValue()).toBe('张记餐饮管理有限公司');
    await dialog().getByRole('button', { name: '提交' }).click();
    await page.getByText('张记餐饮管理有限公司').first().waitFor();
    expect(body(`PUT /api/cases/${first}`)).toMatchObject({ basedOn: 2, title: '无照占道经营案' });
  });

  it('are handled by people in their period, put there by somebody', async () => {
    const { page } = opened;
    await page.goto(`${opened.site.url}/cases/${first}`);
    await page.getByText('陈静 指定').waitFor();
    await page.getByRole('button', { name: '添加承办人' }).click();
    await dialog().getByRole('combobox', { name: '人员' }).fill('陈静');
    await dialog().getByTitle('陈静 330127').click();
    await dialog().getByText('由本人指定自己为承办人').waitFor();
    await dialog().getByRole('button', { name: '提交' }).click();
    await page.getByText('由本人指定，不因此获得播放权限').waitFor();
    await page.locator('.case-officer', { hasText: '李捷' }).getByRole('button', { name: '解除' }).click();
    await page.getByRole('dialog').getByRole('button', { name: '解除' }).click();
    await expect.poll(() => theCase().officers.map(({ name }) => name), patiently).toEqual(['陈静']);
    await page.getByText('解除承办人').first().waitFor();
  });

  it('are closed with a reason, which their history tells', async () => {
    const { page } = opened;
    await page.goto(`${opened.site.url}/cases/${first}`);
    await page.getByRole('button', { name: '结案' }).click();
    await dialog().getByRole('textbox', { name: '理由' }).fill('已作出处罚决定');
    await dialog().getByRole('button', { name: '结案' }).click();
    await page.getByText('理由：已作出处罚决定').waitFor();
    await page.getByText('状态：办理中 → 已结案').waitFor();
    expect(body(`PUT /api/cases/${first}`)).toMatchObject({ state: 'closed', reason: '已作出处罚决定' });
    expect(await page.getByRole('link', { name: '申请调阅全案' }).getAttribute('href')).toBe(
      `/access/new?case=${first}`,
    );
  });
});
