import type { Account } from '@fengcun/contracts';
import { useTranslation } from 'react-i18next';

/** In use, disabled, or closed for a while after too many failures. */
export function AccountState({ account }: { readonly account: Account }) {
  const { t } = useTranslation();
  if (account.disabled) return <span className="tag plain">{t('admin.people.state.disabled')}</span>;
  if (isLocked(account)) return <span className="tag danger">{t('admin.people.state.locked')}</span>;
  return <span className="tag good">{t('admin.people.state.active')}</span>;
}

export function isLocked({ lockedUntil }: Account): boolean {
  return lockedUntil !== null && Date.parse(lockedUntil) > Date.now();
}

export function FactorState({ account }: { readonly account: Account }) {
  const { t } = useTranslation();
  const { enrolled, required } = account.secondFactor;
  if (enrolled) return <span className="good">{t('admin.people.factor.on')}</span>;
  return required ? (
    <span className="warn">{t('admin.people.factor.missing')}</span>
  ) : (
    <span className="quiet">{t('admin.people.factor.off')}</span>
  );
}
