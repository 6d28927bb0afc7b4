import { Readable } from 'node:stream';
import { ZipFile } from 'yazl';

/** Lines below the heading that a sheet can hold (ECMA-376: 1,048,576 rows). */
export const mostSheetLines = 1_048_575;

/**
 * A workbook of one sheet (ECMA-376, SpreadsheetML), streamed: rows are asked for while the file is being read. All cells are texts, so nothing
 * in them is a formula. On paper a line takes two sheets side by side; headings and the first two columns stand on both.
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
  add('_rels/.rels', relations(['officeDocument', 'xl/workbook.xml']));
  add(
    'xl/workbook.xml',
    `<workbook xmlns="${main}" xmlns:r="${relationships}"><sheets><sheet name="${escaped(sheet.name)}" sheetId="1" r:id="r1"/></sheets><definedNames><definedName name="_xlnm.Print_Titles" localSheetId="0">${printTitles(sheet.name)}</definedName></definedNames></workbook>`,
  );
  add('xl/_rels/workbook.xml.rels', relations(['worksheet', 'worksheets/sheet1.xml'], ['styles', 'styles.xml']));
  add('xl/styles.xml', styles);
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
const contentTypes = `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="${packageTypes}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${packageTypes}.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="${packageTypes}.styles+xml"/></Types>`;

const relations = (...parts: readonly (readonly [type: string, target: string])[]) =>
  `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${parts.map(([type, target], n) => `<Relationship Id="r${n + 1}" Type="${relationships}/${type}" Target="${target}"/>`).join('')}</Relationships>`;

/** Formats of cells: 1 for lines, which wrap; 2 for headings. The first two fills are fixed by the format itself. */
const styles = `<styleSheet xmlns="${main}"><fonts count="2"><font><sz val="10"/><name val="Microsoft YaHei"/></font><font><b/><sz val="10"/><name val="Microsoft YaHei"/></font></fonts><fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill><fill><patternFill patternType="solid"><fgColor rgb="FFE9EEF5"/></patternFill></fill></fills><borders count="2"><border/><border><bottom style="thin"><color rgb="FFC5CEDB"/></bottom></border></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf xfId="0"/><xf xfId="0" borderId="1" applyBorder="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf><xf xfId="0" fontId="1" fillId="2" borderId="1" applyFont="1" applyFill="1" applyBorder="1" applyAlignment="1"><alignment vertical="center" wrapText="1"/></xf></cellXfs></styleSheet>`;

async function* sheetXml({ headings, widths, rows }: Parameters<typeof workbook>[0]): AsyncGenerator<string> {
  const cols = widths
    .map((width, n) => `<col min="${n + 1}" max="${n + 1}" width="${width}" customWidth="1"/>`)
    .join('');
  // The heading stays in sight.
  yield `${declaration}<worksheet xmlns="${main}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>${cols}</cols><sheetData>${row(headings, widths, 2)}`;
  for await (const cells of rows) yield row(cells, widths, 1);
  yield `</sheetData>${onPaper}</worksheet>`;
}

/** The first two columns and the first row. */
function printTitles(name: string): string {
  const sheet = `'${escaped(name.replaceAll("'", "''"))}'`;
  return `${sheet}!$A:$B,${sheet}!$1:$1`;
}

/** A4 across, two sheets wide and as long as it takes; the page's number at the foot. */
const onPaper =
  '<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.6" header="0.3" footer="0.3"/><pageSetup paperSize="9" orientation="landscape" fitToWidth="2" fitToHeight="0"/><headerFooter><oddFooter>&amp;C&amp;P / &amp;N</oddFooter></headerFooter>';

/** A cell holds 32,767 characters at most. */
const longestCell = 32_767;

const row = (cells: readonly string[], widths: readonly number[], style: 1 | 2) =>
  `<row ht="${heightOf(cells, widths)}" customHeight="1">${cells.map((cell) => (cell === '' ? `<c s="${style}"/>` : `<c s="${style}" t="inlineStr"><is><t xml:space="preserve">${escaped(cell.slice(0, longestCell))}</t></is></c>`)).join('')}</row>`;

/** points; the format knows no higher row */
const highest = 409;

/** What the longest cell of a row needs when it wraps, points. Not every program works it out for itself. */
function heightOf(cells: readonly string[], widths: readonly number[]): number {
  const lines = cells.map((cell, n) =>
    cell.split('\n').reduce((sum, part) => sum + Math.max(1, Math.ceil(breadthOf(part) / ((widths[n] ?? 10) - 1))), 0),
  );
  return Math.min(highest, Math.max(1, ...lines) * 14 + 2);
}

/** A Chinese character is as broad as two others. */
const breadthOf = (text: string) => text.length + (text.match(/[\u1100-\uffff]/g)?.length ?? 0);

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
