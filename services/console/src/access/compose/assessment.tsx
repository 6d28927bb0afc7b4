import type { CallInput, CallReply } from '@fengcun/contracts';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Alert, Spin } from 'antd';
import { useTranslation } from 'react-i18next';
import { client } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { ProblemNotice } from '../../app/api/problem-notice.tsx';
import { Panel } from '../../app/shell/page.tsx';
import { useRoleWords, useRuleWords } from '../marks.tsx';

export type AssessmentInput = CallInput<'assessRequest'>['body'];
export type Assessment = CallReply<'assessRequest'>;

/** What the rules say to a request before it is written. Asks again whenever what matters for the answer changes. */
export function useAssessment(input: AssessmentInput | null) {
  return useQuery({
    queryKey: keys.assessment(input ?? {}),
    queryFn: ({ signal }) => client.call('assessRequest', { body: input as AssessmentInput, signal }),
    enabled: input !== null,
    placeholderData: keepPreviousData,
  });
}

/** Items of which some operation is forbidden. */
export function deniedItems(assessment: Assessment | undefined): ReadonlySet<string> {
  const denied = assessment?.items.filter(({ outcomes }) => outcomes.some(({ outcome }) => outcome === 'deny')) ?? [];
  return new Set(denied.map(({ id }) => id));
}

/** Who will have to say yes, and who could, shown while one writes. */
export function AssessmentPanel({ query }: { readonly query: ReturnType<typeof useAssessment> }) {
  const { t } = useTranslation();
  const { data, error, isFetching } = query;
  return (
    <Panel title={t('access.compose.assess')} tools={isFetching && <Spin size="small" />}>
      <div aria-live="polite">
        {error ? (
          <ProblemNotice error={error} />
        ) : data ? (
          <Answer assessment={data} />
        ) : (
          <p className="quiet panel-text">{t('access.compose.assessHint')}</p>
        )}
      </div>
    </Panel>
  );
}

function Answer({ assessment }: { readonly assessment: Assessment }) {
  const { t } = useTranslation();
  const roleWords = useRoleWords();
  const ruleWords = useRuleWords();
  const { items, needed, approvers } = assessment;
  const denied = deniedItems(assessment);
  const rules = [...new Set(items.flatMap(({ outcomes }) => outcomes.map(({ rule }) => rule)))];
  return (
    <>
      {denied.size > 0 ? (
        <Alert
          type="error"
          showIcon
          title={t('access.compose.assessDenied')}
          description={t('access.compose.deniedItems', { count: denied.size })}
        />
      ) : needed.length === 0 ? (
        <Alert type="info" showIcon title={t('access.compose.assessNone')} />
      ) : (
        <p className="strong panel-text">{t('access.compose.assessNeeded', { roles: roleWords(needed) })}</p>
      )}
      <ul className="plain-list quiet small assessed-rules">
        {rules.map((rule) => (
          <li key={rule}>{ruleWords(rule)}</li>
        ))}
      </ul>
      {denied.size === 0 && needed.length > 0 && (
        <>
          <h3 className="panel-sub">{t('access.compose.assessApprovers')}</h3>
          {approvers.length === 0 ? (
            <p className="warn panel-text">{t('access.compose.assessApproversNone')}</p>
          ) : (
            <ul className="plain-list">
              {approvers.slice(0, 12).map((person) => (
                <li key={`${person.id}${person.role}`}>
                  {person.name}{' '}
                  <span className="quiet">
                    {t(`common.role.${person.role}`)} · {person.unit.name}
                  </span>
                </li>
              ))}
            </ul>
          )}
        </>
      )}
    </>
  );
}
