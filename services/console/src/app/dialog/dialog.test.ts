import type { Page } from 'playwright-core';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import { closeBrowser, openConsole } from '../../../testing/console-under-test.ts';
import { uuidOf } from '../../../testing/people.ts';

afterAll(closeBrowser);

/** Every place and size in which the next dialog is painted until it has appeared. */
function placesOfDialog(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const places = new Set<string>();
    const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    for (let calm = 0; calm < 10; ) {
      await nextFrame();
      const dialog = document.querySelector('.ant-modal');
      const box = dialog?.getBoundingClientRect();
      if (!dialog || !box?.width) continue;
      places.add([box.x, box.y, box.width, box.height].map(Math.round).join(' '));
      calm = dialog.getAnimations({ subtree: true }).length > 0 ? 0 : calm + 1;
    }
    return [...places];
  });
}

it.each(['解除', '修改期限'])('a dialog (%s) appears where and as large as it stays', async (button) => {
  const { page, close } = await openConsole(`/cases/${uuidOf('case 0')}`, { as: 'chenjing' });
  onTestFinished(close);
  // Slow enough for a busy machine to paint several frames of it.
  await (await page.context().newCDPSession(page)).send('Animation.setPlaybackRate', { playbackRate: 0.3 });
  const opens = page.locator('.case-officer').getByRole('button', { name: button });
  await opens.waitFor();
  const places = placesOfDialog(page);
  await opens.click();
  expect(await places).toHaveLength(1);
});
