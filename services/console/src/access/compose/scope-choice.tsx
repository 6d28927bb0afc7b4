import { Segmented } from 'antd';
import { useTranslation } from 'react-i18next';

export type Scope = 'items' | 'case';

interface ScopeChoiceProps {
  readonly value: Scope;
  readonly onChange: (scope: Scope) => void;
}

/** Whether a request names recordings or a whole case. */
export function ScopeChoice({ value, onChange }: ScopeChoiceProps) {
  const { t } = useTranslation();
  return (
    <Segmented<Scope>
      size="small"
      aria-label={t('access.compose.scope')}
      value={value}
      onChange={onChange}
      options={[
        { value: 'items', label: t('access.compose.scopeItems') },
        { value: 'case', label: t('access.compose.scopeCase') },
      ]}
    />
  );
}
