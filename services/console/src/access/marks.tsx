import type { CallReply, Operation } from '@fengcun/contracts';
import { useTranslation } from 'react-i18next';
import { policyZh } from './words.ts';

export type RequestSummary = CallReply<'listRequests'>['items'][number];
export type RequestState = RequestSummary['state'];
export type GrantState = CallReply<'listGrants'>['items'][number]['state'];

const requestTones: Record<RequestState, string> = {
  draft: 'plain',
  submitted: 'info',
  escalated: 'warn',
  approved: 'good',
  refused: 'danger',
  withdrawn: 'plain',
  expired: 'plain',
};

export function RequestStateTag({ request }: { readonly request: Pick<RequestSummary, 'state' | 'kind'> }) {
  const { t } = useTranslation();
  const { state, kind } = request;
  const urgent = kind === 'urgent';
  const tone = urgent && (state === 'expired' || state === 'submitted') ? 'danger' : requestTones[state];
  return <span className={`tag ${tone}`}>{t(`access.${urgent ? 'urgentState' : 'state'}.${state}`)}</span>;
}

/** Opened before anybody approved. */
export function UrgentMark() {
  const { t } = useTranslation();
  return <span className="tag danger">{t('access.kind.urgent')}</span>;
}

const grantTones: Record<GrantState, string> = { waiting: 'info', live: 'good', expired: 'plain', revoked: 'danger' };

export function GrantStateTag({ state }: { readonly state: GrantState }) {
  const { t } = useTranslation();
  return <span className={`tag ${grantTones[state]}`}>{t(`access.grantState.${state}`)}</span>;
}

export function Operations({ operations }: { readonly operations: readonly Operation[] }) {
  const { t } = useTranslation();
  return operations.map((operation) => t(`policy.operation.${operation}`)).join(t('common.listSeparator'));
}

/** A rule of the matrix in words; what the bureau named itself is shown as it is. */
export function useRuleWords(): (rule: string) => string {
  const { t } = useTranslation();
  return (rule) => (isKnownRule(rule) ? t(`policy.rule.${rule}`) : rule);
}

function isKnownRule(rule: string): rule is keyof typeof policyZh.rule {
  return Object.hasOwn(policyZh.rule, rule);
}

/** Roles in words, one after another. */
export function useRoleWords(): (roles: readonly CallReply<'whoAmI'>['roles'][number]['role'][]) => string {
  const { t } = useTranslation();
  return (roles) => roles.map((role) => t(`common.role.${role}`)).join(t('common.listSeparator'));
}
