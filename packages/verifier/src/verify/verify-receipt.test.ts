import { encodeUtf8, formatVerifierKey, type JsonObject, publicKeyOf } from '@fengcun/tlog';
import { MockLog, mockSigningKey, strayHash } from '@fengcun/tlog/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { formatReceipt, type ReceiptDocument } from '../receipt/receipt.ts';
import { LEGS, type LegName, type Outcome, type Report } from '../report/report.ts';
import { type MockReceipt, mockContent, mockReceipt, mockSealedEvent } from '../testing/index.ts';
import { verifyReceipt } from './verify-receipt.ts';

const BYTES = encodeUtf8('the recording');
const CONTENT = mockContent(BYTES);
const WITNESS = mockSigningKey('witness.example/w1', 'cosignature/v1');
const WITNESS_KEY = formatVerifierKey(publicKeyOf(WITNESS));

let good: MockReceipt;
let log: MockLog;

beforeAll(async () => {
  log = new MockLog();
  good = await mockReceipt({ content: CONTENT }, log);
});

function outcomes(report: Report): Record<LegName, Outcome> {
  return Object.fromEntries(report.legs.map(({ leg, outcome }) => [leg, outcome])) as Record<LegName, Outcome>;
}

function verify(document: Partial<ReceiptDocument>, keys: readonly string[] = good.keys): Report {
  return verifyReceipt({ receipt: formatReceipt({ ...good.document, ...document }), keys, content: CONTENT });
}

async function verifySealed(data: JsonObject): Promise<Report> {
  const receipt = await mockReceipt({ content: CONTENT, data });
  return verifyReceipt({ receipt: receipt.text, keys: receipt.keys, content: CONTENT });
}

describe('a receipt that is in order', () => {
  it('holds for its file under a trusted key, with what cannot be checked said so', () => {
    const report = verifyReceipt({ receipt: good.text, keys: good.keys, content: CONTENT });
    expect(report.legs.map(({ leg }) => leg)).toEqual(LEGS);
    expect(outcomes(report)).toEqual({
      receipt: 'passed',
      entry: 'passed',
      size: 'passed',
      sha256: 'passed',
      sm3: 'passed',
      part_tree: 'passed',
      declared: 'passed',
      inclusion: 'passed',
      checkpoint_signature: 'passed',
      log_key: 'passed',
      witnesses: 'not_checked',
      timestamp: 'not_checked',
      openings: 'passed',
      lock: 'not_checked',
    });
    expect(report.verdict).toBe('holds');
    expect(report.subject).toMatchObject({
      name: '现场执法 01.mp4',
      size: BYTES.length,
      log: { origin: log.origin, index: 1 },
    });
  });

  it('holds from bytes, from compact text, and with members in another order', () => {
    const { entry, format, proof, openings, keys } = good.document;
    for (const receipt of [
      encodeUtf8(good.text),
      JSON.stringify({ proof, keys, openings, entry, format }),
      `\n\t ${good.text}\r\n`,
    ]) {
      expect(verifyReceipt({ receipt, keys, content: CONTENT }).verdict).toBe('holds');
    }
  });

  it('holds with personal values withheld, which are then not checked', () => {
    const report = verify({ openings: [] });
    expect(report.verdict).toBe('holds');
    expect(outcomes(report).openings).toBe('not_checked');
    expect(report.subject?.name).toBeNull();
  });

  it('is incomplete without a file', () => {
    const report = verifyReceipt({ receipt: good.text, keys: good.keys });
    expect(report.verdict).toBe('incomplete');
    expect(outcomes(report)).toMatchObject({
      size: 'not_checked',
      sha256: 'not_checked',
      sm3: 'not_checked',
      part_tree: 'not_checked',
    });
  });

  it('is incomplete where SM3 or the tree could not be computed', () => {
    for (const content of [
      { ...CONTENT, sm3: null },
      { ...CONTENT, tree: null },
      { ...CONTENT, tree: { ...CONTENT.tree, leafSize: 1 } },
    ]) {
      expect(verifyReceipt({ receipt: good.text, keys: good.keys, content }).verdict).toBe('incomplete');
    }
  });
});

