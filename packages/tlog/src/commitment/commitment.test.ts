import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { encodeBase64Url } from '../encoding/base64.ts';
import type { LogEntry } from '../entry/entry.ts';
import { commit, commitmentPaths, commitmentTo, verifyOpening } from './commitment.ts';

const withCode = (code: string) => expect.objectContaining({ code });
const name = commit('/data/name', '询问 现场.mp4');
const officer = commit('/data/people/0/a~1b', '041234');

const ENTRY: LogEntry = {
  v: 1,
  type: 'evidence.sealed',
  at: '2026-11-22T03:04:05.678Z',
  actor: { kind: 'system', id: 'w' },
  subject: { kind: 'evidence', id: 'e' },
  data: { name: name.commitment, people: [{ 'a/b': officer.commitment }], plain: { commitment: 'short' } },
};

describe('commitments', () => {
  it('are base64url of SHA-256 over domain, salt and value', () => {
    const salt = new Uint8Array(32).fill(7);
    const expected = createHash('sha256')
      .update('fengcun-commitment/v1\n')
      .update(salt)
      .update('张三')
      .digest('base64url');
    expect(commitmentTo('张三', salt)).toEqual({ commitment: expected });
  });

  it('differ for equal values, and do not contain them', () => {
    const again = commit('/data/name', '询问 现场.mp4');
    expect(again.commitment).not.toEqual(name.commitment);
    expect(JSON.stringify(ENTRY)).not.toContain('询问');
  });

  it('are found by their JSON pointers', () => {
    expect(commitmentPaths(ENTRY)).toEqual(['/data/name', '/data/people/0/a~1b']);
  });

  it('open with the right value and salt at the right path only', () => {
    verifyOpening(ENTRY, name.opening);
    verifyOpening(ENTRY, officer.opening);
    const stray = encodeBase64Url(new Uint8Array(32));
    for (const bad of [
      { ...name.opening, value: '询问 现场.mp3' },
      { ...name.opening, salt: stray },
      { ...name.opening, path: '/data/people/0/a~1b' },
      { ...name.opening, path: '/data/plain' },
      { ...name.opening, path: '/data/nowhere' },
      { ...name.opening, path: '/data/people/00/a~1b' },
      { ...name.opening, path: '/data/toString' },
      { ...name.opening, path: 'data/name' },
      { ...name.opening, path: '/data/name/commitment' },
      { ...name.opening, path: '' },
    ]) {
      expect(() => verifyOpening(ENTRY, bad)).toThrow(withCode('opening_mismatch'));
    }
  });

  it('refuse malformed salts and broken text', () => {
    for (const salt of ['', 'AA', '!!', `${name.opening.salt}=`, encodeBase64Url(new Uint8Array(31))]) {
      expect(() => verifyOpening(ENTRY, { ...name.opening, salt })).toThrow(withCode('commitment_malformed'));
    }
    expect(() => commit('/data/name', '\ud800')).toThrow(withCode('commitment_malformed'));
  });
});
