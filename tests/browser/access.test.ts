import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../product/eventually.ts';
import { openProduct, type Product } from '../product/product.ts';
import { launchChromium } from './browser.ts';
import { visitSignedIn } from './visit.ts';

let product: Product;
let browser: Browser;
beforeAll(async () => {
  product = await openProduct();
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
});

/** Goes from control to control until one of this name has the focus. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let turn = 0; turn < 80; turn += 1) {
    const focused = await page.evaluate(() => {
      const { activeElement } = (
        globalThis as unknown as {
          document: { activeElement: { ariaLabel: string | null; textContent: string } | null };
        }
      ).document;
      return `${activeElement?.ariaLabel ?? ''} ${activeElement?.textContent ?? ''}`.trim();
    });
    if (name.test(focused)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`No control called ${name} can be reached by Tab.`);
}

it('leads from a request over two decisions to playing, and stops the play when the grant is revoked', async () => {
  const recording = product.demo.evidence.find(({ name }) => name.includes('路面执勤'));
  if (!recording) throw new Error('the demo has no such recording');

  // The supervisor asks: this purpose is none of those that need nobody.
  await using asking = await visitSignedIn(product, browser, 'supervisor', `/access/new?items=${recording.id}`);
  const { page } = asking;
  await page.getByText(recording.name).waitFor();
  await page.getByLabel('用途', { exact: true }).click();
  await page.getByTitle('投诉举报', { exact: true }).click();
  await page.getByRole('checkbox', { name: '对外提供' }).check();
  await page.getByText('须经').waitFor();
  await page.getByLabel('调阅依据').fill('核查群众投诉，需核实现场处置经过。');
  await page.getByRole('button', { name: '提交申请' }).click();
  const heading = page.getByRole('heading', { name: /^调阅申请 第 \d+ 号$/ });
  await heading.waitFor();
  const number = /\d+/.exec((await heading.textContent()) ?? '')?.[0] ?? '';
  await page.getByText('等待审批').first().waitFor();

  // Legal review decides without touching the mouse: from the desk into the request and through the form.
  {
    await using deciding = await visitSignedIn(product, browser, 'legal');
    const { page: desk, complaints } = deciding;
    await desk.getByRole('link', { name: new RegExp(`第 ${number} 号`) }).waitFor();
    await tabTo(desk, new RegExp(`^第 ${number} 号`));
    await desk.keyboard.press('Enter');
    await desk.getByRole('heading', { name: `调阅申请 第 ${number} 号` }).waitFor();
    await desk.getByText('核查群众投诉').waitFor();
    await desk.getByRole('heading', { name: '我的审批' }).waitFor();
    await desk.keyboard.press('Alt+a');
    await desk.getByText('批准后还需 机关负责人 审批').waitFor();
    await tabTo(desk, /^批准$/);
    await desk.keyboard.press('Enter');
    await desk.getByText('意见已记入日志').waitFor();
    expect(complaints).toEqual([]);
  }

  // One yes is not enough.
  await page.reload();
  await page.getByText('机关负责人 等待审批').waitFor();

  await using head = await visitSignedIn(product, browser, 'head', '/access/to-decide');
  await head.page.getByRole('link', { name: `第 ${number} 号` }).click();
  await head.page.getByRole('radio', { name: '批准' }).check();
  await head.page.getByText('您批准后立即生效').waitFor();
  await head.page.getByRole('button', { name: '批准' }).click();
  await head.page.getByText('意见已记入日志').waitFor();

  // The requester is told while the page is open, and plays.
  await page.getByText('已批准').first().waitFor();
  await page.getByRole('button', { name: /未读通知/ }).click();
  await page.getByRole('link', { name: `您的调阅申请第 ${number} 号已获批准` }).waitFor();
  await page.goto(`${product.url}/evidence/${recording.id}`);
  await page.getByRole('button', { name: '播放', exact: true }).click();
  const video = page.locator('video');
  await video.waitFor();
  await eventually(async () => {
    const position = await video.evaluate((element: unknown) => (element as { currentTime: number }).currentTime);
    expect(position).toBeGreaterThan(0.5);
  });

  // Whoever approved takes it back; the picture is gone without anybody touching the player.
  await head.page.getByRole('button', { name: '撤销授权' }).click();
  await head.page.getByRole('dialog').getByLabel('理由').fill('案件已移送');
  await head.page.getByRole('dialog').getByRole('button', { name: '撤销授权' }).click();
  await head.page.getByText('授权已撤销，并已记入日志').waitFor();
  await page.getByText('授权已收回，播放已停止').waitFor();
  expect(await page.locator('video').count()).toBe(0);
  expect(head.complaints).toEqual([]);

  const { rows } = await product.database.query(
    `select type from ledger_event
     where type in ('request.submitted', 'request.decided', 'grant.given', 'grant.revoked') and at >= $1 order by id`,
    [product.openedAt],
  );
  expect(rows.map(({ type }) => type)).toEqual([
    'request.submitted',
    'request.decided',
    'request.decided',
    'grant.given',
    'grant.revoked',
  ]);
});
