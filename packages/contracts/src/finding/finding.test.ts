import { describe, expect, it } from 'vitest';
import { verificationLegs } from '../evidence/schema.ts';
import type { FindingDefinition } from './define.ts';
import {
  type FindingCode,
  finding,
  findingCodes,
  findingDefinitions,
  saidBy,
  sayFinding,
  sayFindings,
} from './finding.ts';
import { legWords } from './leg-words.ts';
import { storedFindings, storeFindings, toldOf } from './stored.ts';

const placeholders = (words: string) => [...words.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

describe('every finding', () => {
  it.each(findingCodes)('%s has words in both languages that use exactly its facts', (code) => {
    const { facts, zh, en }: FindingDefinition = findingDefinitions[code];
    const told = Object.entries(facts)
      .filter(([, kind]) => kind !== 'said')
      .map(([name]) => name)
      .sort();
    expect([...new Set(placeholders(zh))]).toEqual(told);
    expect([...new Set(placeholders(en))]).toEqual(told);
    expect(zh).toMatch(/\p{Script=Han}|^\{leg\}：$/u);
    expect(zh).toMatch(/[。：]$/);
    expect(en).not.toMatch(/\p{Script=Han}/u);
    expect(en).toMatch(/[.:]$/);
  });

  it('has a code that no other area uses', () => {
    expect(new Set(findingCodes).size).toBe(findingCodes.length);
  });

  it('is said again as it was after it was stored', () => {
    for (const code of findingCodes) {
      const { facts }: FindingDefinition = findingDefinitions[code];
      const values = Object.fromEntries(
        Object.entries(facts).map(([name, kind]) => [name, kind === 'number' ? 1234567 : kind === 'leg' ? 'sm3' : 'x']),
      );
      const found = finding(code as 'size_same', values as { size: number });
      expect(storedFindings(storeFindings([found]))).toEqual([found]);
      expect(sayFinding(found, 'zh')).not.toMatch(/[{}—]/);
    }
  });
});

it('every leg of a verification has a name in both languages', () => {
  expect(Object.keys(legWords.zh)).toEqual([...verificationLegs]);
  expect(Object.keys(legWords.en)).toEqual([...verificationLegs]);
});

describe('what is said', () => {
  const found = [
    finding('read_of', { read: 5, size: 1234567 }),
    finding('vault_unavailable', { said: 'ECONNREFUSED' }),
  ];

  it('groups numbers, writes times as the reader does, and keeps a program’s own words apart', () => {
    expect(sayFindings(found, 'zh')).toBe('共 1,234,567 字节，读取了 5 字节。存储库暂时无法应答。');
    expect(sayFindings(found, 'en')).toBe('5 of 1,234,567 bytes were read. The vault could not be asked.');
    expect(saidBy(found)).toEqual(['ECONNREFUSED']);
    const until = finding('locked_until', { until: '2027-01-01T00:00:00.000Z' });
    expect(sayFinding(until, 'en', (iso) => iso.slice(0, 10))).toBe('Locked until 2027-01-01.');
  });

  it('enumerates as each language does', () => {
    const gap = finding('numbers_missing', { device: 'D, 1', numbers: '3, 7-9' });
    expect(sayFinding(gap, 'zh')).toContain('设备 D, 1 没有交出序号 3、7-9。');
    expect(sayFinding(gap, 'en')).toContain('numbers 3, 7-9.');
  });

  it('is bounded, and storable whatever a program said', () => {
    const [said = ''] = saidBy([finding('unexpected', { said: `\0\ud800${'x'.repeat(10_000)}` })]);
    expect(said.length).toBeLessThan(1300);
    expect(said.startsWith('\ufffd\ufffdx')).toBe(true);
  });
});

describe('what is stored', () => {
  it('of an earlier version is a sentence, and stays one', () => {
    expect(toldOf('The vault is away.')).toEqual({ detail: 'The vault is away.' });
    expect(toldOf('[{"code":"never heard of","facts":{}}]')).toEqual({
      detail: '[{"code":"never heard of","facts":{}}]',
    });
    expect(storedFindings('[{"code":"size_same","facts":{"size":"many"}}]')).toBeUndefined();
    expect(storedFindings('[{"code":')).toBeUndefined();
  });

  it('comes back in English with its findings', () => {
    const found = [finding('vault_corrupt', { said: 'part 3' })];
    expect(toldOf(storeFindings(found))).toEqual({
      detail: 'What the vault holds is not what was stored. (part 3)',
      findings: found,
    });
  });

  it('has closed codes', () => {
    const codes: readonly FindingCode[] = findingCodes;
    expect(codes).toContain('digest_differs');
  });
});
