import type { CaseFile } from '@fengcun/contracts';
import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { caseRequestLink } from '../access/compose/items-in-address.ts';
import { client, problemIn } from '../app/api/client.ts';
import { keys } from '../app/api/keys.ts';
import { Loaded, Nothing } from '../app/api/page-state.tsx';
import { NotFoundPage } from '../app/not-found-page.tsx';
import { mayCall, useMe } from '../app/session/use-session.ts';
import { LinkButton } from '../app/shell/link-button.tsx';
import { Page, Panel } from '../app/shell/page.tsx';
import { Fact, Facts } from '../evidence/item/fact.tsx';
import { KindMark } from '../evidence/marks.tsx';
import { When } from '../format/when.tsx';
import { EditCase, SetCaseState } from './case-dialogs.tsx';
import { CaseHistory } from './case-history.tsx';
import { CaseState } from './cases-page.tsx';
import { OfficersPanel } from './officers-panel.tsx';
import './cases.css';

/** One case: what it is, who handles it, what belongs to it, and everything that happened to it. */
export function CasePage() {
  const { t } = useTranslation();
  const me = useMe();
  const { id = '' } = useParams();
  const file = useQuery({
    queryKey: keys.case(id),
    queryFn: ({ signal }) => client.call('getCase', { params: { id }, signal }),
    refetchOnMount: 'always',
  });
  const problem = file.error ? problemIn(file.error) : null;
  if (problem?.status === 404 || problem?.code === 'invalid_input') return <NotFoundPage />;
  const { data } = file;
  return (
    <Page
      title={data?.number ?? t('cases.title')}
      lead={data && <CaseState state={data.state} />}
      tools={
        <>
          {data && data.items > 0 && mayCall(me, 'createRequest') && (
            <LinkButton to={caseRequestLink(data.id)} primary>
              {t('cases.request')}
            </LinkButton>
          )}
          <LinkButton to="/cases">{t('common.back')}</LinkButton>
        </>
      }
    >
      <Loaded query={file} rows={10}>
        {(loaded) => (
          <div className="case-columns">
            <div className="stack">
              <FactsPanel file={loaded} />
              <ItemsPanel file={loaded} />
            </div>
            <div className="stack">
              <OfficersPanel file={loaded} />
              <CaseHistory file={loaded} />
            </div>
          </div>
        )}
      </Loaded>
    </Page>
  );
}

function FactsPanel({ file }: { readonly file: CaseFile }) {
  const { t } = useTranslation();
  const [doing, setDoing] = useState<'edit' | 'state' | null>(null);
  const stop = () => setDoing(null);
  return (
    <Panel
      title={t('cases.facts')}
      tools={
        file.actions.change && (
          <>
            <Button size="small" onClick={() => setDoing('edit')}>
              {t('cases.edit')}
            </Button>
            <Button size="small" onClick={() => setDoing('state')}>
              {t(file.state === 'open' ? 'cases.close' : 'cases.reopen')}
            </Button>
          </>
        )
      }
    >
      <Facts>
        <Fact name={t('cases.name')}>
          <span className="strong">{file.title}</span>
        </Fact>
        <Fact name={t('cases.subject')}>{file.subject ?? '—'}</Fact>
        <Fact name={t('cases.column.kind')}>{t(`cases.kind.${file.kind}`)}</Fact>
        <Fact name={t('cases.matter')}>{file.matter?.title ?? '—'}</Fact>
        <Fact name={t('cases.unit')}>{file.unit.name}</Fact>
        <Fact name={t('cases.opened')}>
          {file.openedBy.name} <When at={file.openedAt} />
        </Fact>
        {file.closedAt && (
          <Fact name={t('cases.closed')}>
            <When at={file.closedAt} />
          </Fact>
        )}
        {file.changed && (
          <Fact name={t('cases.changed')}>
            {file.changed.by.name} <When at={file.changed.at} />
          </Fact>
        )}
      </Facts>
      {doing === 'edit' && <EditCase file={file} onClose={stop} />}
      {doing === 'state' && <SetCaseState file={file} onClose={stop} />}
    </Panel>
  );
}

const shownItems = 8;

function ItemsPanel({ file }: { readonly file: CaseFile }) {
  const { t } = useTranslation();
  const me = useMe();
  const items = useQuery({
    queryKey: keys.caseItems(file.id),
    queryFn: ({ signal }) => client.call('listEvidence', { query: { case: file.id, limit: shownItems }, signal }),
    refetchOnMount: 'always',
  });
  return (
    <Panel
      title={t('cases.items.title')}
      tools={
        <>
          {mayCall(me, 'listRegister') && (
            <Link to={`/access/register?case=${file.id}`}>{t('cases.items.register')}</Link>
          )}
          <span className="quiet num">{t('common.items', { count: file.items })}</span>
        </>
      }
      flush
    >
      <Loaded query={items}>
        {({ items: rows }) =>
          rows.length === 0 ? (
            <Nothing title={t('cases.items.none')} hint={t('cases.items.noneHint')} />
          ) : (
            <>
              <ul className="rows">
                {rows.map((item) => (
                  <li key={item.id} className="case-item">
                    <KindMark kind={item.kind} />
                    <Link to={`/evidence/${item.id}`} className="two-lines" title={item.title ?? item.name}>
                      {item.title ?? item.name}
                    </Link>
                    <span className="quiet case-item-officer">{item.officer}</span>
                    <When at={item.capturedAt} />
                  </li>
                ))}
              </ul>
              <p className="panel-line case-items-all">
                <Link to={`/evidence?case=${file.id}`}>{t('cases.items.all', { count: file.items })}</Link>
              </p>
            </>
          )
        }
      </Loaded>
    </Panel>
  );
}
