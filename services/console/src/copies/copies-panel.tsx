import type { CopyOperation, Evidence, ItemPermission } from '@fengcun/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { requestLink } from '../access/compose/items-in-address.ts';
import { useRoleWords, useRuleWords } from '../access/marks.tsx';
import { client } from '../app/api/client.ts';
import { keys } from '../app/api/keys.ts';
import { ProblemNotice } from '../app/api/problem-notice.tsx';
import { mayCall, useMe, useSite } from '../app/session/use-session.ts';
import { LinkButton } from '../app/shell/link-button.tsx';
import { Panel } from '../app/shell/page.tsx';
import { formatInstant } from '../format/instant.ts';
import { AskDialog } from './ask-dialog.tsx';
import { CopyList } from './copy-list.tsx';
import './copies.css';

const offered = ['download_proxy', 'disclose', 'package', 'publish'] as const;

/** What of the item may leave the house, why or why not, and the copies that were made for the reader. */
export function CopiesPanel({ evidence }: { readonly evidence: Evidence }) {
  const { t } = useTranslation();
  const me = useMe();
  if (!mayCall(me, 'startCopy')) return null;
  return (
    <Panel title={t('copies.title')}>
      <ul className="copies-ways">
        {offered.map((operation) => (
          <Way key={operation} evidence={evidence} operation={operation} />
        ))}
      </ul>
      <CopyList evidence={evidence.id} />
      <p className="quiet small panel-note">{t('copies.hint')}</p>
    </Panel>
  );
}

function Way({ evidence, operation }: { readonly evidence: Evidence; readonly operation: CopyOperation }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const queryClient = useQueryClient();
  const [asking, setAsking] = useState(false);
  const why = useReason(evidence, operation);
  const permission = evidence.actions[operation];
  const make = useMutation({
    mutationFn: (more: { recipient?: string; purpose?: ItemPermission['purposes'][number] }) =>
      client.call('startCopy', {
        params: { id: evidence.id },
        body: { operation, clientId: crypto.randomUUID(), ...more },
      }),
    onSuccess: async () => {
      setAsking(false);
      message.success(t('copies.asked'));
      await queryClient.invalidateQueries({ queryKey: keys.issuedCopies(evidence.id) });
      await queryClient.invalidateQueries({ queryKey: keys.custody(evidence.id) });
    },
  });
  const able = (permission.allowed || permission.purposes.length > 0) && blockedBy(evidence, operation) === null;
  const asksMore = operation === 'disclose' || !permission.allowed;
  return (
    <li>
      <div className="copies-way">
        <div>
          <div className="strong">{t(`copies.what.${operation}`)}</div>
          <div className="quiet small">{why}</div>
        </div>
        {able ? (
          <Button
            size="small"
            type="primary"
            loading={make.isPending}
            aria-label={`${t('copies.make')} ${t(`copies.what.${operation}`)}`}
            onClick={() => (asksMore ? setAsking(true) : make.mutate({}))}
          >
            {t('copies.make')}
          </Button>
        ) : (
          permission.outcome === 'needApproval' &&
          blockedBy(evidence, operation) === null && (
            <LinkButton small to={requestLink([evidence.id])}>
              {t('copies.request')}
            </LinkButton>
          )
        )}
      </div>
      {make.error && !asking && <ProblemNotice error={make.error} />}
      {asking && (
        <AskDialog
          operation={operation}
          purposes={permission.allowed ? [] : permission.purposes}
          send={(more) => make.mutateAsync(more)}
          onClose={() => setAsking(false)}
        />
      )}
    </li>
  );
}

/** What about the item itself stands in the way, whatever the rules say. */
function blockedBy(evidence: Evidence, operation: CopyOperation): 'notSealed' | 'nothing' | null {
  if (operation === 'package' || operation === 'download_original') {
    return evidence.state === 'sealed' ? null : 'notSealed';
  }
  return evidence.kind === 'document' || evidence.kind === 'other' ? 'nothing' : null;
}

function useReason(evidence: Evidence, operation: CopyOperation): string {
  const { t } = useTranslation();
  const { timeZone } = useSite();
  const rule = useRuleWords();
  const roles = useRoleWords();
  const permission = evidence.actions[operation];
  const blocked = blockedBy(evidence, operation);
  if (blocked) return t(`copies.${blocked}`);
  if (operation === 'publish' && permission.rule === 'publish_redacted_only') return t('copies.noRedacted');
  if (permission.allowed) {
    const { grant } = permission;
    if (!grant) return t('copies.allowed', { rule: rule(permission.rule) });
    const until = formatInstant(grant.until, timeZone);
    return grant.usesLeft === null
      ? t('copies.granted', { until })
      : t('copies.grantedUses', { until, uses: grant.usesLeft });
  }
  if (permission.purposes.length > 0) return t('copies.purposes');
  if (permission.outcome === 'needApproval') {
    return t('copies.needed', { roles: roles(permission.approvers), rule: rule(permission.rule) });
  }
  return t('copies.denied', { rule: rule(permission.rule) });
}
