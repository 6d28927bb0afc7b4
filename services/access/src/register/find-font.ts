import { basename } from 'node:path';
import { findCjkFont } from '@fengcun/media/cjk-font';
import type { ReportFont } from './pdf-layout.ts';

/** Collections hold several faces: the first of Noto's is the Japanese one. */
const faces: readonly (readonly [file: RegExp, face: string])[] = [
  [/^NotoSansCJK.*\.ttc$/, 'NotoSansCJKsc-Regular'],
  [/^wqy-microhei\.ttc$/, 'WenQuanYiMicroHei'],
  [/^wqy-zenhei\.ttc$/, 'WenQuanYiZenHei'],
  [/^PingFang\.ttc$/, 'PingFangSC-Regular'],
  [/^STHeiti Medium\.ttc$/, 'STHeitiSC-Medium'],
];

/** The font of reports: the one given, else one that a distribution installs; null when there is none. */
export async function findReportFont(given: string | null): Promise<ReportFont | null> {
  const path = await findCjkFont(given);
  if (path === null) return null;
  const face = faces.find(([file]) => file.test(basename(path)))?.[1];
  return face === undefined ? { path } : { path, face };
}
