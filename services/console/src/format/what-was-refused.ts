import { valueWord } from '@fengcun/contracts';
import { type Language, wordsIn } from '../app/i18n/language.ts';

/** What somebody asked for and was refused; null when the event is no refusal. */
export function whatWasRefused(type: string, data: unknown, language: Language): string | null {
  if (type !== 'access.denied' || typeof data !== 'object' || data === null || !('route' in data)) return null;
  return typeof data.route === 'string' ? valueWord(type, 'route', data.route, wordsIn(language)) : null;
}
