import type { Language } from './arguments.ts';

/** Shows progress on a terminal's standard error, a few times a second; silent elsewhere. */
export function progressLine(
  stderr: NodeJS.WriteStream,
  language: Language,
): { update(read: number, size: number): void; clear(): void } {
  let shownAt = 0;
  let shown = false;
  const startedAt = performance.now();
  return {
    update(read, size) {
      const now = performance.now();
      if (!stderr.isTTY || now - shownAt < 100) return;
      shownAt = now;
      shown = true;
      const percent = size > 0 ? `${Math.min(100, Math.floor((read / size) * 100))}%  ` : '';
      const speed = (read / (1024 * 1024) / Math.max(0.001, (now - startedAt) / 1000)).toFixed(0);
      stderr.write(
        `\r\u001b[K${language === 'zh' ? '读取并计算摘要' : 'Reading and digesting'}  ${percent}${speed} MiB/s`,
      );
    },
    clear() {
      if (shown) stderr.write('\r\u001b[K');
    },
  };
}
