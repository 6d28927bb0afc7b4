import { CatalogError } from '../errors.ts';

/** Words that one search may look for; more are refused rather than left out. */
const mostWords = 16;

const segmenter = new Intl.Segmenter('zh', { granularity: 'word' });

/**
 * The words of a search box, each of which has to stand somewhere in an item's text. Spaces part words; `"a phrase"` (also in “Chinese” or
 * 「corner」 quotes) is one word, spaces included. A run of Chinese is parted into the words it is made of, so that 城管现场检查 also finds
 * what says 现场 and 检查 apart. Whether that parts it well is no question of finding or not: what is looked for are characters, and a word
 * parted wrongly is still found where it stands. Lower case, NFKC. Rejects `query_too_long`.
 */
export function parseQuery(text: string): readonly string[] {
  const folded = text.normalize('NFKC').toLowerCase();
  const words = [...folded.matchAll(/["“”「」]([^"“”「」]*)["“”「」]?|([^\s"“”「」]+)/gu)].flatMap(
    ([, phrase, chunk = '']) => (phrase === undefined ? wordsOf(chunk) : [phrase.trim().replaceAll(/\s+/gu, ' ')]),
  );
  const wanted = [...new Set(words.map(searchable).filter((word) => word !== ''))];
  if (wanted.length > mostWords)
    throw new CatalogError('query_too_long', `${wanted.length} words, at most ${mostWords}`);
  return wanted;
}

/** Anything beyond ASCII, in which words are not parted by spaces. */
const unspaced = /[^\x20-\x7e]/u;

interface Piece {
  readonly text: string;
  /** its number of characters */
  readonly length: number;
}

function wordsOf(chunk: string): readonly string[] {
  if (!unspaced.test(chunk)) return [chunk];
  return runsOf(chunk).flatMap(joined);
}

/** The chunk's pieces as the dictionary parts it, ASCII unparted, in runs between punctuation. */
function runsOf(chunk: string): readonly Piece[][] {
  const runs: Piece[][] = [[]];
  for (const stretch of chunk.match(/[\x20-\x7e]+|[^\x20-\x7e]+/gu) ?? []) {
    if (!unspaced.test(stretch)) {
      runs.at(-1)?.push({ text: stretch, length: stretch.length });
      continue;
    }
    for (const { segment, isWordLike } of segmenter.segment(stretch)) {
      if (isWordLike || /\p{S}/u.test(segment)) runs.at(-1)?.push({ text: segment, length: [...segment].length });
      else runs.push([]);
    }
  }
  return runs;
}

/**
 * Single characters are what the dictionary does not know: names, abbreviations (送达), measure words (第7号). Several in a row make one word;
 * one by itself goes with the word before it (记录仪), or after it where there is none (王主任).
 */
function joined(run: readonly Piece[]): readonly string[] {
  const words: Piece[] = [];
  for (let at = 0; at < run.length; ) {
    let end = at;
    while (run[end]?.length === 1) end++;
    const singles = run.slice(at, end);
    const before = words.at(-1);
    if (singles.length === 0) {
      const piece = run[at];
      if (piece) words.push(piece);
      at++;
    } else if (singles.length === 1 && before) {
      words[words.length - 1] = together([before, ...singles]);
      at = end;
    } else {
      const next = singles.length === 1 ? run.slice(end, end + 1) : [];
      words.push(together([...singles, ...next]));
      at = end + next.length;
    }
  }
  return words.map(({ text }) => text);
}

const together = (pieces: readonly Piece[]): Piece => ({
  text: pieces.map(({ text }) => text).join(''),
  length: pieces.reduce((sum, { length }) => sum + length, 0),
});

/** Of one or two ASCII characters only letters and digits are looked for: `#7` is 7. */
function searchable(word: string): string {
  return /^[\x20-\x7e]{0,2}$/.test(word) ? word.replaceAll(/[^a-z0-9]/g, '') : word;
}
