import i18next from 'i18next';
import { useTranslation } from 'react-i18next';

export const languages = ['zh-CN', 'en'] as const;
export type Language = (typeof languages)[number];

const place = 'fengcun.language';

/** The language the console is in now. */
export function useLanguage(): Language {
  return useTranslation().i18n.language === 'en' ? 'en' : 'zh-CN';
}

/** The same language by the name that the words of the contracts have it under. */
export const wordsIn = (language: Language): 'zh' | 'en' => (language === 'en' ? 'en' : 'zh');

/** Chinese unless this person, on this computer, chose otherwise. */
export function rememberedLanguage(): Language {
  const stored = localStorage.getItem(place);
  return languages.find((language) => language === stored) ?? 'zh-CN';
}

/** Switches the language of every text at once and remembers it. */
export async function switchLanguage(language: Language): Promise<void> {
  localStorage.setItem(place, language);
  document.documentElement.lang = language;
  await i18next.changeLanguage(language);
}
