import { describe, expect, it } from 'vitest';
import { encodeBase64 } from '../encoding/base64.ts';
import { encodeUtf8 } from '../encoding/text.ts';
import { mockSigningKey } from '../testing/mock-log.ts';
import { parseNote, signNote } from './note.ts';
import { openNote } from './open-note.ts';
import { ed25519Signer, formatSigningKey, generateSigningKey, parseSigningKey, publicKeyOf } from './signer.ts';
import { formatVerifierKey, parseVerifierKey } from './verifier-key.ts';

// Vectors of golang.org/x/mod/sumdb/note.
const PETER = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const PETER_PRIVATE = 'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz';
const ENOCH = 'EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop';
const TEXT = `If you think cryptography is the answer to your problem,
then you don't know what your problem is.
`;
const PETER_LINE =
  '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';
const ENOCH_LINE =
  '— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n';

const peter = parseVerifierKey(PETER);
const enoch = parseVerifierKey(ENOCH);
const withCode = (code: string) => expect.objectContaining({ code });

describe('verifier keys', () => {
  it('come back from parsing as they went in', () => {
    for (const vkey of [PETER, ENOCH]) expect(formatVerifierKey(parseVerifierKey(vkey))).toBe(vkey);
    expect(peter).toMatchObject({ name: 'PeterNeumann', id: 0xc74f20a3, type: 'ed25519' });
  });

  it('are refused in every other substring and with any character changed', () => {
    for (let i = 0; i <= PETER.length; i++) {
      for (let j = i + 1; j <= PETER.length; j++) {
        if (i === 0 && j === PETER.length) continue;
        expect(() => parseVerifierKey(PETER.slice(i, j))).toThrow();
      }
    }
    for (let i = 0; i < PETER.length; i++) {
      const changed = PETER.slice(0, i) + String.fromCharCode(PETER.charCodeAt(i) + 1) + PETER.slice(i + 1);
      expect(() => parseVerifierKey(changed)).toThrow();
    }
  });

  it('of the wrong length or of another algorithm are told apart', () => {
    const long = 'PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==';
    const other = 'PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
    expect(() => parseVerifierKey(long)).toThrow(withCode('key_malformed'));
    expect(() => parseVerifierKey(other)).toThrow(withCode('key_type_unsupported'));
    expect(() => parseVerifierKey(PETER.replace('c74f20a3', 'C74F20A3'))).toThrow(withCode('key_malformed'));
  });

  it('get another id for another signature type', () => {
    const seed = mockSigningKey('x').seed;
    const plain = publicKeyOf({ name: 'x', type: 'ed25519', seed });
    const witness = publicKeyOf({ name: 'x', type: 'cosignature/v1', seed });
    expect(plain.publicKey).toEqual(witness.publicKey);
    expect(plain.id).not.toBe(witness.id);
    expect(parseVerifierKey(formatVerifierKey(witness))).toEqual(witness);
  });
});

describe('signing keys', () => {
  it('are those of the Go implementation', () => {
    const key = parseSigningKey(PETER_PRIVATE);
    expect(formatVerifierKey(publicKeyOf(key))).toBe(PETER);
    expect(formatSigningKey(key)).toBe(PETER_PRIVATE);
  });

  it('are refused when damaged, and are not verifier keys', () => {
    for (let i = 0; i < PETER_PRIVATE.length; i++) {
      const changed =
        PETER_PRIVATE.slice(0, i) + String.fromCharCode(PETER_PRIVATE.charCodeAt(i) + 1) + PETER_PRIVATE.slice(i + 1);
      expect(() => parseSigningKey(changed)).toThrow();
    }
    expect(() => parseSigningKey(PETER)).toThrow(withCode('key_malformed'));
  });

  it('are made at random and cannot have names that break a note', () => {
    expect(generateSigningKey('a').seed).not.toEqual(generateSigningKey('a').seed);
    for (const name of ['', 'a b', 'a+b', 'a\u3000b', 'a\u0085b', 'a\nb', '\ud800']) {
      expect(() => generateSigningKey(name)).toThrow(withCode('key_malformed'));
    }
  });
});

describe('signing notes', () => {
  const signer = ed25519Signer(parseSigningKey(PETER_PRIVATE));

  it('gives the bytes that Go gives', async () => {
    expect(await signNote(TEXT, [signer])).toBe(`${TEXT}\n${PETER_LINE}`);
  });

  it('keeps other signatures and replaces an older one by the same key', async () => {
    const stale = PETER_LINE.replace('/ZJk', '/ZJj');
    const { signatures } = parseNote(`${TEXT}\n${stale}${ENOCH_LINE}`);
    expect(await signNote(TEXT, [signer], signatures)).toBe(`${TEXT}\n${ENOCH_LINE}${PETER_LINE}`);
  });

  it('refuses a text without final newline, with control characters, or nobody to sign it', async () => {
    for (const text of ['abc', 'a\tb\n', 'a\r\n', '\ud800\n']) {
      await expect(signNote(text, [signer])).rejects.toMatchObject({ code: 'argument_invalid' });
    }
    await expect(signNote(TEXT, [])).rejects.toMatchObject({ code: 'argument_invalid' });
  });
});

