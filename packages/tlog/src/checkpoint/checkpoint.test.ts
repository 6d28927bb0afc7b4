import { describe, expect, it } from 'vitest';
import { cosign } from '../cosignature/cosignature.ts';
import { encodeBase64 } from '../encoding/base64.ts';
import { parseHash } from '../hash/hash.ts';
import { parseSignatureLine, signNote } from '../note/note.ts';
import { ed25519Signer, publicKeyOf } from '../note/signer.ts';
import { MockLog, mockSigningKey } from '../testing/mock-log.ts';
import { formatCheckpoint, parseCheckpoint, signCheckpoint } from './checkpoint.ts';
import { openCheckpoint } from './open-checkpoint.ts';

// The example of c2sp.org/tlog-checkpoint; its key is not published, so its signature line is only read.
const EXAMPLE = `example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
`;
const EXAMPLE_LINE =
  '— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=';
const ROOT = parseHash('CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=');
const EMPTY_ROOT = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=';
const withCode = (code: string) => expect.objectContaining({ code });

describe('checkpoint text', () => {
  it('reads and writes the example of the specification', () => {
    const checkpoint = parseCheckpoint(EXAMPLE);
    expect(checkpoint).toEqual({ origin: 'example.com/behind-the-sofa', size: 20852163, root: ROOT, extensions: [] });
    expect(formatCheckpoint(checkpoint)).toBe(EXAMPLE);
    expect(parseSignatureLine(EXAMPLE_LINE)).toMatchObject({ name: 'example.com/behind-the-sofa', keyId: 0x033de0ae });
  });

  it('keeps extension lines', () => {
    expect(parseCheckpoint(`${EXAMPLE}one\ntwo\n`).extensions).toEqual(['one', 'two']);
    expect(formatCheckpoint(parseCheckpoint(`${EXAMPLE}one\n`))).toBe(`${EXAMPLE}one\n`);
  });

  it('allows an empty log only with the root of the empty tree', () => {
    expect(parseCheckpoint(`log\n0\n${EMPTY_ROOT}\n`).size).toBe(0);
    expect(() => parseCheckpoint(`log\n0\n${encodeBase64(ROOT)}\n`)).toThrow(withCode('checkpoint_malformed'));
  });

  it.each([
    ['no final newline', EXAMPLE.slice(0, -1)],
    ['an empty origin', EXAMPLE.replace(/^.*\n/, '\n')],
    ['two lines only', 'log\n1\n'],
    ['a leading zero', EXAMPLE.replace('20852163', '020852163')],
    ['a sign', EXAMPLE.replace('20852163', '+1')],
    ['a hexadecimal size', EXAMPLE.replace('20852163', '0x1')],
    ['a size past 2^53', EXAMPLE.replace('20852163', '9007199254740993')],
    ['a size of spaces', EXAMPLE.replace('20852163', ' ')],
    ['a short root', EXAMPLE.replace('CsUY', '')],
    ['a long root', EXAMPLE.replace('CsUY', 'CsUYCsUY')],
    ['a root in base64url', EXAMPLE.replace('CsUY', 'Cs_Y')],
    ['an empty extension line', `${EXAMPLE}\n`],
    ['nothing', ''],
  ])('refuses %s', (_what, text) => {
    expect(() => parseCheckpoint(text)).toThrow(withCode('checkpoint_malformed'));
  });
});

