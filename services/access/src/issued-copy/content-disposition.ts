/**
 * `Content-Disposition`, `attachment` unless said, with a name of any characters (RFC 6266): for old readers in ASCII, for the others in UTF-8 as RFC 8187
 * writes it. What could end the quoted name or the header is not in either.
 */
export function contentDisposition(name: string, type: 'attachment' | 'inline' = 'attachment'): string {
  const wellFormed = name.toWellFormed().replaceAll(/\p{C}/gu, '_');
  const ascii = wellFormed.replaceAll(/[^\x20-\x7e]/g, '_').replaceAll(/["\\%]/g, '_');
  return `${type}; filename="${ascii}"; filename*=UTF-8''${extended(wellFormed)}`;
}

/** RFC 8187, section 3.2.1: everything but `attr-char` is percent-encoded; `encodeURIComponent` leaves four that are not. */
const extended = (text: string): string =>
  encodeURIComponent(text).replaceAll(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
