import { problemSentencesEn, problemSentencesZh } from '@fengcun/contracts';
import type { Wording } from '../i18n/text.ts';

/** Problem codes in words. English falls back to the server's own sentence, so only Chinese has the full list. */
export const problemZh = {
  title: '操作没有成功',
  reference: '请求编号',
  code: '代码',
  sentence: problemSentencesZh,
} as const;

export const problemEn: Wording<typeof problemZh> = {
  title: 'That did not work',
  reference: 'Request',
  code: 'Code',
  sentence: problemSentencesEn,
};
