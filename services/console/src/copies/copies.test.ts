import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ConsoleUnderTest, closeBrowser, openConsole, patiently } from '../../testing/console-under-test.ts';
import { uuidOf } from '../../testing/people.ts';
import { itemOf } from '../../testing/world.ts';

const item = uuidOf('evidence 0');

describe('copies on the page of an item', () => {
  let opened: ConsoleUnderTest;

  beforeEach(async () => {
    opened = await openConsole(`/evidence/${item}`, { as: 'chenjing' });
    await opened.page.getByRole('heading', { name: '取用与副本' }).waitFor();
  });
  afterEach(async () => {
    expect(opened.faults).toEqual([]);
    await opened.close();
  });
  afterAll(closeBrowser);

  /** As if a grant or a rule now said so. */
  async function permit(action: 'play' | 'download_proxy' | 'disclose', more: object): Promise<void> {
    const { site, page } = opened;
    const [row] = site.world.evidence;
    if (!row) throw new Error('The fake site has no such row.');
    const { actions } = itemOf(site.world, row);
    const permission = { ...actions[action], ...more };
    site.world.details.set(item, { ...site.world.details.get(item), actions: { ...actions, [action]: permission } });
    await page.reload();
    await page.getByRole('heading', { name: '取用与副本' }).waitFor();
  }
  const granted = { allowed: true, outcome: 'allow', rule: 'granted', approvers: [] };

  it('says who has to approve, and leads to the request', async () => {
    const { page } = opened;
    await page.getByText('须经审批：', { exact: false }).first().waitFor();
    await page.getByRole('link', { name: '申请调阅' }).first().click();
    await expect.poll(() => page.url(), patiently).toContain(`/access/new?items=${item}`);
  });

  it('has a copy made, shows how far it is, and offers it for download', async () => {
    await permit('download_proxy', { ...granted, grant: { id: item, until: '2027-01-01T00:00:00Z', usesLeft: 3 } });
    const { page, site } = opened;
    await page.getByText('已获授权，还可用 3 次', { exact: false }).waitFor();
    await page.getByRole('button', { name: '制作 带水印的播放副本' }).click();
    await page.getByText('等待制作').waitFor();
    const [copy] = site.world.issuedCopies;
    if (!copy) throw new Error('no copy was asked for');
    const tell = () =>
      site.emit({
        kind: 'issued_copy',
        id: copy.id,
        evidence: item,
        account: item,
        state: copy.state,
        percent: copy.percent,
      });
    Object.assign(copy, { state: 'making', percent: 42 });
    await tell();
    await page.getByText('42%').waitFor();
    const file = {
      name: '现场_副本.mp4',
      mediaType: 'video/mp4',
      size: 5_000_000,
      sha256: 'a'.repeat(64),
      content: `/api/copies/${copy.id}/content`,
    };
    Object.assign(copy, { state: 'ready', percent: 100, expiresAt: '2027-01-01T00:00:00Z', file });
    await tell();
    const link = page.getByRole('link', { name: '下载' });
    await link.waitFor();
    expect(await link.getAttribute('href')).toBe(file.content);
  });

  it('asks to whom a disclosed copy is given', async () => {
    await permit('disclose', granted);
    const { page, site } = opened;
    await page.getByRole('button', { name: '制作 对外提供的副本' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('提供给').fill('某区人民检察院');
    await dialog
      .getByRole('button', { name: '制 作' })
      .or(dialog.getByRole('button', { name: '制作', exact: true }))
      .click();
    await expect
      .poll(() => site.bodies.get(`POST /api/evidence/${item}/copies`), patiently)
      .toMatchObject({
        operation: 'disclose',
        recipient: '某区人民检察院',
      });
  });

  it('says why a copy failed', async () => {
    await permit('download_proxy', granted);
    const { page, site } = opened;
    await page.getByRole('button', { name: '制作 带水印的播放副本' }).click();
    await page.getByText('等待制作').waitFor();
    const [copy] = site.world.issuedCopies;
    if (!copy) throw new Error('no copy was asked for');
    Object.assign(copy, { state: 'failed', reason: 'no_cjk_font' });
    await site.emit({ kind: 'issued_copy', id: copy.id, evidence: item, account: item, state: 'failed', percent: 0 });
    await page.getByText('服务器没有中文字体', { exact: false }).waitFor();
  });

  it('lets a play begin only once its purpose is chosen, and says so when the right is taken away', async () => {
    await permit('play', {
      allowed: false,
      outcome: 'needApproval',
      rule: 'other_play',
      purposes: ['supervision', 'file_review'],
    });
    const { page, site } = opened;
    const play = page.getByRole('button', { name: '播放', exact: true });
    expect(await play.isDisabled()).toBe(true);
    await page.getByRole('radio', { name: '执法监督' }).check();
    await play.click();
    await page.getByText('本次观看正在记录').waitFor();
    expect(site.bodies.get(`POST /api/evidence/${item}/plays`)).toEqual({ purpose: 'supervision' });
    const playId = () =>
      site.requests
        .find((request) => request.endsWith('/index.m3u8'))
        ?.split('/')
        .at(-2);
    await expect.poll(playId, patiently).toBeDefined();
    await site.emit({ kind: 'play', id: playId() ?? '', session: item, cause: 'revoked' });
    await page.getByText('授权已收回，播放已停止').waitFor();
    expect(await page.locator('video').count()).toBe(0);
  });
});
