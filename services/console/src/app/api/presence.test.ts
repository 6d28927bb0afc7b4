import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { type ConsoleUnderTest, closeBrowser, openConsole, patiently } from '../../../testing/console-under-test.ts';
import { uuidOf } from '../../../testing/people.ts';

describe('a request', () => {
  let opened: ConsoleUnderTest;
  const sent = (call: string) => opened.site.requests.filter((request) => request.startsWith(call)).length;
  const sentInBackground = (call: string) =>
    opened.site.background.filter((request) => request.startsWith(call)).length;
  /** Clicks as a script does: no hand was there. */
  const clickByItself = (selector: string) => opened.page.locator(selector).first().dispatchEvent('click');
  const passTime = (ms: number) => opened.page.clock.setFixedTime(Date.now() + ms);

  afterEach(async () => {
    expect(opened.faults).toEqual([]);
    await opened.close();
  });
  afterAll(closeBrowser);

  it('counts as use while somebody is there, and not once nobody has touched the page for a minute', async () => {
    opened = await openConsole('/', { as: 'chenjing' });
    const { page } = opened;
    await page.locator('.latest-row').first().waitFor();
    // When the stream opens, what it should have told is asked for once more: of itself, and so in the background.
    expect(sent('GET /api/overview') - sentInBackground('GET /api/overview')).toBe(1);
    await passTime(61_000);
    await clickByItself('nav a[href="/evidence"]');
    await page.locator('.evidence-name a').first().waitFor();
    expect([sent('GET /api/evidence?limit=50'), sentInBackground('GET /api/evidence?limit=50')]).toEqual([1, 1]);
    await page.mouse.move(300, 300);
    await clickByItself('nav a[href="/ingest"]');
    await expect.poll(() => sent('GET /api/docks'), patiently).toBe(1);
    expect(sentInBackground('GET /api/docks')).toBe(0);
  });

  it('that the live stream caused never counts as use', async () => {
    opened = await openConsole('/', { as: 'chenjing' });
    const { page, site } = opened;
    await page.locator('.latest-row').first().waitFor();
    await page.mouse.move(300, 300);
    await expect
      .poll(async () => {
        await site.emit({ kind: 'checkpoint', size: 48_292 });
        return sentInBackground('GET /api/overview');
      }, patiently)
      .toBeGreaterThan(0);
    expect(sent('GET /api/overview') - sentInBackground('GET /api/overview')).toBe(1);
  });

  it('for a piece of a recording that plays counts as use, though nobody touches the page', async () => {
    opened = await openConsole(`/evidence/${uuidOf('evidence 0')}`, { as: 'chenjing' });
    const { page } = opened;
    const play = page.getByRole('button', { name: '播放', exact: true });
    await play.waitFor();
    await passTime(61_000);
    await play.dispatchEvent('click');
    await expect
      .poll(() => [sent('POST /api/evidence/'), sentInBackground('POST /api/evidence/')], patiently)
      .toEqual([1, 1]);
    await expect
      .poll(() => opened.site.requests.some((call) => call.endsWith('/segments/0.m4s')), patiently)
      .toBe(true);
    expect(opened.site.background.filter((call) => call.includes('/segments/'))).toEqual([]);
  });
});
