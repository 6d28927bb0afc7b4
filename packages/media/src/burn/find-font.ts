import { execFile } from 'node:child_process';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { findCjkFont } from '../cjk-font.ts';
import { MediaError } from '../errors.ts';

const execute = promisify(execFile);

/** A font with Chinese characters, as a `drawtext` option. */
export interface BurnFont {
  readonly path: string;
  readonly option: { readonly name: 'fontfile' | 'font'; readonly value: string };
}

/**
 * Finds a font with Chinese characters: the one given, else one that a distribution installs. Without one, names would be burnt in as empty
 * boxes, so there is no falling back.
 * @throws MediaError font_missing
 */
export async function findFont(ffmpegPath: string, given: string | undefined): Promise<BurnFont> {
  const path = await findCjkFont(given ?? null);
  if (path !== null) return { path, option: await optionFor(ffmpegPath, path) };
  throw new MediaError(
    'font_missing',
    given
      ? `The font ${given} cannot be read: correct the path of the font with Chinese characters.`
      : 'There is no font with Chinese characters on this machine: install one (Debian, Ubuntu: apt-get install -y fonts-noto-cjk), or give its path.',
  );
}

/**
 * The first face of Noto's collection is the Japanese one, whose characters a Chinese reader finds odd; only by its name can ffmpeg be asked
 * for another face, and only when it was built with fontconfig.
 */
async function optionFor(ffmpegPath: string, path: string): Promise<BurnFont['option']> {
  const file = { name: 'fontfile', value: path } as const;
  if (!/^NotoSansCJK.*\.ttc$/.test(basename(path))) return file;
  const { stdout } = await execute(ffmpegPath, ['-hide_banner', '-buildconf'], { timeout: 20_000 }).catch(() => ({
    stdout: '',
  }));
  const family = 'Noto Sans CJK SC';
  if (!stdout.includes('--enable-libfontconfig')) return file;
  const match = await execute('fc-match', ['-f', '%{file}', family], { timeout: 20_000 }).catch(() => ({ stdout: '' }));
  return match.stdout === path ? { name: 'font', value: family } : file;
}