describe('opening notes', () => {
  it('verifies the example of the specification', () => {
    const key = parseVerifierKey('example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k');
    const note = `This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
`;
    expect(openNote(note, [key])).toEqual({ text: 'This is an example message.\n', verified: [key], unknown: [] });
  });

  it('verifies known signatures and sets unknown ones apart', () => {
    const note = `${TEXT}\n${PETER_LINE}${ENOCH_LINE}`;
    expect(openNote(note, [peter])).toMatchObject({
      text: TEXT,
      verified: [peter],
      unknown: [{ name: 'EnochRoot', keyId: 0xaf0cfe78 }],
    });
    expect(openNote(note, [peter, enoch])).toMatchObject({ verified: [peter, enoch], unknown: [] });
    expect(() => openNote(note, [])).toThrow(withCode('note_not_signed'));
  });

  it('counts a repeated signature once, and refuses a known signature that fails among good ones', () => {
    expect(openNote(`${TEXT}\n${PETER_LINE}${PETER_LINE}`, [peter]).verified).toEqual([peter]);
    const bad = ENOCH_LINE.replace('zmZa', 'zmZb');
    expect(() => openNote(`${TEXT}\n${PETER_LINE}${bad}`, [peter, enoch])).toThrow(withCode('signature_invalid'));
    expect(openNote(`${TEXT}\n${PETER_LINE}${bad}`, [peter]).unknown).toHaveLength(1);
  });

  it('refuses two keys of one name and id only where they matter', () => {
    expect(() => openNote(`${TEXT}\n${ENOCH_LINE}`, [enoch, peter, enoch])).toThrow(withCode('key_ambiguous'));
    expect(openNote(`${TEXT}\n${PETER_LINE}`, [enoch, peter, enoch]).verified).toEqual([peter]);
  });

  it('splits at the last empty line, so that a text may contain empty lines', async () => {
    const text = 'Ognuno sta solo\n\ned è subito sera.\n';
    const note = await signNote(text, [ed25519Signer(parseSigningKey(PETER_PRIVATE))]);
    expect(openNote(note, [peter]).text).toBe(text);
  });

  it('accepts a hundred signatures and no more', () => {
    const unsigned = (n: number) => `${TEXT}\n${PETER_LINE.repeat(n)}`;
    expect(parseNote(unsigned(100)).signatures).toHaveLength(100);
    expect(() => parseNote(unsigned(101))).toThrow(withCode('note_malformed'));
    expect(() => parseNote(`${'x'.repeat(1_000_000)}\n\n${PETER_LINE}`)).toThrow(withCode('note_malformed'));
  });

  it.each([
    ['no signature block', TEXT],
    ['an empty signature block', `${TEXT}\n`],
    ['a signature line not ended', `${TEXT}\n${PETER_LINE.slice(0, -1)}`],
    ['a control character', `\u0001${TEXT}\n${PETER_LINE}`],
    ['a carriage return', `${TEXT}\n${PETER_LINE.replace('\n', '\r\n')}`],
    ['a lone surrogate', `\ud800${TEXT}\n${PETER_LINE}`],
    ['a name with a space', `${TEXT}\n${PETER_LINE.replace('PeterNeumann', 'Bad Name')}`],
    ['a name with a plus', `${TEXT}\n${PETER_LINE.replace('PeterNeumann', 'a+b')}`],
    ['a line that is no signature', `${TEXT}\n${PETER_LINE}Unexpected line.\n`],
    ['a hyphen for the em dash', `${TEXT}\n${PETER_LINE.replace('—', '-')}`],
    ['bad base64', `${TEXT}\n${PETER_LINE.replace('=', '')}`],
    ['stray bits in base64', `${TEXT}\n${PETER_LINE.replace('AM=', 'AN=')}`],
    ['a signature of four bytes', `${TEXT}\n— PeterNeumann ${encodeBase64(Uint8Array.of(1, 2, 3, 4))}\n`],
  ])('refuses a note with %s', (_what, note) => {
    expect(() => openNote(note, [peter])).toThrow(withCode('note_malformed'));
  });

  it('never throws anything but its own errors, and never opens, whatever single bit is flipped', () => {
    const bytes = encodeUtf8(`${TEXT}\n${PETER_LINE}`);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = bytes.slice();
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => openNote(new TextDecoder().decode(changed), [peter])).toThrow(
        expect.objectContaining({ name: 'TlogError' }),
      );
    }
  });
});
