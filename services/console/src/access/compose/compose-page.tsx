import type { AccessRequest } from '@fengcun/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Form } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useParams, useSearchParams } from 'react-router';
import { client, problemIn } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { Loaded } from '../../app/api/page-state.tsx';
import { ProblemNotice } from '../../app/api/problem-notice.tsx';
import { NotFoundPage } from '../../app/not-found-page.tsx';
import { mayCall, useMe, useSite } from '../../app/session/use-session.ts';
import { LinkButton } from '../../app/shell/link-button.tsx';
import { Page, Panel } from '../../app/shell/page.tsx';
import { ApplicantPanel } from './applicant-panel.tsx';
import { AssessmentPanel, deniedItems, useAssessment } from './assessment.tsx';
import { CasePanel } from './case-panel.tsx';
import { type DraftFields, draftOf, emptyFields, fieldsOf, freshId } from './draft.ts';
import { ItemList } from './item-list.tsx';
import { caseIn, itemsIn } from './items-in-address.ts';
import { OperationsPanel, PurposePanel } from './request-fields.tsx';
import { type KnownScan, Scans } from './scans.tsx';
import type { Scope } from './scope-choice.tsx';
import '../access.css';

/** Writes a new request; items may come with the address, from the page of an item or from a list. */
export function ComposePage() {
  const { t } = useTranslation();
  const me = useMe();
  const [search] = useSearchParams();
  if (!mayCall(me, 'createRequest')) return <NotFoundPage />;
  return (
    <Page title={t('access.compose.title')} tools={<LinkButton to="/access/mine">{t('common.cancel')}</LinkButton>}>
      <Compose draft={null} items={itemsIn(search)} file={caseIn(search)} />
    </Page>
  );
}

/** Goes on with a draft. */
export function EditPage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const request = useQuery({
    queryKey: keys.request(id),
    queryFn: ({ signal }) => client.call('getRequest', { params: { id }, signal }),
    refetchOnMount: 'always',
  });
  if (request.error && problemIn(request.error).status === 404) return <NotFoundPage />;
  if (request.data && !request.data.may.change) return <NotFoundPage />;
  return (
    <Page
      title={request.data ? t('access.compose.editTitle', { number: request.data.number }) : t('access.compose.title')}
      tools={<LinkButton to={`/access/requests/${id}`}>{t('common.cancel')}</LinkButton>}
    >
      <Loaded query={request} rows={12}>
        {(draft) => <Compose draft={draft} items={draft.case ? [] : draft.items.map((item) => item.id)} />}
      </Loaded>
    </Page>
  );
}

interface ComposeProps {
  readonly draft: AccessRequest | null;
  readonly items: readonly string[];
  /** the case that is asked for, where one came with the address */
  readonly file?: string | null;
}

function Compose({ draft, items: initially, file = null }: ComposeProps) {
  const { t } = useTranslation();
  const { timeZone } = useSite();
  const { message } = App.useApp();
  const me = useMe();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const [form] = Form.useForm<DraftFields>();
  // A lost answer must not make a second request of the same draft.
  const [clientId] = useState(freshId);
  const [items, setItems] = useState(initially);
  const [scope, setScope] = useState<Scope>(draft?.case || file ? 'case' : 'items');
  const [chosenCase, setChosenCase] = useState(draft?.case?.id ?? file);
  const caseId = scope === 'case' ? chosenCase : null;
  const [onBehalf, setOnBehalf] = useState(draft?.applicant != null);
  const [scans, setScans] = useState<readonly KnownScan[]>(draft?.attachments ?? []);
  const [sending, setSending] = useState(false);
  const registers = me.roles.some(({ role }) => role === 'archivist');
  const purpose = Form.useWatch('purpose', form);
  const operations = Form.useWatch('operations', form) ?? [];
  const applicant = Form.useWatch(['applicant', 'kind'], form);
  const nothing = scope === 'case' ? chosenCase === null : items.length === 0;
  const assessment = useAssessment(
    !nothing && purpose && operations.length > 0 && (!onBehalf || applicant)
      ? {
          ...(caseId === null ? { items: [...items] } : { case: caseId }),
          purpose,
          operations,
          applicant: onBehalf ? (applicant ?? null) : null,
        }
      : null,
  );
  const save = useMutation({
    mutationFn: async ({ fields, submit }: { fields: DraftFields; submit: boolean }) => {
      if (!fields.purpose) throw new Error('The form has a purpose once it is complete.');
      const attachments = onBehalf ? scans.map(({ kind, evidence }) => ({ kind, evidence })) : [];
      const parts = { fields: { ...fields, purpose: fields.purpose }, items, caseId, onBehalf, attachments };
      const body = draftOf(parts, timeZone);
      const saved = draft
        ? await client.call('changeRequest', { params: { id: draft.id }, body })
        : await client.call('createRequest', { body: { ...body, clientId } });
      queryClient.setQueryData(keys.request(saved.id), saved);
      // What still blocks it is shown on the request's own page.
      if (!submit || saved.blockers.length > 0) return { request: saved, submitted: false };
      return { request: await client.call('submitRequest', { params: { id: saved.id } }), submitted: true };
    },
    onSuccess: async ({ request, submitted }) => {
      queryClient.setQueryData(keys.request(request.id), request);
      await queryClient.invalidateQueries({ queryKey: keys.requests });
      message.success(submitted ? t('access.detail.submitted_') : t('access.compose.saved'));
      void navigate(`/access/requests/${request.id}`, { replace: draft === null });
    },
  });
  const send = async (submit: boolean) => {
    const fields = await form.validateFields().catch(() => null);
    if (fields) save.mutate({ fields, submit });
  };
  const refused = deniedItems(assessment.data).size > 0;
  return (
    <Form<DraftFields>
      form={form}
      layout="vertical"
      initialValues={draft ? fieldsOf(draft, timeZone) : emptyFields(timeZone)}
      requiredMark={false}
      scrollToFirstError
    >
      <div className="request-columns">
        <div className="stack">
          {scope === 'items' ? (
            <ItemList items={items} denied={deniedItems(assessment.data)} onChange={setItems} onScope={setScope} />
          ) : (
            <CasePanel
              value={chosenCase}
              assessment={nothing ? undefined : assessment.data}
              onChange={setChosenCase}
              onScope={setScope}
            />
          )}
          <PurposePanel />
          <OperationsPanel />
          {registers && (
            <ApplicantPanel on={onBehalf} onToggle={setOnBehalf}>
              <Scans
                scans={scans}
                onAdd={(scan) => setScans((known) => [...known, scan])}
                onRemove={(evidence) => setScans((known) => known.filter((scan) => scan.evidence !== evidence))}
                onBusy={setSending}
              />
            </ApplicantPanel>
          )}
        </div>
        <div className="stack compose-side">
          <AssessmentPanel query={assessment} />
          <Panel title={t('common.save')}>
            {save.error && <ProblemNotice error={save.error} />}
            <div className="compose-buttons">
              <Button
                type="primary"
                disabled={nothing || refused || sending}
                loading={save.isPending}
                onClick={() => void send(true)}
              >
                {t('access.compose.submit')}
              </Button>
              <Button disabled={nothing || sending} loading={save.isPending} onClick={() => void send(false)}>
                {t('access.compose.saveDraft')}
              </Button>
            </div>
          </Panel>
        </div>
      </div>
    </Form>
  );
}
