import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { enrolDock, freshSerial, temporaryDirectory } from '../product/dock.ts';
import { eventually } from '../product/eventually.ts';
import { openProduct, type Product } from '../product/product.ts';
import { opensslDigests, placeClip } from '../product/recordings.ts';
import { launchChromium } from './browser.ts';
import { visit } from './visit.ts';

let product: Product;
let browser: Browser;
beforeAll(async () => {
  product = await openProduct();
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
});

/** What is looked at of the page's video element; these files are checked without the browser's types. */
interface VideoState {
  readonly currentTime: number;
  readonly videoWidth: number;
}

const recording = () => {
  const found = product.demo.evidence.find(({ name }) => name.includes('路面执勤'));
  if (!found) throw new Error('the demo has no such recording');
  return found;
};

const panel = (page: Page, heading: string) =>
  page.locator('section').filter({ has: page.getByRole('heading', { name: heading, exact: true }) });

it('lets an officer find a recording, play it, see the play on record, and verify it again', async () => {
  await using visited = await visit(product, browser, 'officer');
  const { page, complaints } = visited;
  const { id, name } = recording();
  await page.getByRole('link', { name: '证据库' }).click();
  // Two Chinese characters are a search.
  await page.getByLabel(/^搜索标题/).fill('执勤');
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name }).click();
  await page.getByRole('heading', { name, level: 1 }).waitFor();
  expect(page.url()).toContain(`/evidence/${id}`);
  // Not one byte of the recording is asked for before the play is on record.
  expect(await page.locator('video').count()).toBe(0);

  await page.getByRole('button', { name: '播放', exact: true }).click();
  const video = page.locator('video');
  await video.waitFor();
  await eventually(async () => {
    const state = await video.evaluate((element: unknown) => {
      const { currentTime, videoWidth, error } = element as VideoState & { error: { message: string } | null };
      return { currentTime, videoWidth, error: error?.message ?? null };
    });
    expect(state.error).toBeNull();
    expect(state.currentTime).toBeGreaterThan(1);
    expect(state.videoWidth).toBeGreaterThan(0);
  });
  await panel(page, '保管记录').getByText('开始播放').first().waitFor();

  await page.getByRole('button', { name: '再次验证' }).click();
  await page.getByText('完成于').waitFor();
  const legs = page.locator('.legs li');
  await eventually(async () => expect(await legs.count()).toBe(10));
  const said = await legs.allInnerTexts();
  for (const leg of ['大小', 'SHA-256', 'SM3', '分段树', '日志包含证明', '检查点签名', '锁定有效'])
    expect(
      said.find((text) => text.includes(leg)),
      leg,
    ).toContain('通过');
  expect(said.find((text) => text.includes('见证人联署'))).toContain('未检查');
  expect(complaints).toEqual([]);
});

it('takes a file that is dropped on it, and shows it sealed', async () => {
  await using visited = await visit(product, browser, 'officer', '/ingest');
  const { page, complaints } = visited;
  const name = `拖放 上传 🎧 ${randomUUID().slice(0, 8)}.mp3`;
  const path = join(await temporaryDirectory('drop'), name);
  await placeClip('mp3', path);
  const bytes = (await readFile(path)).toString('base64');
  const transfer = await page.evaluateHandle(
    ([text = '', fileName = '']) => {
      const { DataTransfer } = globalThis as unknown as {
        DataTransfer: new () => { items: { add(file: File): void } };
      };
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))], fileName));
      return data;
    },
    [bytes, name],
  );
  await page.locator('.drop').dispatchEvent('drop', { dataTransfer: transfer });
  const row = page.getByRole('list', { name: '本次上传' }).getByRole('listitem').filter({ hasText: name });
  await row.getByText('已封存').waitFor();

  const { rows } = await product.database.query(
    `select state, encode(sha256, 'hex') as sha256, encode(sm3, 'hex') as sm3, declared_sha256 = sha256 as declared
     from evidence where name = $1`,
    [name],
  );
  expect(rows).toEqual([{ state: 'sealed', declared: true, ...(await opensslDigests(path)) }]);
  await row.getByText('查看证据').click();
  await page.getByRole('heading', { name, level: 1 }).waitFor();
  // Until it is sealed and signed the page asks, and is told: not yet.
  const notYet = /^(404 \/api\/evidence\/[-0-9a-f]{36}|409 \/api\/evidence\/[-0-9a-f]{36}\/receipt)$/;
  expect(complaints.filter((complaint) => !notYet.test(complaint))).toEqual([]);
});

it('announces what a dock brings while the list is open', async () => {
  const dock = await enrolDock(product);
  const folder = await temporaryDirectory('live');
  const name = `新到 ${randomUUID().slice(0, 8)}.jpg`;
  await placeClip('jpg', join(folder, name));
  await using visited = await visit(product, browser, 'officer', '/evidence');
  const { page, complaints } = visited;
  await page.getByRole('status', { name: '实时更新已连接' }).waitFor();
  await page.getByRole('table').waitFor();
  const run = await dock.run('offload', folder, '--device', freshSerial(), '--json');
  expect(run.exitCode, run.stderr).toBe(0);
  await page.getByRole('button', { name: /新证据/ }).click();
  await page.getByRole('link', { name }).waitFor();
  expect(complaints).toEqual([]);
});

it('speaks English when asked, remembers it, and signs out', async () => {
  await using visited = await visit(product, browser, 'officer', '/evidence');
  const { page } = visited;
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByRole('navigation', { name: 'Main navigation' }).waitFor();
  await page.getByRole('heading', { name: 'Evidence', level: 1 }).waitFor();
  await page.reload();
  await page.getByRole('navigation', { name: 'Main navigation' }).waitFor();
  await page.getByRole('button', { name: /王建国/ }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('Login').waitFor();
  const status = await page.evaluate(async () => (await fetch('/api/session')).status);
  expect(status).toBe(401);
});

it('shows another unit’s officer nothing of the item', async () => {
  const { id, name } = recording();
  await using visited = await visit(product, browser, 'traffic', `/evidence/${id}`);
  const { page } = visited;
  await page.getByRole('heading', { name: '没有这个页面', level: 1 }).waitFor();
  expect(await page.content()).not.toContain(name);
  const status = await page.evaluate(async (item) => (await fetch(`/api/evidence/${item}`)).status, id);
  expect(status).toBe(404);
});

it('tells a stranger with a wrong password so, and nothing else', async () => {
  const context = await browser.newContext({ locale: 'zh-CN' });
  try {
    const page = await context.newPage();
    await page.goto(`${product.url}/evidence`);
    await page.getByLabel('账号').fill('nobody');
    await page.getByLabel('密码', { exact: true }).fill('wrong');
    await page.getByRole('button', { name: /^登\s?录$/ }).click();
    await page.getByRole('alert').first().waitFor();
    expect(await page.getByRole('navigation').count()).toBe(0);
  } finally {
    await context.close();
  }
});
