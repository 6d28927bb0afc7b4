import { useTranslation } from 'react-i18next';
import { CaseFilter } from '../../app/list/select-filter.tsx';
import { Panel } from '../../app/shell/page.tsx';
import { CaseLeft } from '../case-left.tsx';
import type { Assessment } from './assessment.tsx';
import { type Scope, ScopeChoice } from './scope-choice.tsx';

interface CasePanelProps {
  readonly value: string | null;
  readonly assessment: Assessment | undefined;
  readonly onChange: (id: string | null) => void;
  readonly onScope: (scope: Scope) => void;
}

/** The case that a request is written for, instead of items. */
export function CasePanel({ value, assessment, onChange, onScope }: CasePanelProps) {
  const { t } = useTranslation();
  return (
    <Panel title={t('access.compose.items')} tools={<ScopeChoice value="case" onChange={onScope} />}>
      <CaseFilter
        label={t('access.compose.caseChoose')}
        value={value ?? undefined}
        onChange={(id) => onChange(id ?? null)}
      />
      <p className="quiet panel-text">{t('access.compose.wholeCaseHint')}</p>
      {value !== null && assessment?.left && (
        <div aria-live="polite">
          <p className="strong panel-text">{t('access.compose.caseItems', { count: assessment.items.length })}</p>
          <CaseLeft left={assessment.left} />
        </div>
      )}
    </Panel>
  );
}
