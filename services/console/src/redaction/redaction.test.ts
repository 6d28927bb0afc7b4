import type { Redaction } from '@fengcun/contracts';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ConsoleUnderTest, closeBrowser, openConsole, patiently } from '../../testing/console-under-test.ts';
import { uuidOf } from '../../testing/people.ts';

const item = uuidOf('evidence 0');

describe('a redacted version', () => {
  let opened: ConsoleUnderTest;

  beforeEach(async () => {
    opened = await openConsole(`/evidence/${item}`, { as: 'chenjing' });
  });
  afterEach(async () => {
    expect(opened.faults).toEqual([]);
    await opened.close();
  });
  afterAll(closeBrowser);

  /** Leads from the item's page, which has a player of its own, to a new redacted version. */
  async function begin(page: Page): Promise<void> {
    await page.getByRole('link', { name: '新建脱敏件' }).click();
    await page.getByRole('heading', { name: '新建脱敏件', level: 1 }).waitFor();
    await page.getByLabel('名称').waitFor();
  }

  /** Plays the recording, on record, and stops a little after its beginning. */
  async function playing(page: Page): Promise<void> {
    await page.getByRole('button', { name: '播放', exact: true }).click();
    await page.locator('video').waitFor();
    await expect
      .poll(() => page.evaluate(() => document.querySelector('video')?.readyState ?? 0), patiently)
      .toBeGreaterThan(1);
    await page.evaluate(() => document.querySelector('video')?.pause());
  }

  async function drag(page: Page, from: readonly [number, number], to: readonly [number, number]): Promise<void> {
    const box = await page.locator('.drawing').boundingBox();
    if (!box) throw new Error('there is nothing to draw on');
    const place = ([x, y]: readonly [number, number]) => [box.x + box.width * x, box.y + box.height * y] as const;
    await page.mouse.move(...place(from));
    await page.mouse.down();
    await page.mouse.move(...place([(from[0] + to[0]) / 2, (from[1] + to[1]) / 2]));
    await page.mouse.move(...place(to));
    await page.mouse.up();
  }

  const saved = (): Redaction => {
    const [redaction] = opened.site.world.redactions;
    if (!redaction) throw new Error('nothing was saved');
    return redaction;
  };
  const tell = () => {
    const { id, state } = saved();
    return opened.site.emit({ kind: 'redaction', id, evidence: item, unit: uuidOf('unit bureau'), state, percent: 0 });
  };

  it('is drawn with the mouse, put right with the keyboard and in numbers, saved, rendered and shown', async () => {
    const { page } = opened;
    await begin(page);
    await playing(page);
    await drag(page, [0.2, 0.2], [0.4, 0.5]);
    const region = page.getByRole('button', { name: /遮盖区域 1/ });
    await region.focus();
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowDown', 'Shift+ArrowLeft']) await page.keyboard.press(key);
    await page.getByLabel('宽 %').fill('30');
    await page.getByLabel('宽 %').press('Tab');
    await page.getByLabel('结束（秒）', { exact: true }).fill('3.5');
    await page.getByLabel('结束（秒）', { exact: true }).press('Tab');
    await page.getByRole('button', { name: '＋ 声音' }).click();
    await page.getByLabel('名称').fill('警情通报用');
    await page.getByRole('button', { name: /^保\s?存$/ }).click();
    await expect.poll(() => page.url(), patiently).toMatch(/redactions\/[0-9a-f-]{36}$/);
    const { name, plan } = saved();
    expect(name).toBe('警情通报用');
    expect(plan.marks).toMatchObject([
      { kind: 'region', style: 'solid', reason: 'face', w: 0.3, to: 3500 },
      { kind: 'sound', style: 'mute', reason: 'voice' },
    ]);
    const [first] = plan.marks;
    if (first?.kind !== 'region') throw new Error('not a region');
    // Drawn at 0.2, moved twice to the right and once down, made narrower before it was given its width.
    expect(first.x).toBeCloseTo(0.21, 1);
    expect(first.y).toBeCloseTo(0.205, 1);

    await page.getByRole('button', { name: '生成脱敏件' }).click();
    await page.getByText('生成中').waitFor();
    const redaction = saved();
    Object.assign(redaction.render ?? {}, { percent: 42 });
    await tell();
    await page.getByText('42%').waitFor();
    Object.assign(redaction, { state: 'ready', reviewBlocker: 'made_it' });
    redaction.may = { ...redaction.may, cancel: false, watch: true };
    Object.assign(redaction.render ?? {}, {
      state: 'ready',
      percent: 100,
      result: {
        size: 5_000_000,
        sha256: 'a'.repeat(64),
        sm3: 'b'.repeat(64),
        mediaType: 'video/mp4',
        mark: 'picture',
        durationMs: 12_000,
        source: 'v1',
      },
    });
    await tell();
    await page.getByText('您参与了制作，须由他人审核。').waitFor();
    await page.getByRole('button', { name: '播放', exact: true }).waitFor();
    // On the item's own page it stands in the list.
    await page.getByRole('link', { name: '返回证据' }).click();
    await page.getByRole('link', { name: '打开脱敏件 警情通报用' }).waitFor();
  });

  it('of a photograph is drawn on the photograph itself, with mouse and keyboard, without a time', async () => {
    const { page, site } = opened;
    const photo = uuidOf('evidence 11');
    await page.goto(`${site.url}/evidence/${photo}`);
    await begin(page);
    expect(await page.getByRole('button', { name: '＋ 声音' }).count()).toBe(0);
    await page.getByRole('button', { name: '查看图片' }).click();
    await expect.poll(() => page.evaluate(() => document.querySelector('img')?.naturalWidth ?? 0), patiently).toBe(640);
    await drag(page, [0.2, 0.2], [0.4, 0.5]);
    await page.getByRole('button', { name: /遮盖区域 1/ }).focus();
    for (const key of ['ArrowRight', 'ArrowRight', 'Shift+ArrowDown']) await page.keyboard.press(key);
    expect(await page.getByLabel('结束（秒）').count()).toBe(0);
    await page.getByLabel('左 %').fill('50');
    await page.getByLabel('左 %').press('Tab');
    await page.getByRole('button', { name: '＋ 区域' }).click();
    await page.getByRole('button', { name: /选中标记 1：面部/ }).click();
    await page.getByLabel('名称').fill('案情通报用');
    await page.getByRole('button', { name: /^保\s?存$/ }).click();
    await expect.poll(() => page.url(), patiently).toMatch(/redactions\/[0-9a-f-]{36}$/);
    const { marks } = saved().plan;
    expect(marks).toMatchObject([{ kind: 'area', style: 'solid', x: 0.5 }, { kind: 'area' }]);
    for (const mark of marks) expect(mark).not.toHaveProperty('from');
  });

  it('is not saved while a mark is wrong, and the mark says what is', async () => {
    const { page } = opened;
    await begin(page);
    await page.getByRole('button', { name: '＋ 剪除' }).click();
    await page.getByLabel('结束（秒）', { exact: true }).fill('0');
    await page.getByLabel('结束（秒）', { exact: true }).press('Tab');
    await page.getByText('结束必须在开始之后').waitFor();
    expect(await page.getByRole('button', { name: /^保\s?存$/ }).isDisabled()).toBe(true);
    await page.getByRole('button', { name: '删除标记' }).click();
    await page.getByText('还没有标记', { exact: false }).waitFor();
  });

  it('is approved by somebody else once all of it was shown, and withdrawn with a reason', async () => {
    const { page, site } = opened;
    const by = { id: uuidOf('account lijie'), name: '李捷' };
    const at = '2026-11-22T08:00:00.000Z';
    const mark = { kind: 'picture', style: 'solid', from: 0, to: 2000, reason: 'minor' } as const;
    const redaction: Redaction = {
      id: uuidOf('redaction 0'),
      evidence: item,
      name: '新闻发布用',
      state: 'ready',
      version: 2,
      marks: 1,
      createdBy: by,
      createdAt: at,
      updatedAt: at,
      render: {
        id: uuidOf('render 0'),
        version: 2,
        state: 'ready',
        percent: 100,
        reason: null,
        detail: null,
        requestedBy: by,
        createdAt: at,
        finishedAt: at,
        event: '48310',
        result: {
          size: 5_000_000,
          sha256: 'a'.repeat(64),
          sm3: 'b'.repeat(64),
          mediaType: 'video/mp4',
          mark: 'picture',
          durationMs: 12_000,
          source: 'v1',
        },
      },
      review: null,
      withdrawn: null,
      plan: { version: 2, marks: [mark], sha256: 'c'.repeat(64), by, at },
      recording: { durationMs: 12_000, still: false, width: 640, height: 360, hasPicture: true, hasSound: true },
      watched: 40,
      may: { change: false, render: false, cancel: false, watch: true, review: true, withdraw: true },
      reviewBlocker: 'not_watched',
    };
    site.world.redactions.push(redaction);
    await page.goto(`${site.url}/evidence/${item}/redactions/${redaction.id}`);
    const approve = page.getByRole('button', { name: '审核通过' });
    await page.getByText('完整播放脱敏件后才能通过').waitFor();
    expect(await approve.isDisabled()).toBe(true);
    Object.assign(redaction, { watched: 100, reviewBlocker: null });
    await tell();
    await approve.click();
    await page.getByRole('dialog').getByRole('button', { name: '审核通过' }).click();
    await page.getByText('陈静审核通过', { exact: false }).waitFor();
    expect(redaction).toMatchObject({ state: 'approved', review: { verdict: 'approved', by: { name: '陈静' } } });
    await page.getByRole('button', { name: /^撤\s?回$/ }).click();
    await page.getByLabel('撤回理由').fill('第 9 秒露出门牌');
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /^撤\s?回$/ })
      .click();
    await page.getByText('第 9 秒露出门牌').waitFor();
    expect(redaction.state).toBe('withdrawn');
  });
});
