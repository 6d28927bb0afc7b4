/**
 * A record of RFC 4180. A cell that a spreadsheet would take for a formula gets an apostrophe before it (OWASP, "CSV Injection"): names come
 * from strangers.
 */
export const csvRecord = (cells: readonly string[]): string => `${cells.map(csvCell).join(',')}\r\n`;

/** So that Excel reads UTF-8 as UTF-8. */
export const byteOrderMark = '\ufeff';

function csvCell(text: string): string {
  const safe = /^\s*[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
