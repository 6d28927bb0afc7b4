const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** 1536 -> "1.5 KiB" */
export function formatBytes(bytes: number): string {
  const power = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${power === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${units[power]}`;
}

const isWide = (codePoint: number): boolean =>
  (codePoint >= 0x1100 && codePoint <= 0x115f) ||
  (codePoint >= 0x2e80 && codePoint <= 0xa4cf) ||
  (codePoint >= 0xac00 && codePoint <= 0xd7a3) ||
  (codePoint >= 0xf900 && codePoint <= 0xfaff) ||
  (codePoint >= 0xfe30 && codePoint <= 0xfe6f) ||
  (codePoint >= 0xff00 && codePoint <= 0xff60) ||
  (codePoint >= 0xffe0 && codePoint <= 0xffe6) ||
  (codePoint >= 0x1f300 && codePoint <= 0x1faff) ||
  (codePoint >= 0x20000 && codePoint <= 0x3fffd);

const segmenter = new Intl.Segmenter();

/** Cuts or pads to exactly `columns` terminal columns; Chinese and emoji take two. */
export function fitColumns(text: string, columns: number): string {
  const clean = text.replace(/\p{Cc}/gu, '\uFFFD');
  const clusters = [...segmenter.segment(clean)].map(({ segment }) => ({ segment, width: widthOf(segment) }));
  const total = clusters.reduce((sum, { width }) => sum + width, 0);
  if (total <= columns) return clean + ' '.repeat(columns - total);
  // Keep the end: device file names differ in their last characters.
  const kept: string[] = [];
  let width = 1;
  for (const cluster of clusters.reverse()) {
    if (width + cluster.width > columns) break;
    width += cluster.width;
    kept.unshift(cluster.segment);
  }
  return `…${kept.join('')}${' '.repeat(columns - width)}`;
}

const widthOf = (segment: string): number =>
  isWide(segment.codePointAt(0) ?? 0) || segment.includes('\uFE0F') ? 2 : 1;
