import type { AccessRequest } from '@fengcun/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { client, problemIn } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { Loaded } from '../../app/api/page-state.tsx';
import { ProblemNotice } from '../../app/api/problem-notice.tsx';
import { fadesIn, useQuestion } from '../../app/dialog/dialog.tsx';
import { NotFoundPage } from '../../app/not-found-page.tsx';
import { useMe } from '../../app/session/use-session.ts';
import { LinkButton } from '../../app/shell/link-button.tsx';
import { Page, Panel } from '../../app/shell/page.tsx';
import { When } from '../../format/when.tsx';
import { GrantCard } from '../grants/grant-card.tsx';
import { RequestStateTag, UrgentMark } from '../marks.tsx';
import { AttachmentsPanel } from './attachments-panel.tsx';
import { DecisionPanel } from './decision-panel.tsx';
import { DecisionsPanel } from './decisions-panel.tsx';
import { EarlierPanel } from './earlier-panel.tsx';
import { HistoryPanel } from './history-panel.tsx';
import { ItemsPanel } from './items-panel.tsx';
import { RequestFacts } from './request-facts.tsx';
import '../access.css';

/** One request with all that is needed to decide it, on one page; for its author, how far it has come. */
export function RequestPage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const me = useMe();
  const request = useQuery({
    queryKey: keys.request(id),
    queryFn: ({ signal }) => client.call('getRequest', { params: { id }, signal }),
    // A scan is sealed moments after it arrived, and nothing tells this page so.
    refetchInterval: ({ state }) =>
      state.data?.state === 'draft' && state.data.blockers.includes('attachments_not_sealed') ? 2000 : false,
  });
  const problem = request.error ? problemIn(request.error) : null;
  if (problem?.status === 404 || problem?.code === 'invalid_input') return <NotFoundPage />;
  const { data } = request;
  const back = data && data.requester.id !== me.id ? '/access/to-decide' : '/access/mine';
  return (
    <Page
      title={data ? t('access.requestTitle', { number: data.number }) : t('access.title')}
      lead={
        data && (
          <>
            {data.kind === 'urgent' && <UrgentMark />}
            <RequestStateTag request={data} />
          </>
        )
      }
      tools={
        <>
          {data && <AuthorTools request={data} />}
          <LinkButton to={back}>{t('common.back')}</LinkButton>
        </>
      }
    >
      <Loaded query={request} rows={12}>
        {(loaded) => <RequestPanels key={loaded.id} request={loaded} mine={loaded.requester.id === me.id} />}
      </Loaded>
    </Page>
  );
}

function RequestPanels({ request, mine }: { readonly request: AccessRequest; readonly mine: boolean }) {
  const { t } = useTranslation();
  const decides = request.may.decideAs.length > 0;
  return (
    <>
      <Banners request={request} mine={mine} />
      <div className="request-columns">
        <div className="stack">
          <RequestFacts request={request} />
          <ItemsPanel request={request} />
          <AttachmentsPanel request={request} />
          {request.earlier.length > 0 && <EarlierPanel earlier={request.earlier} />}
        </div>
        <div className="stack">
          {decides && <DecisionPanel request={request} />}
          {request.grant && (
            <Panel title={t('access.detail.grant')} flush>
              <GrantCard grant={request.grant} revocable={request.may.revoke} items={request.items} />
            </Panel>
          )}
          <DecisionsPanel request={request} />
          {/* For whoever decides; the server keeps it from everybody else. */}
          {decides && <HistoryPanel request={request.id} />}
        </div>
      </div>
    </>
  );
}

function Banners({ request, mine }: { readonly request: AccessRequest; readonly mine: boolean }) {
  const { t } = useTranslation();
  const { urgent, state, blockers } = request;
  return (
    <>
      {urgent?.violatedAt ? (
        <Alert
          className="banner"
          type="error"
          showIcon
          title={t('access.detail.violated')}
          description={<When at={urgent.violatedAt} />}
        />
      ) : (
        urgent &&
        (state === 'submitted' || state === 'escalated') && (
          <Alert
            className="banner"
            type="warning"
            showIcon
            title={t('access.detail.urgentBanner', { name: urgent.approver.name })}
            description={
              <>
                {t('access.detail.dueUrgent')} <When at={urgent.confirmBy} />
              </>
            }
          />
        )
      )}
      {mine && state === 'draft' && blockers.length > 0 && (
        <Alert
          className="banner"
          type="warning"
          showIcon
          title={t('access.detail.blockers')}
          description={
            <ul className="plain-list">
              {blockers.map((blocker) => (
                <li key={blocker}>{t(`access.detail.blocker.${blocker}`)}</li>
              ))}
            </ul>
          }
        />
      )}
    </>
  );
}

/** What its author may do with a request: finish it, send it, take it back. */
function AuthorTools({ request }: { readonly request: AccessRequest }) {
  const { t } = useTranslation();
  const { message, modal } = App.useApp();
  const question = useQuestion();
  const queryClient = useQueryClient();
  const { id, may, blockers } = request;
  const after = (words: string) => async (changed: AccessRequest) => {
    queryClient.setQueryData(keys.request(id), changed);
    await queryClient.invalidateQueries({ queryKey: keys.requests });
    message.success(words);
  };
  const refused = (error: unknown) =>
    void modal.error({ ...fadesIn, title: null, icon: null, content: <ProblemNotice error={error} /> });
  const submit = useMutation({
    mutationFn: () => client.call('submitRequest', { params: { id } }),
    onSuccess: after(t('access.detail.submitted_')),
    onError: refused,
  });
  const withdraw = useMutation({
    mutationFn: () => client.call('withdrawRequest', { params: { id } }),
    onSuccess: after(t('access.detail.withdrawn')),
    onError: refused,
  });
  const askToWithdraw = () =>
    question({
      title: t('access.detail.withdrawConfirm'),
      hint: t('access.detail.withdrawHint'),
      ok: t('access.detail.withdraw'),
      danger: true,
      onOk: () => withdraw.mutateAsync(),
    });
  return (
    <>
      {may.withdraw && <Button onClick={askToWithdraw}>{t('access.detail.withdraw')}</Button>}
      {may.change && <LinkButton to={`/access/requests/${id}/edit`}>{t('access.detail.edit')}</LinkButton>}
      {may.submit && (
        <Button
          type="primary"
          disabled={blockers.length > 0}
          loading={submit.isPending}
          onClick={() => submit.mutate()}
        >
          {t('access.detail.submit')}
        </Button>
      )}
    </>
  );
}
