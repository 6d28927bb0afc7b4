import type { Problem } from '@fengcun/contracts';
import { useTranslation } from 'react-i18next';
import { useLanguage } from '../i18n/language.ts';
import { problemEn, problemZh } from './text.ts';

export interface ProblemText {
  readonly title: string;
  readonly sentence: string;
  /** what to quote when asking for help; null when the server gave no number */
  readonly reference: string | null;
}

/**
 * Puts a problem document into the reader's language. English shows the server's own words, which know more; Chinese shows our sentence
 * for the code, and the server's where we have none.
 */
export function useProblemText(): (problem: Problem) => ProblemText {
  const { t } = useTranslation();
  const chinese = useLanguage() === 'zh-CN';
  return (problem) => {
    const ours = sentenceOf(problem.code, chinese);
    const fromServer = problem.status > 0 && problem.code !== 'unexpected_reply';
    return {
      title: chinese || !fromServer ? t('problem.title') : problem.title,
      sentence: chinese ? (ours ?? problem.detail) : fromServer ? problem.detail : (ours ?? problem.detail),
      reference: problem.requestId ? `${t('problem.reference')} ${problem.requestId} · ${problem.code}` : null,
    };
  };
}

function sentenceOf(code: string, chinese: boolean): string | undefined {
  const sentences: Readonly<Record<string, string>> = chinese ? problemZh.sentence : problemEn.sentence;
  return sentences[code];
}
