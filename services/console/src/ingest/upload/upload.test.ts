import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ConsoleUnderTest, closeBrowser, openConsole, patiently } from '../../../testing/console-under-test.ts';

/** Bytes that are the same in every run and compress badly. */
function bytes(size: number): Buffer {
  const content = Buffer.alloc(size);
  for (let at = 0; at < size; at += 1) content[at] = (at * 2_654_435_761) >>> 24;
  return content;
}
const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');
const fileOf = (name: string, content: Buffer) => ({ name, mimeType: 'application/octet-stream', buffer: content });

describe('uploading from the browser', () => {
  let opened: ConsoleUnderTest;
  const choose = (...files: ReturnType<typeof fileOf>[]) =>
    opened.page.locator('input[type=file]').setInputFiles(files);
  const entry = (name: string) => opened.page.locator('.upload', { hasText: name });
  const received = () => [...opened.site.tus.uploads.values()];

  beforeEach(async () => {
    opened = await openConsole('/ingest', { as: 'chenjing' });
    await opened.page.getByRole('heading', { name: '从本机上传' }).waitFor();
  });
  afterEach(async () => {
    expect(opened.faults).toEqual([]);
    await opened.close();
  });
  afterAll(closeBrowser);

  it('declares the right SHA-256 of 0 bytes, 1 byte, one slice exactly, and several slices', async () => {
    const contents = [0, 1, 4 * 1024 * 1024, 5_000_001].map(bytes);
    await choose(...contents.map((content, at) => fileOf(`文件 ${at} 😀.bin`, content)));
    for (const at of contents.keys()) await entry(`文件 ${at} 😀.bin`).getByText('已封存').waitFor();
    const declared = new Map(received().map(({ metadata }) => [metadata.filename, metadata.sha256]));
    expect(declared).toEqual(new Map(contents.map((content, at) => [`文件 ${at} 😀.bin`, sha256(content)])));
    expect(
      received()
        .map(({ chunks }) => sha256(Buffer.concat(chunks)))
        .sort(),
    ).toEqual(contents.map(sha256).sort());
  });

  it('follows the file to its receipt', async () => {
    await choose(fileOf('笔录.pdf', bytes(1000)));
    await entry('笔录.pdf').getByRole('button', { name: '下载回执' }).waitFor();
    const download = opened.page.waitForEvent('download');
    await entry('笔录.pdf').getByRole('button', { name: '下载回执' }).click();
    expect((await download).suggestedFilename()).toBe('笔录.pdf.receipt.json');
    await entry('笔录.pdf').getByRole('link', { name: '查看证据' }).click();
    await opened.page.getByRole('heading', { name: '笔录.pdf', level: 1 }).waitFor();
  });

  it('goes on after a reload where it stopped, sending nothing twice', async () => {
    const { page, site } = opened;
    const content = bytes(6_000_000);
    site.tus.cutAt = 2_000_000;
    await choose(fileOf('长录像.mp4', content));
    await expect.poll(() => received()[0]?.offset ?? 0, patiently).toBeGreaterThanOrEqual(2_000_000);
    await page.reload();
    await page.locator('.unfinished').getByText('长录像.mp4').waitFor();
    site.tus.cutAt = null;
    await choose(fileOf('长录像.mp4', content));
    await entry('长录像.mp4').getByText('已封存').waitFor();
    expect(received()).toHaveLength(1);
    expect(site.tus.patches.at(-1)).toBeGreaterThanOrEqual(2_000_000);
    expect(sha256(Buffer.concat(received()[0]?.chunks ?? []))).toBe(sha256(content));
    expect(await page.locator('.unfinished').count()).toBe(0);
  });

  it('never appends another content to an upload that was begun under the same name and size', async () => {
    const { page, site } = opened;
    const before = bytes(3_000_000);
    const after = Buffer.from(before).fill(7, 2_500_000);
    site.tus.cutAt = 1_000_000;
    await choose(fileOf('录像.mp4', before));
    await expect.poll(() => received()[0]?.offset ?? 0, patiently).toBeGreaterThanOrEqual(1_000_000);
    await page.reload();
    site.tus.cutAt = null;
    await choose(fileOf('录像.mp4', after));
    await entry('录像.mp4').getByText('已封存').waitFor();
    expect(received()).toHaveLength(2);
    expect(sha256(Buffer.concat(received()[1]?.chunks ?? []))).toBe(sha256(after));
  });

  it('pauses, goes on, and cancels on the server too', async () => {
    const { page, site } = opened;
    const content = bytes(4_000_000);
    site.tus.cutAt = 1_000_000;
    await choose(fileOf('暂停.mp4', content));
    await expect.poll(() => received()[0]?.offset ?? 0, patiently).toBeGreaterThanOrEqual(1_000_000);
    await entry('暂停.mp4').getByRole('button', { name: '暂停' }).click();
    await entry('暂停.mp4').getByText('已暂停').waitFor();
    site.tus.cutAt = null;
    await entry('暂停.mp4').getByRole('button', { name: '继续' }).click();
    await entry('暂停.mp4').getByText('已封存').waitFor();
    expect(sha256(Buffer.concat(received()[0]?.chunks ?? []))).toBe(sha256(content));

    site.tus.cutAt = 1_000_000;
    await choose(fileOf('取消.mp4', bytes(4_000_001)));
    await expect.poll(() => received()[1]?.offset ?? 0, patiently).toBeGreaterThanOrEqual(1_000_000);
    await entry('取消.mp4').getByRole('button', { name: '取消' }).click();
    await page.getByRole('dialog').getByRole('button', { name: '取消上传' }).click();
    await entry('取消.mp4').getByText('已取消').waitFor();
    await expect.poll(() => received().length, patiently).toBe(1);
  });
});
