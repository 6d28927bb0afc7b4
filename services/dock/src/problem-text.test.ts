import { expect, it } from 'vitest';
import { problemText } from './problem-text.ts';

it('tells a refusal in the words for its code, and what has no words in those of the server', () => {
  const revoked = { code: 'dock_revoked', detail: 'This dock was revoked.' };
  expect(problemText(revoked)).toEqual({ zh: expect.stringContaining('采集站已被吊销'), en: revoked.detail });
  for (const code of [undefined, 'of_tomorrow', 'constructor'])
    expect(problemText({ code, detail: 'No.' })).toEqual({ zh: 'No.', en: 'No.' });
});