describe('trust', () => {
  it('never comes from the keys inside the receipt', () => {
    const report = verify({}, []);
    expect(report.verdict).toBe('incomplete');
    expect(outcomes(report)).toMatchObject({
      checkpoint_signature: 'passed',
      log_key: 'not_checked',
      inclusion: 'passed',
    });
  });

  it('does not pass an inclusion proof under a checkpoint that nobody could check', () => {
    const report = verify({ keys: [] }, []);
    expect(report.verdict).toBe('incomplete');
    expect(outcomes(report)).toMatchObject({
      checkpoint_signature: 'not_checked',
      log_key: 'not_checked',
      inclusion: 'not_checked',
    });
  });

  it('holds without keys in the receipt when the caller has them', () => {
    expect(verify({ keys: [] }).verdict).toBe('holds');
  });

  it('fails with the key of another log, and with another key of the same name', () => {
    const otherLog = new MockLog({ origin: 'other.example/log' });
    const namesake = formatVerifierKey(publicKeyOf({ ...mockSigningKey('x'), name: log.origin }));
    for (const key of [otherLog.vkey, namesake]) {
      const report = verify({}, [key]);
      expect(report.verdict).toBe('fails');
      expect(outcomes(report).log_key).toBe('failed');
    }
  });

  it('fails for a receipt of a forger who runs a log of the same name and gives its keys along', async () => {
    const forger = new MockLog({ key: { ...mockSigningKey('forger'), name: log.origin } });
    const forged = await mockReceipt({ content: CONTENT }, forger);
    const report = verifyReceipt({ receipt: forged.text, keys: good.keys, content: CONTENT });
    expect(report.verdict).toBe('fails');
    expect(outcomes(report).log_key).toBe('failed');
  });

  it('refuses keys that are not vkeys', () => {
    expect(() => verify({}, ['not a key'])).toThrow(expect.objectContaining({ code: 'keys_malformed' }));
    expect(() => verify({}, [good.keys[0]?.replace('+', '+0') ?? ''])).toThrow(
      expect.objectContaining({ code: 'keys_malformed' }),
    );
  });
});

