import { access, constants } from 'node:fs/promises';
import { basename } from 'node:path';
import type { ReportFont } from './pdf-layout.ts';

/** Where distributions put a font with Chinese characters. */
const places = [
  '/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc',
  '/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc',
  '/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc',
  '/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc',
  '/usr/share/fonts/opentype/source-han-sans/SourceHanSansSC-Regular.otf',
  '/usr/share/fonts/truetype/wqy/wqy-microhei.ttc',
  '/usr/share/fonts/wqy-microhei/wqy-microhei.ttc',
];

/** Collections hold several faces: the first of Noto's is the Japanese one. */
const faces: readonly (readonly [file: RegExp, face: string])[] = [
  [/^NotoSansCJK.*\.ttc$/, 'NotoSansCJKsc-Regular'],
  [/^wqy-microhei\.ttc$/, 'WenQuanYiMicroHei'],
];

/**
 * The font given, else one that a distribution installs; null when there is none: a report without Chinese characters would be full of empty
 * boxes, so there is no falling back.
 */
export async function findReportFont(given: string | null): Promise<ReportFont | null> {
  for (const path of given === null ? places : [given]) {
    const readable = await access(path, constants.R_OK).then(
      () => true,
      () => false,
    );
    if (!readable) continue;
    const face = faces.find(([file]) => file.test(basename(path)))?.[1];
    return face === undefined ? { path } : { path, face };
  }
  return null;
}
