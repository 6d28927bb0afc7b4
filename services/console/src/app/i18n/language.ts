import i18next from 'i18next';

export const languages = ['zh-CN', 'en'] as const;
export type Language = (typeof languages)[number];

const place = 'fengcun.language';

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