describe('the log half', () => {
  it('fails with the proof of another index', async () => {
    for (const index of [0, 2, 4]) {
      const report = verify({ proof: await log.proof(index) });
      expect(report.verdict).toBe('fails');
      expect(outcomes(report)).toMatchObject({ inclusion: 'failed', checkpoint_signature: 'passed' });
    }
    const report = verify({ proof: good.document.proof.replace('\nindex 1\n', '\nindex 3\n') });
    expect(outcomes(report).inclusion).toBe('failed');
  });

  it('fails with a checkpoint of another log, even one the caller trusts', async () => {
    const otherLog = new MockLog({ origin: 'other.example/log' });
    for (let i = 0; i < log.size; i++) otherLog.append(encodeUtf8(`${i}`));
    const proof = good.document.proof.slice(0, good.document.proof.indexOf('\n\n') + 2) + (await otherLog.checkpoint());
    expect(outcomes(verify({ proof })).log_key).toBe('failed');
    const trusting = verify({ proof, keys: [otherLog.vkey] }, [log.vkey, otherLog.vkey]);
    expect(trusting.verdict).toBe('fails');
    expect(outcomes(trusting)).toMatchObject({ checkpoint_signature: 'passed', inclusion: 'failed' });
  });

  it('fails with a forged signature, and does not count the inclusion proof under it', () => {
    const forged = good.document.proof.replace(
      /(— \S+ \S{20})(.)/,
      (_, head: string, c: string) => head + (c === 'A' ? 'B' : 'A'),
    );
    for (const keys of [good.keys, []]) {
      const report = verify({ proof: forged }, keys);
      expect(report.verdict).toBe('fails');
      expect(outcomes(report)).toMatchObject({
        checkpoint_signature: 'failed',
        inclusion: 'not_checked',
        log_key: 'not_checked',
      });
    }
  });

  it('fails when a correct inclusion proof comes under a checkpoint the log never signed', async () => {
    // The attacker's tree holds an entry of theirs; the signature is the log's own, over its own checkpoint.
    const forger = new MockLog({ key: { ...mockSigningKey('forger'), name: log.origin } });
    const forged = await mockReceipt({ content: { ...CONTENT, size: 99 } }, forger);
    const signatureLine = good.document.proof.slice(good.document.proof.lastIndexOf('\n\n') + 2);
    const proof = forged.document.proof.slice(0, forged.document.proof.lastIndexOf('\n\n') + 2) + signatureLine;
    const report = verifyReceipt({
      receipt: formatReceipt({ ...forged.document, proof, keys: [] }),
      keys: good.keys,
      content: { ...CONTENT, size: 99 },
    });
    expect(report.verdict).toBe('fails');
    expect(outcomes(report)).toMatchObject({ checkpoint_signature: 'failed', inclusion: 'not_checked' });
  });

  it('fails when the log signed a root that does not hold the entry', async () => {
    const text = good.document.proof;
    const proof = text.slice(0, text.indexOf('\n\n') + 2) + (await log.checkpoint(log.size, strayHash()));
    expect(outcomes(verify({ proof }))).toMatchObject({
      checkpoint_signature: 'passed',
      log_key: 'passed',
      inclusion: 'failed',
    });
  });

  it('refuses an extra line in the proof, which nothing authenticates', () => {
    const proof = good.document.proof.replace('@v1\n', '@v1\nextra aGk=\n');
    expect(outcomes(verify({ proof })).receipt).toBe('failed');
  });
});

describe('witnesses', () => {
  let witnessed: MockReceipt;
  beforeAll(async () => {
    witnessed = await mockReceipt(
      { content: CONTENT },
      new MockLog({ witnesses: [{ key: WITNESS, timestamp: 1_790_000_000 }] }),
    );
  });
  const check = (text: string, keys: readonly string[]) => verifyReceipt({ receipt: text, keys, content: CONTENT });

  it('pass when a trusted one cosigned', () => {
    const report = check(witnessed.text, witnessed.keys);
    expect(report.verdict).toBe('holds');
    expect(outcomes(report).witnesses).toBe('passed');
  });

  it('are not checked, and not needed, when the caller trusts none', () => {
    const report = check(witnessed.text, [log.vkey]);
    expect(report.verdict).toBe('holds');
    expect(outcomes(report).witnesses).toBe('not_checked');
  });

  it('leave the verdict open when the caller trusts one that did not cosign', () => {
    const report = check(good.text, [log.vkey, WITNESS_KEY]);
    expect(report.verdict).toBe('incomplete');
    expect(outcomes(report).witnesses).toBe('not_checked');
  });

  it('fail when a cosignature is damaged, trusted or not', () => {
    const damaged = witnessed.text.replace(
      /(— witness\S+ \S{30})(.)/,
      (_, head: string, c: string) => head + (c === 'A' ? 'B' : 'A'),
    );
    for (const keys of [witnessed.keys, [log.vkey]]) {
      const report = check(damaged, keys);
      expect(report.verdict).toBe('fails');
      expect(outcomes(report).witnesses).toBe('failed');
    }
  });

  it('leave the verdict open when a signature cannot be assigned to any key', () => {
    const renamed = witnessed.text.replace('— witness.example/w1', '— witness.example/w2');
    expect(check(renamed, witnessed.keys).verdict).toBe('incomplete');
    expect(check(renamed, [log.vkey]).verdict).toBe('incomplete');
  });
});

