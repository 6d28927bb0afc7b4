import { beforeAll, describe, expect, it } from 'vitest';
import { encodeBase64 } from '../encoding/base64.ts';
import { encodeUtf8 } from '../encoding/text.ts';
import { asHash } from '../hash/hash.ts';
import { portableHasher as hasher, sha256 } from '../hash/hasher.ts';
import { MockLog, mockSigningKey, strayHash } from '../testing/mock-log.ts';
import { formatLogProof, parseLogProof, verifyLogProof } from './log-proof.ts';

const withCode = (code: string) => expect.objectContaining({ code });
const h1 = asHash(sha256(encodeUtf8('hash1')));
const h2 = asHash(sha256(encodeUtf8('hash2')));

let log: MockLog;
let proofText: string;
let leaf: ReturnType<typeof hasher.leaf>;

beforeAll(async () => {
  log = new MockLog();
  for (let i = 0; i < 11; i++) log.append(encodeUtf8(`entry ${i}`));
  leaf = hasher.leaf(encodeUtf8('entry 6'));
  proofText = await log.proof(6);
});

describe('format', () => {
  it('is the one of the specification, with and without extra data', async () => {
    const checkpoint = await log.checkpoint();
    expect(formatLogProof({ index: 5, hashes: [h1, h2], checkpoint })).toBe(
      `c2sp.org/tlog-proof@v1\nindex 5\n${encodeBase64(h1)}\n${encodeBase64(h2)}\n\n${checkpoint}`,
    );
    const extra = encodeUtf8('extra information');
    const text = formatLogProof({ index: 0, hashes: [], checkpoint, extra });
    expect(text).toBe(`c2sp.org/tlog-proof@v1\nextra ${encodeBase64(extra)}\nindex 0\n\n${checkpoint}`);
    expect(parseLogProof(text)).toEqual({ index: 0, hashes: [], checkpoint, extra });
  });

  it('comes back from parsing as it went in', () => {
    expect(formatLogProof(parseLogProof(proofText))).toBe(proofText);
  });

  it('refuses everything else', async () => {
    const checkpoint = await log.checkpoint();
    const head = 'c2sp.org/tlog-proof@v1\n';
    for (const bad of [
      '',
      `wrong-header\nindex 0\n\n${checkpoint}`,
      `c2sp.org/tlog-proof@v2\nindex 0\n\n${checkpoint}`,
      `${head}extra !!\nindex 0\n\n${checkpoint}`,
      `${head}\n\n${checkpoint}`,
      `${head}index notanumber\n\n${checkpoint}`,
      `${head}index -5\n\n${checkpoint}`,
      `${head}index 05\n\n${checkpoint}`,
      `${head}index  5\n\n${checkpoint}`,
      `${head}index 18446744073709551615\n\n${checkpoint}`,
      `${head}index 0\nextra aGk=\n\n${checkpoint}`,
      `${head}index 0\n!!\n\n${checkpoint}`,
      `${head}index 0\n${encodeBase64(new Uint8Array(64))}\n\n${checkpoint}`,
      `${head}index 0\n${encodeBase64(h1)}\r\n\r\n${checkpoint}`,
      `${head}index 0\n${`${encodeBase64(h1)}\n`.repeat(64)}\n${checkpoint}`,
      `${head}index 0\n\n`,
      `${head}index 0\n\nnot a checkpoint\n`,
      `${head}index 0\n${'a'.repeat(2_000_000)}\n`,
    ]) {
      expect(() => parseLogProof(bad)).toThrow(withCode('proof_malformed'));
    }
  });
});

describe('verification', () => {
  it('accepts a proof of the entry under a trusted checkpoint', () => {
    const opened = verifyLogProof(parseLogProof(proofText), leaf, { logKeys: [log.verifierKey] });
    expect(opened.checkpoint).toMatchObject({ origin: log.origin, size: 11 });
  });

  it('refuses another entry, another index and a proof taken from another place', async () => {
    const trust = { logKeys: [log.verifierKey] };
    const proof = parseLogProof(proofText);
    expect(() => verifyLogProof(proof, hasher.leaf(encodeUtf8('entry 7')), trust)).toThrow(
      withCode('inclusion_mismatch'),
    );
    expect(() => verifyLogProof({ ...proof, index: 7 }, leaf, trust)).toThrow(withCode('inclusion_mismatch'));
    expect(() => verifyLogProof({ ...proof, index: 11 }, leaf, trust)).toThrow(withCode('inclusion_mismatch'));
    expect(() => verifyLogProof(parseLogProof(formatLogProof({ ...proof, hashes: [] })), leaf, trust)).toThrow(
      withCode('inclusion_mismatch'),
    );
  });

  it('refuses a correct inclusion proof whose checkpoint was signed by nobody we trust', async () => {
    // A whole second log of the attacker's, in which the entry does stand: only the signature tells.
    const forged = new MockLog({ key: { ...mockSigningKey('attacker'), name: log.origin } });
    for (let i = 0; i < 11; i++) forged.append(encodeUtf8(`entry ${i}`));
    const proof = parseLogProof(await forged.proof(6));
    expect(() => verifyLogProof(proof, leaf, { logKeys: [log.verifierKey] })).toThrow(withCode('note_not_signed'));
    // The same with our log's signature pasted on from an older checkpoint.
    const ours = await log.checkpoint(3);
    const line = ours.slice(ours.lastIndexOf('\n\n') + 2);
    const pasted = proof.checkpoint.slice(0, proof.checkpoint.lastIndexOf('\n\n') + 2) + line;
    expect(() => verifyLogProof({ ...proof, checkpoint: pasted }, leaf, { logKeys: [log.verifierKey] })).toThrow(
      withCode('signature_invalid'),
    );
  });

  it('refuses a signed checkpoint of a tree that does not hold the entry', async () => {
    const checkpoint = await log.checkpoint(11, strayHash());
    expect(() =>
      verifyLogProof({ ...parseLogProof(proofText), checkpoint }, leaf, { logKeys: [log.verifierKey] }),
    ).toThrow(withCode('inclusion_mismatch'));
  });

  it('refuses the proof with any single bit flipped, with its own errors only', () => {
    const bytes = encodeUtf8(proofText);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = bytes.slice();
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() =>
        verifyLogProof(parseLogProof(new TextDecoder().decode(changed)), leaf, { logKeys: [log.verifierKey] }),
      ).toThrow(expect.objectContaining({ name: 'TlogError' }));
    }
  });
});
