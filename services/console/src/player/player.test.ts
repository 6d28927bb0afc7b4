import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ConsoleUnderTest, closeBrowser, openConsole, patiently } from '../../testing/console-under-test.ts';
import { uuidOf } from '../../testing/people.ts';

const item = uuidOf('evidence 0');

describe('the player', () => {
  let opened: ConsoleUnderTest;
  const mediaCalls = () => opened.site.requests.filter((request) => request.startsWith('GET /api/plays/'));
  const position = () => opened.page.locator('video').evaluate((video: HTMLVideoElement) => video.currentTime);
  const ended = () => [...opened.site.bodies].find(([call]) => /^POST \/api\/plays\/.*\/end$/.test(call))?.[1];

  beforeEach(async () => {
    opened = await openConsole(`/evidence/${item}`, { as: 'chenjing' });
    await opened.page.getByRole('heading', { name: '摘要比对' }).waitFor();
  });
  afterEach(async () => {
    expect(opened.faults).toEqual([]);
    await opened.close();
  });
  afterAll(closeBrowser);

  it('asks for nothing of the recording before the viewing is on record', async () => {
    const { page, site } = opened;
    expect(mediaCalls()).toEqual([]);
    site.stall('startPlay', true);
    await page.getByRole('button', { name: '播放', exact: true }).click();
    await expect.poll(() => site.requests, patiently).toContain(`POST /api/evidence/${item}/plays`);
    // The page settles: whatever it would load without leave, it has asked for by now.
    await page.getByText('正在登记本次观看…').waitFor();
    expect(mediaCalls()).toEqual([]);
  });

  it('plays the encrypted stream under the viewer’s name and reports what was watched', async () => {
    const { page, site } = opened;
    await page.getByRole('button', { name: '播放', exact: true }).click();
    await expect.poll(position, patiently).toBeGreaterThan(1);
    const post = site.requests.indexOf(`POST /api/evidence/${item}/plays`);
    expect(site.requests.findIndex((request) => request.startsWith('GET /api/plays/'))).toBeGreaterThan(post);
    expect(mediaCalls().some((call) => call.endsWith('/key'))).toBe(true);
    expect(await page.locator('.player-overlay').textContent()).toMatch(/陈静 330127.*48292/s);
    await page.getByText('本次观看正在记录').waitFor();
    await page.getByRole('link', { name: '证据库' }).click();
    await expect.poll(ended, patiently).toBeDefined();
    expect(ended()).toEqual({ watched: [{ from: expect.any(Number), to: expect.any(Number) }] });
    const { watched } = ended() as { watched: { from: number; to: number }[] };
    expect(watched[0]?.from).toBe(0);
    expect(watched[0]?.to).toBeGreaterThan(1000);
  });

  it('reports the end of the viewing when the window is closed', async () => {
    const { page } = opened;
    await page.getByRole('button', { name: '播放', exact: true }).click();
    await expect.poll(position, patiently).toBeGreaterThan(0.5);
    await page.goto('about:blank');
    await expect.poll(ended, patiently).toBeDefined();
  });

  it('ends where the server refuses to go on, and starts anew only as a new viewing', async () => {
    const { page, site } = opened;
    // The playlist is the first thing a play asks for.
    await page.route('**/index.m3u8', (route) =>
      route.fulfill({ status: 410, contentType: 'application/problem+json', body: '{}' }),
    );
    await page.getByRole('button', { name: '播放', exact: true }).click();
    await page.getByText('本次观看已结束').waitFor();
    await page.unroute('**/index.m3u8');
    await page.getByRole('button', { name: '重新播放' }).click();
    await expect.poll(position, patiently).toBeGreaterThan(0.5);
    expect(site.requests.filter((request) => request === `POST /api/evidence/${item}/plays`)).toHaveLength(2);
  });

  it('says why there is nothing to play', async () => {
    const { page, site } = opened;
    const reasons = [
      [3, '正在生成播放版本'],
      [4, '内容不是音视频，与扩展名不符。'],
      [6, '转换超时，已中止。'],
      [9, '须经审批后播放'],
    ] as const;
    for (const [at, words] of reasons) {
      await page.goto(`${site.url}/evidence/${uuidOf(`evidence ${at}`)}`);
      await page.getByText(words).waitFor();
    }
    expect(mediaCalls()).toEqual([]);
  });

  it('shows the player by itself once the proxy is ready', async () => {
    const { page, site } = opened;
    await page.goto(`${site.url}/evidence/${uuidOf('evidence 3')}`);
    await page.getByText('正在生成播放版本').waitFor();
    const row = site.world.evidence[3];
    if (!row) throw new Error('The fake site has no such row.');
    row.proxy = 'ready';
    await site.emit({ kind: 'derivative', id: row.id, unit: row.unit.id, derivative: 'proxy', state: 'ready' });
    await page.getByRole('button', { name: '播放', exact: true }).waitFor();
  });
});
