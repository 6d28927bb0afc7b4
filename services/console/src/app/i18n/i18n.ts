import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { en, zh } from './dictionary.ts';
import { rememberedLanguage } from './language.ts';

/** Starts translation with the remembered language; both dictionaries are in the bundle, so this is immediate. */
export async function startTranslation(): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: rememberedLanguage(),
    fallbackLng: 'zh-CN',
    resources: { 'zh-CN': { translation: zh }, en: { translation: en } },
    // React escapes.
    interpolation: { escapeValue: false },
  });
  document.documentElement.lang = i18next.language;
}
