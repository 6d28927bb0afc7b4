import { useTranslation } from 'react-i18next';

/** The seal and the name. */
export function Brand() {
  const { t } = useTranslation();
  return (
    <div className="brand">
      <svg viewBox="0 0 32 32" width="30" height="30" aria-hidden="true">
        <rect x="1" y="1" width="30" height="30" rx="4" fill="none" stroke="#c9a24a" strokeWidth="1.5" />
        <path d="M11.5 15v-3a4.5 4.5 0 0 1 9 0v3" fill="none" stroke="#fff" strokeWidth="2" strokeLinecap="round" />
        <rect x="9" y="15" width="14" height="9.5" rx="1.5" fill="#fff" />
        <path d="m12.8 19.6 2.4 2.3 4-4.100" fill="none" stroke="#10264a" strokeWidth="1.8" strokeLinecap="round" />
      </svg>
      <span className="brand-name">{t('common.product')}</span>
    </div>
  );
}
