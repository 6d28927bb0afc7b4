import { Readable } from 'node:stream';
import { ZipFile } from 'yazl';

/** Lines below the heading that a sheet can hold (ECMA-376: 1,048,576 rows). */
export const mostSheetLines = 1_048_575;

/**
 * A workbook of one sheet (ECMA-376, SpreadsheetML), streamed: rows are asked for while the file is being read. All cells are texts, so nothing
 * in them is a formula.
 */
export function workbook(sheet: {
  readonly name: string;
  readonly headings: readonly string[];
  /** characters, column by column */
  readonly widths: readonly number[];
  readonly rows: AsyncIterable<readonly string[]>;
}): Readable {
  const zip = new ZipFile();
  const add = (path: string, xml: string) => zip.addBuffer(Buffer.from(declaration + xml), path);
  add('[Content_Types].xml', contentTypes);
  add('_rels/.rels', relations('officeDocument', 'xl/workbook.xml'));
  add(
    'xl/workbook.xml',
    `<workbook xmlns="${main}" xmlns:r="${relationships}"><sheets><sheet name="${escaped(sheet.name)}" sheetId="1" r:id="r1"/></sheets></workbook>`,
  );
  add('xl/_rels/workbook.xml.rels', relations('worksheet', 'worksheets/sheet1.xml'));
  zip.addReadStream(Readable.from(sheetXml(sheet)), 'xl/worksheets/sheet1.xml');
  zip.end();
  const stream = zip.outputStream as Readable;
  // What breaks while rows are read breaks the download: half a workbook does not open.
  (zip as unknown as NodeJS.EventEmitter).on('error', (error: Error) => stream.destroy(error));
  return stream;
}

const declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';
const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const relationships = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const packageTypes = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
const contentTypes = `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="${packageTypes}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${packageTypes}.worksheet+xml"/></Types>`;

const relations = (type: string, target: string) =>
  `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="${relationships}/${type}" Target="${target}"/></Relationships>`;

async function* sheetXml({ headings, widths, rows }: Parameters<typeof workbook>[0]): AsyncGenerator<string> {
  const cols = widths
    .map((width, n) => `<col min="${n + 1}" max="${n + 1}" width="${width}" customWidth="1"/>`)
    .join('');
  // The heading stays in sight.
  yield `${declaration}<worksheet xmlns="${main}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>${cols}</cols><sheetData>${row(headings)}`;
  for await (const cells of rows) yield row(cells);
  yield '</sheetData></worksheet>';
}

/** A cell holds 32,767 characters at most. */
const longestCell = 32_767;

const row = (cells: readonly string[]) =>
  `<row>${cells.map((cell) => (cell === '' ? '<c/>' : `<c t="inlineStr"><is><t xml:space="preserve">${escaped(cell.slice(0, longestCell))}</t></is></c>`)).join('')}</row>`;

/** XML 1.0 knows no control characters but these three, and no halves of surrogate pairs. */
const escaped = (text: string) =>
  text
    .toWellFormed()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: taking them out is the point
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