describe('opening checkpoints', () => {
  const log = new MockLog({ origin: 'log.example/a' });
  log.append(new Uint8Array([1]));
  const other = mockSigningKey('log.example/b');
  const text = formatCheckpoint({ origin: 'log.example/a', size: 5, root: ROOT, extensions: [] });

  it('needs a signature by a trusted key of the origin', async () => {
    const opened = openCheckpoint(await log.checkpoint(), { logKeys: [log.verifierKey] });
    expect(opened).toMatchObject({
      checkpoint: { origin: 'log.example/a', size: 1 },
      signedBy: [log.verifierKey],
      unknown: [],
    });
  });

  it('refuses another log, an untrusted key under the right name, and a trusted key of another origin', async () => {
    const signedByOther = await signNote(text, [ed25519Signer(other)]);
    const impostor = { ...other, name: 'log.example/a' };
    const signedByImpostor = await signNote(text, [ed25519Signer(impostor)]);
    expect(() => openCheckpoint(signedByOther, { logKeys: [log.verifierKey] })).toThrow(withCode('note_not_signed'));
    expect(() => openCheckpoint(signedByImpostor, { logKeys: [log.verifierKey] })).toThrow(withCode('note_not_signed'));
    expect(() => openCheckpoint(signedByOther, { logKeys: [publicKeyOf(other)] })).toThrow(
      withCode('checkpoint_wrong_origin'),
    );
    expect(() => openCheckpoint(signedByOther, { logKeys: [log.verifierKey, publicKeyOf(other)] })).toThrow(
      withCode('note_not_signed'),
    );
    expect(() => openCheckpoint(signedByOther, { logKeys: [] })).toThrow(withCode('checkpoint_wrong_origin'));
  });

  it('refuses a signed text whose root or size was changed', async () => {
    const signed = await log.checkpoint();
    for (const forged of [
      signed.replace('\n1\n', '\n2\n'),
      signed.replace(/\n(.)/, (_, c) => `\n${c === '1' ? '3' : c}`),
    ]) {
      expect(() => openCheckpoint(forged, { logKeys: [log.verifierKey] })).toThrow(withCode('signature_invalid'));
    }
  });

  it('takes the keys of a rotation together', async () => {
    const next = { ...mockSigningKey('log.example/a/next'), name: 'log.example/a' };
    const both = await signCheckpoint(parseCheckpoint(text), [ed25519Signer(log.key), ed25519Signer(next)]);
    expect(openCheckpoint(both, { logKeys: [publicKeyOf(next)] }).signedBy).toEqual([publicKeyOf(next)]);
    expect(openCheckpoint(both, { logKeys: [log.verifierKey, publicKeyOf(next)] }).signedBy).toHaveLength(2);
  });
});

describe('cosignatures', () => {
  const witness = mockSigningKey('witness.example/w1', 'cosignature/v1');
  const log = new MockLog({ witnesses: [{ key: witness, timestamp: 1679315147 }] });
  log.append(new Uint8Array([1]));

  it('verify with their timestamp', async () => {
    const trust = { logKeys: [log.verifierKey], witnessKeys: [publicKeyOf(witness)] };
    expect(openCheckpoint(await log.checkpoint(), trust).cosignatures).toEqual([
      { key: publicKeyOf(witness), timestamp: 1679315147 },
    ]);
  });

  it('are ignored from unknown witnesses, and are no substitute for the log', async () => {
    const note = await log.checkpoint();
    expect(openCheckpoint(note, { logKeys: [log.verifierKey] })).toMatchObject({
      cosignatures: [],
      unknown: [{ name: 'witness.example/w1' }],
    });
    const text = note.slice(0, note.lastIndexOf('\n\n') + 1);
    const alone = `${text}\n${cosign(text, witness, 1)}\n`;
    expect(() => openCheckpoint(alone, { logKeys: [log.verifierKey], witnessKeys: [publicKeyOf(witness)] })).toThrow(
      withCode('note_not_signed'),
    );
  });

  it('sign the header, the time and the whole text', async () => {
    const text = EXAMPLE;
    const line = parseSignatureLine(cosign(text, witness, 1679315147));
    expect(line.signature).toHaveLength(72);
    // The message of the specification's example, signed plainly with the same seed, must be the same signature.
    const plain = ed25519Signer({ ...witness, type: 'ed25519' });
    const message = new TextEncoder().encode(`cosignature/v1\ntime 1679315147\n${EXAMPLE}`);
    expect(line.signature.slice(8)).toEqual(await plain.sign(message));
    expect(new DataView(line.signature.buffer).getBigUint64(line.signature.byteOffset)).toBe(1679315147n);
  });

  it('fail with another time, another text, a zero time, or a plain signature in their place', async () => {
    const note = await log.checkpoint();
    const trust = { logKeys: [log.verifierKey], witnessKeys: [publicKeyOf(witness)] };
    const at = note.lastIndexOf('— witness');
    const { signature, keyId, name } = parseSignatureLine(note.slice(at).trimEnd());
    const replaced = (bytes: Uint8Array) => {
      const withId = new Uint8Array(4 + bytes.length);
      new DataView(withId.buffer).setUint32(0, keyId);
      withId.set(bytes, 4);
      return `${note.slice(0, at)}— ${name} ${encodeBase64(withId)}\n`;
    };
    const later = signature.slice();
    later[7] = (later[7] ?? 0) + 1;
    const zero = signature.slice().fill(0, 0, 8);
    const far = signature.slice().fill(0xff, 0, 8);
    for (const bytes of [later, zero, far, signature.slice(8), signature.slice(0, -1), new Uint8Array(72)]) {
      expect(() => openCheckpoint(replaced(bytes), trust)).toThrow(withCode('signature_invalid'));
    }
    expect(() => cosign(EXAMPLE, witness, 0)).toThrow(withCode('argument_invalid'));
    expect(() => cosign(EXAMPLE, log.key, 1)).toThrow(withCode('argument_invalid'));
  });
});
