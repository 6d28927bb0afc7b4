import { problemSentencesZh } from '@fengcun/contracts';
import type { Text } from './errors.ts';

/** What a server refused, for who reads Chinese by its closed code, and in the server's own words otherwise: these know more. */
export function problemText(problem: { readonly code?: string | undefined; readonly detail: string }): Text {
  const sentences: Readonly<Record<string, string>> = problemSentencesZh;
  const { code = '', detail } = problem;
  return { zh: Object.hasOwn(sentences, code) ? (sentences[code] ?? detail) : detail, en: detail };
}
