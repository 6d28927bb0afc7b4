import { afterAll, afterEach, expect, it } from 'vitest';
import { type ConsoleUnderTest, closeBrowser, openConsole, patiently } from '../../../testing/console-under-test.ts';

let opened: ConsoleUnderTest;
afterEach(async () => {
  expect(opened.faults).toEqual([]);
  await opened.close();
});
afterAll(closeBrowser);

it('asks the server also when the browser calls itself offline', async () => {
  opened = await openConsole('/', { as: 'chenjing' });
  const { page } = opened;
  await page.locator('.latest-row').first().waitFor();
  await page.evaluate(() => window.dispatchEvent(new Event('offline')));
  await page.getByRole('navigation', { name: '主导航' }).getByRole('link', { name: '证据' }).click();
  await page.locator('.evidence-name a').first().waitFor();
});

it('leaves what somebody is writing where it is when the session is asked about in vain', async () => {
  opened = await openConsole('/cases', { as: 'chenjing' });
  const { page, site } = opened;
  await page.getByRole('button', { name: '新建案卷' }).click();
  const title = page.getByRole('dialog').getByRole('textbox', { name: '案由' });
  await title.fill('无证经营案');
  const asked = () => site.requests.filter((request) => request.startsWith('GET /api/site')).length;
  const before = asked();
  site.fail('getSite', { status: 503, code: 'unavailable' });
  // A stream that breaks and comes back has everything asked anew, three times while it fails.
  site.breakStreams();
  await expect.poll(asked, patiently).toBe(before + 3);
  await page.getByRole('dialog').getByRole('textbox', { name: '案号' }).fill('临罚〔2026〕9 号');
  await page.getByRole('dialog').getByRole('button', { name: '提交' }).click();
  await expect.poll(() => site.bodies.get('POST /api/cases'), patiently).toMatchObject({ title: '无证经营案' });
});
