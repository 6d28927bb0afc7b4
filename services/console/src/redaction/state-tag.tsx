import type { RedactionState } from '@fengcun/contracts';
import { useTranslation } from 'react-i18next';

const tones: Readonly<Record<RedactionState, string>> = {
  draft: 'plain',
  rendering: 'info',
  ready: 'warn',
  failed: 'danger',
  approved: 'good',
  rejected: 'danger',
  withdrawn: 'plain',
};

export function RedactionStateTag({ state }: { readonly state: RedactionState }) {
  const { t } = useTranslation();
  return <span className={`tag ${tones[state]}`}>{t(`redaction.state.${state}`)}</span>;
}