describe('the content half', () => {
  it('fails for a truncated, a longer and another file, and says which way', () => {
    const shorter = verifyReceipt({
      receipt: good.text,
      keys: good.keys,
      content: { ...CONTENT, size: 3, sha256: '0'.repeat(64) },
    });
    expect(shorter.verdict).toBe('fails');
    expect(shorter.legs.find(({ leg }) => leg === 'size')?.detail.zh).toContain('少 10 字节');
    expect(outcomes(shorter)).toMatchObject({
      size: 'failed',
      sha256: 'failed',
      sm3: 'passed',
      checkpoint_signature: 'passed',
    });
    for (const [leg, content] of Object.entries({
      size: { ...CONTENT, size: 14 },
      sha256: { ...CONTENT, sha256: '1'.repeat(64) },
      sm3: { ...CONTENT, sm3: '1'.repeat(64) },
      part_tree: { ...CONTENT, tree: { ...CONTENT.tree, root: '1'.repeat(64) } },
    })) {
      const report = verifyReceipt({ receipt: good.text, keys: good.keys, content });
      expect(report.verdict).toBe('fails');
      expect(report.legs.filter(({ outcome }) => outcome === 'failed').map((failed) => failed.leg)).toEqual([leg]);
    }
  });

  it('tells a missing declaration from an equal one', async () => {
    const undeclared = await verifySealed({ declared: null });
    expect(outcomes(undeclared).declared).toBe('not_checked');
    expect(undeclared.verdict).toBe('holds');
    const inParts = await verifySealed({ received: { parts: 3, sha256: null } });
    expect(outcomes(inParts).declared).toBe('passed');
  });

  it('fails where the log itself records a disagreement', async () => {
    const other = 'f'.repeat(64);
    for (const data of [
      { declared: { sha256: other } },
      { received: { parts: 1, sha256: other } },
      { readBack: { bytes: 1 } },
    ]) {
      const report = await verifySealed(data);
      expect(outcomes(report)).toMatchObject({ declared: 'failed', inclusion: 'passed' });
      expect(report.verdict).toBe('fails');
    }
  });
});

describe('the entry', () => {
  it('fails when anything in it was changed', () => {
    const { entry } = mockSealedEvent({ content: CONTENT });
    for (const changed of [
      { ...entry, at: '2026-11-22T03:04:05.679Z' },
      { ...entry, authorisation: 'x' },
      { ...entry, data: { ...entry.data, unit: '0193f3a0-0000-7000-8000-0000000000a2' } },
      { ...entry, data: { ...entry.data, added: null } },
    ]) {
      const report = verify({ entry: { ...changed } });
      expect(report.verdict).toBe('fails');
      expect(outcomes(report).inclusion).toBe('failed');
    }
  });

  it('fails when it is no well-formed evidence.sealed', async () => {
    const { entry } = mockSealedEvent({ content: CONTENT });
    const data = (changes: JsonObject) => ({ ...entry, data: { ...entry.data, ...changes } });
    for (const bad of [
      null,
      'text',
      {},
      { ...entry, v: 2 },
      { ...entry, more: 1 },
      { ...entry, type: 'evidence.quarantined' },
      { ...entry, subject: { kind: 'evidence', id: '0193f3a0-0000-7000-8000-000000000002' } },
      data({ size: -1 }),
      data({ size: 1.5 }),
      data({ sha256: CONTENT.sha256.toUpperCase() }),
      data({ sm3: null }),
      data({ tree: { leafSize: 0, root: CONTENT.sha256 } }),
      data({ name: '明文' }),
      data({ officer: '张三' }),
      data({ times: {} }),
      data({ vault: { driver: 'disk', version: 'v', protection: 'some', mode: 'none', retainUntil: null } }),
    ]) {
      const report = verify({ entry: bad });
      expect(report.verdict).toBe('fails');
      expect(outcomes(report)).toMatchObject({ entry: 'failed', inclusion: 'not_checked' });
    }
  });

  it('fails with an opening that shows another value', () => {
    const [first, ...rest] = good.document.openings;
    const report = verify({
      openings: [{ path: first?.path ?? '', salt: first?.salt ?? '', value: '别的.mp4' }, ...rest],
    });
    expect(report.verdict).toBe('fails');
    expect(outcomes(report).openings).toBe('failed');
    expect(report.subject?.name).toBeNull();
  });
});

