import { parseVerifierKey, sameKey, TlogError, type VerifierKey } from '@fengcun/tlog';
import { VerifierError } from '../errors.ts';

/**
 * The keys a verifier trusts, from text: one vkey (c2sp.org/signed-note) a line, of logs and of witnesses; empty lines and lines that
 * begin with `#` are skipped. Throws `keys_malformed` with the number of the line, also where no key is left.
 */
export function parseKeyList(text: string): string[] {
  const vkeys: string[] = [];
  for (const [i, line] of text.split('\n').entries()) {
    const vkey = line.trim();
    if (vkey === '' || vkey.startsWith('#')) continue;
    parseTrustedKey(vkey, { zh: `第 ${i + 1} 行`, en: `line ${i + 1}` });
    vkeys.push(vkey);
  }
  if (vkeys.length === 0) {
    throw new VerifierError('keys_malformed', {
      zh: '公钥文件里没有公钥：每行应有一个，形如 <名称>+<8 位十六进制>+<Base64>。',
      en: 'There is no key in the keys file: each line should hold one, written <name>+<8 hex digits>+<base64>.',
    });
  }
  return vkeys;
}

/** Parses vkeys a caller trusts; each once. Throws `keys_malformed`. */
export function trustedKeys(vkeys: readonly string[]): VerifierKey[] {
  const keys: VerifierKey[] = [];
  for (const [i, vkey] of vkeys.entries()) {
    const key = parseTrustedKey(vkey, { zh: `第 ${i + 1} 个`, en: `key ${i + 1}` });
    if (!keys.some((known) => sameKey(known, key))) keys.push(key);
  }
  return keys;
}

function parseTrustedKey(vkey: string, where: { readonly zh: string; readonly en: string }): VerifierKey {
  try {
    return parseVerifierKey(vkey);
  } catch (cause) {
    const unsupported = cause instanceof TlogError && cause.code === 'key_type_unsupported';
    const text = unsupported
      ? {
          zh: `公钥文件${where.zh}的算法本程序不能核验。`,
          en: `The keys file holds a key of an algorithm that cannot be verified here (${where.en}).`,
        }
      : {
          zh: `公钥文件${where.zh}不是完好的公钥：可能不是公钥文件，或被改动。`,
          en: `The keys file holds something that is not an intact verifier key (${where.en}): it may be another file, or altered.`,
        };
    throw new VerifierError('keys_malformed', text, { cause });
  }
}
