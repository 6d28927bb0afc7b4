const graphemes = new Intl.Segmenter('zh', { granularity: 'grapheme' });

/** Scripts and blocks that terminals draw two columns wide (Unicode TR 11, Wide and Fullwidth). */
const WIDE =
  /^(?:[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}\p{Emoji_Presentation}]|[\u3000-\u303e\uff01-\uff60\uffe0-\uffe6])|\ufe0f/u;

/** The characters a reader sees, each with the columns it takes. */
export function* measuredGraphemes(text: string): Generator<{ readonly text: string; readonly width: number }> {
  for (const { segment } of graphemes.segment(text)) {
    yield { text: segment, width: /^[\p{Mn}\p{Me}\p{Cf}]+$/u.test(segment) ? 0 : WIDE.test(segment) ? 2 : 1 };
  }
}

/** Columns that a text takes on a terminal. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const grapheme of measuredGraphemes(text)) width += grapheme.width;
  return width;
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

/** Breaks a text into lines of at most `width` columns: at spaces and beside wide characters where it can, inside a digest where it must. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line: { readonly text: string; readonly width: number }[] = [];
  const columns = () => line.reduce((sum, grapheme) => sum + grapheme.width, 0);
  for (const grapheme of measuredGraphemes(text)) {
    if (columns() + grapheme.width > width && line.length > 0) {
      const at = grapheme.text === ' ' || grapheme.width === 2 ? line.length : breakAfter(line);
      lines.push(joined(line.slice(0, at)).trimEnd());
      line = line.slice(at);
    }
    if (line.length > 0 || grapheme.text !== ' ' || lines.length === 0) line.push(grapheme);
  }
  lines.push(joined(line));
  return lines;
}

/** How many of the line's graphemes stay on it: up to the last space or wide character, or all of them. */
function breakAfter(line: readonly { readonly text: string; readonly width: number }[]): number {
  const last = line.findLastIndex(({ text, width }) => text === ' ' || width === 2);
  return last < 0 ? line.length : last + 1;
}

function joined(line: readonly { readonly text: string }[]): string {
  return line.map(({ text }) => text).join('');
}
