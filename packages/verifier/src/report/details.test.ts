import { expect, it } from 'vitest';
import { detailWords, say } from './details.ts';

const factsOf = (words: string) => [...words.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

it.each(Object.entries(detailWords))('%s says the same facts in both languages', (code, { zh, en }) => {
  expect(zh).not.toBe('');
  expect(en).not.toMatch(/\p{Script=Han}/u);
  // Where an entry cannot be parsed, the parser's own words are all there is in English too.
  expect(factsOf(zh)).toEqual(factsOf(en));
  expect(code).toMatch(/^[a-z_]+$/);
});

it('a detail has its facts for programs and its words for people', () => {
  expect(say('read_back_short', { read: 5, size: 7 })).toEqual({
    code: 'read_back_short',
    facts: { read: 5, size: 7 },
    text: { zh: '封存时只回读了 5 字节，应为 7 字节', en: 'only 5 of 7 bytes were read back at sealing' },
  });
});