describe('hostile receipts', () => {
  it.each([
    ['nothing', ''],
    ['not JSON', 'MP4'],
    ['another JSON', '{"a":1}'],
    ['a list', '[]'],
    ['absurd nesting', '['.repeat(100_000)],
    ['another format', '{"format":"fengcun-receipt/v2","entry":{},"openings":[],"proof":"","keys":[]}'],
    ['no proof', '{"format":"fengcun-receipt/v1","entry":{},"openings":[],"keys":[]}'],
    ['an overlong text', ' '.repeat(3_000_000)],
  ])('fail for %s', (_what, receipt) => {
    const report = verifyReceipt({ receipt, keys: good.keys, content: CONTENT });
    expect(report.verdict).toBe('fails');
    expect(report.legs.map(({ leg }) => leg)).toEqual(LEGS);
    expect(outcomes(report).receipt).toBe('failed');
  });

  it('fail with a duplicate member, of which parsers would take one or the other', () => {
    const doubled = good.text.replace('"openings"', '"entry": {}, "openings"');
    const reversed = good.text.replace('"entry"', '"entry": {}, "entry"');
    for (const receipt of [doubled, reversed]) {
      expect(outcomes(verifyReceipt({ receipt, keys: good.keys, content: CONTENT })).receipt).toBe('failed');
    }
  });

  it('fail with an unknown member, a doubled opening or a damaged key', () => {
    const [opening] = good.document.openings;
    const unknown = good.text.replace('"openings"', '"note": "trust me", "openings"');
    expect(outcomes(verifyReceipt({ receipt: unknown, keys: good.keys, content: CONTENT })).receipt).toBe('failed');
    if (opening) expect(outcomes(verify({ openings: [opening, opening] })).receipt).toBe('failed');
    expect(outcomes(verify({ keys: ['x+00000000+AAAA'] })).receipt).toBe('failed');
  });

  it('show names without control or bidirectional characters', async () => {
    const receipt = await mockReceipt({ content: CONTENT, name: 'a\u001b[2J\u202e4pm.exe' });
    const report = verifyReceipt({ receipt: receipt.text, keys: receipt.keys, content: CONTENT });
    expect(report.verdict).toBe('holds');
    expect(JSON.stringify(report)).not.toMatch(/\\u001b|\u202e/);
  });

  /** Flips one bit of each byte in [from, to), a different one from byte to byte. */
  function expectEveryFlipRefused(text: string, keys: readonly string[], from: number, to: number): void {
    const bytes = encodeUtf8(text);
    expect(verifyReceipt({ receipt: bytes, keys, content: CONTENT }).verdict).toBe('holds');
    for (let i = from; i < to; i++) {
      const original = bytes[i] ?? 0;
      bytes[i] = original ^ (1 << (i % 8));
      const { verdict } = verifyReceipt({ receipt: bytes, keys, content: CONTENT });
      if (verdict === 'holds') throw new Error(`holds with bit ${i % 8} of byte ${i} flipped`);
      bytes[i] = original;
    }
  }

  it('never hold and never throw, whichever byte has a bit flipped', () => {
    const text = JSON.stringify(good.document);
    expectEveryFlipRefused(text, good.keys, 0, encodeUtf8(text).length);
  });

  it('do not hold with a bit flipped in a cosignature that the verdict does not even need', async () => {
    const witness = { key: WITNESS, timestamp: 1_790_000_000 };
    const witnessed = await mockReceipt({ content: CONTENT }, new MockLog({ witnesses: [witness] }));
    const before = (part: string) => encodeUtf8(witnessed.text.slice(0, witnessed.text.indexOf(part))).length;
    expectEveryFlipRefused(witnessed.text, [log.vkey], before('— witness.example'), before('"keys"'));
  });
});
