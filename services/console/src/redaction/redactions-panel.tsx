import type { Evidence, RedactionSummary } from '@fengcun/contracts';
import { useQuery } from '@tanstack/react-query';
import { Progress } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useRuleWords } from '../access/marks.tsx';
import { client } from '../app/api/client.ts';
import { keys } from '../app/api/keys.ts';
import { ProblemNotice } from '../app/api/problem-notice.tsx';
import { mayCall, useMe } from '../app/session/use-session.ts';
import { LinkButton } from '../app/shell/link-button.tsx';
import { Panel } from '../app/shell/page.tsx';
import { When } from '../format/when.tsx';
import { isStill } from '../player/is-still.ts';
import { redactionLink } from './redaction-link.ts';
import { RedactionStateTag } from './state-tag.tsx';
import './redaction.css';

/** The item's redacted versions with their states, and the way to a new one. */
export function RedactionsPanel({ evidence }: { readonly evidence: Evidence }) {
  const { t } = useTranslation();
  const me = useMe();
  const rule = useRuleWords();
  const able = mayCall(me, 'listRedactions');
  const list = useQuery({
    queryKey: keys.redactions(evidence.id),
    queryFn: ({ signal }) =>
      client.call('listRedactions', { params: { id: evidence.id }, query: { limit: 20 }, signal }),
    refetchInterval: ({ state }) => (state.data?.items.some((each) => each.state === 'rendering') ? 5000 : false),
    enabled: able,
  });
  const recording = evidence.kind === 'video' || evidence.kind === 'audio' || isStill(evidence);
  if (!able || !recording || evidence.state !== 'sealed') return null;
  const items = list.data?.items ?? [];
  const { redact } = evidence.actions;
  return (
    <Panel
      title={t('redaction.title')}
      tools={
        redact.allowed &&
        evidence.disposedAt === undefined && (
          <LinkButton small to={redactionLink(evidence.id, null)}>
            {t('redaction.create')}
          </LinkButton>
        )
      }
    >
      {list.error && !list.data ? (
        <ProblemNotice error={list.error} />
      ) : items.length === 0 ? (
        <p className="quiet small panel-text">{t('redaction.none')}</p>
      ) : (
        <ul className="redaction-list" aria-live="polite">
          {items.map((redaction) => (
            <Row key={redaction.id} redaction={redaction} />
          ))}
        </ul>
      )}
      <p className="quiet small panel-note">
        {redact.allowed ? t('redaction.hint') : t('redaction.mayNot', { rule: rule(redact.rule) })}
      </p>
    </Panel>
  );
}

function Row({ redaction }: { readonly redaction: RedactionSummary }) {
  const { t } = useTranslation();
  const { name, state, version, marks, createdBy, render } = redaction;
  return (
    <li>
      <div className="redaction-row">
        <Link to={redactionLink(redaction.evidence, redaction.id)} aria-label={t('redaction.open', { name })}>
          {name}
        </Link>
        <RedactionStateTag state={state} />
      </div>
      {state === 'rendering' && render && (
        <Progress percent={render.percent} size="small" aria-label={t('redaction.rendering')} />
      )}
      <div className="quiet small redaction-facts">
        <span>{t('redaction.version', { version })}</span>
        <span>{t('redaction.marksCount', { count: marks })}</span>
        <span>{t('redaction.by', { name: createdBy.name })}</span>
        <When at={redaction.updatedAt} />
      </div>
    </li>
  );
}
