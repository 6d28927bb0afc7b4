import { type CaseFile, caseKinds } from '@fengcun/contracts';
import { useQuery } from '@tanstack/react-query';
import { Form, Select } from 'antd';
import type { TFunction } from 'i18next';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { client, problemIn } from '../app/api/client.ts';
import { keys } from '../app/api/keys.ts';
import { type ConflictField, ConflictNotice, merged } from '../app/dialog/conflict-notice.tsx';
import { FormDialog, TextField } from '../app/dialog/form-dialog.tsx';
import { UnitField } from '../app/dialog/unit-field.tsx';
import { useMe } from '../app/session/use-session.ts';

interface Facts {
  readonly title: string;
  readonly subject?: string;
  readonly kind: CaseFile['kind'];
  readonly matter?: string;
}

/** Opens a case file; its officers are chosen on its own page. */
export function CreateCase(props: { readonly onOpened: (file: CaseFile) => void; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const me = useMe();
  return (
    <FormDialog<Facts & { number: string; unit: string }, CaseFile>
      title={t('cases.add')}
      initial={{ unit: me.unit.id, kind: 'penalty' }}
      send={({ number, unit, title, subject, kind, matter }) =>
        client.call('createCase', {
          body: { number: number.trim(), unit, officers: [], ...factsOf({ title, subject, kind, matter }) },
        })
      }
      refresh={[keys.cases]}
      done={t('cases.added')}
      onDone={props.onOpened}
      onClose={props.onClose}
    >
      <TextField name="number" label={t('cases.number')} extra={t('cases.fixed')} maxLength={100} autoFocus />
      <UnitField name="unit" label={t('cases.unit')} />
      <FactFields />
    </FormDialog>
  );
}

/** Changes what a case file says. Whoever comes second sees what the first has changed, and goes on from there. */
export function EditCase({ file, onClose }: { readonly file: CaseFile; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const [read, setRead] = useState(file);
  return (
    <FormDialog<Facts>
      title={`${t('cases.edit')} · ${file.number}`}
      initial={fieldsOf(file)}
      send={(fields) =>
        client.call('changeCase', {
          params: { id: file.id },
          body: { basedOn: read.revision, state: read.state, ...factsOf(fields) },
        })
      }
      refresh={[keys.cases]}
      done={t('cases.saved')}
      explain={(error, form, forget) =>
        isConflict(error) && (
          <CaseConflict
            read={read}
            onMerge={(now) => {
              form.setFieldsValue(merged<Facts>(form.getFieldsValue(), fieldsOf(read), fieldsOf(now)));
              setRead(now);
              forget();
            }}
          />
        )
      }
      onClose={onClose}
    >
      <FactFields unit={file.unit.id} known={file.matter} />
    </FormDialog>
  );
}

/** Closes a case, or opens it again. */
export function SetCaseState({ file, onClose }: { readonly file: CaseFile; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const [read, setRead] = useState(file);
  const closes = file.state === 'open';
  return (
    <FormDialog<{ reason: string }>
      title={t(closes ? 'cases.closeTitle' : 'cases.reopenTitle', { number: file.number })}
      ok={t(closes ? 'cases.close' : 'cases.reopen')}
      send={({ reason }) =>
        client.call('changeCase', {
          params: { id: file.id },
          body: {
            basedOn: read.revision,
            title: read.title,
            subject: read.subject,
            state: closes ? 'closed' : 'open',
            reason: reason.trim(),
          },
        })
      }
      refresh={[keys.cases]}
      done={t(closes ? 'cases.closedDone' : 'cases.reopened')}
      explain={(error, _form, forget) =>
        isConflict(error) && (
          <CaseConflict
            read={read}
            onMerge={(now) => {
              setRead(now);
              forget();
            }}
          />
        )
      }
      onClose={onClose}
    >
      {closes && <p className="quiet">{t('cases.closeHint')}</p>}
      <TextField name="reason" label={t('cases.reason')} rows={2} autoFocus />
    </FormDialog>
  );
}

/** Whether a case was changed by somebody else since it was read. */
export const isConflict = (error: unknown): true | null => (problemIn(error).code === 'case_changed' ? true : null);

interface CaseConflictProps {
  readonly read: CaseFile;
  readonly onMerge: (now: CaseFile) => void;
}

/** What somebody else has made of the case since it was read. */
export function CaseConflict({ read, onMerge }: CaseConflictProps) {
  const { t } = useTranslation();
  const now = useQuery({
    queryKey: [...keys.case(read.id), 'since', read.revision],
    queryFn: ({ signal }) => client.call('getCase', { params: { id: read.id }, signal }),
    staleTime: 0,
    gcTime: 0,
  });
  return (
    <ConflictNotice
      read={read}
      now={now.data}
      fields={conflictFields(t)}
      onMerge={() => now.data && onMerge(now.data)}
    />
  );
}

const conflictFields = (t: TFunction): readonly ConflictField<CaseFile>[] => [
  { key: 'title', label: t('cases.name'), say: ({ title }) => title },
  { key: 'subject', label: t('cases.subject'), say: ({ subject }) => subject ?? t('cases.history.empty') },
  { key: 'kind', label: t('cases.column.kind'), say: ({ kind }) => t(`cases.kind.${kind}`) },
  { key: 'matter', label: t('cases.matter'), say: ({ matter }) => matter?.title ?? t('cases.history.empty') },
  { key: 'state', label: t('cases.column.state'), say: ({ state }) => t(`cases.state.${state}`) },
  {
    key: 'officers',
    label: t('cases.officers.title'),
    say: ({ officers }) => officers.map(({ name }) => name).join(t('common.listSeparator')) || t('cases.history.empty'),
  },
];

const fieldsOf = ({ title, subject, kind, matter }: CaseFile): Facts => ({
  title,
  kind,
  ...(subject === null ? {} : { subject }),
  ...(matter === null ? {} : { matter: matter.id }),
});

const factsOf = ({
  title,
  subject,
  kind,
  matter,
}: { [K in keyof Facts]: Facts[K] | undefined } & Pick<Facts, 'title' | 'kind'>) => ({
  title: title.trim(),
  subject: subject?.trim() || null,
  kind,
  matter: matter ?? null,
});

interface FactFieldsProps {
  /** whose catalogue the matter is from; left out: that of the unit chosen in the form */
  readonly unit?: string;
  readonly known?: CaseFile['matter'];
}

function FactFields({ unit, known = null }: FactFieldsProps) {
  const { t } = useTranslation();
  return (
    <>
      <TextField name="title" label={t('cases.name')} maxLength={200} />
      <TextField name="subject" label={t('cases.subject')} maxLength={200} optional />
      <Form.Item name="kind" label={t('cases.column.kind')} rules={[{ required: true, message: t('common.required') }]}>
        <Select options={caseKinds.map((kind) => ({ value: kind, label: t(`cases.kind.${kind}`) }))} />
      </Form.Item>
      <MatterField unit={unit} known={known} />
    </>
  );
}

function MatterField({ unit, known }: { readonly unit: string | undefined; readonly known: CaseFile['matter'] }) {
  const { t } = useTranslation();
  const form = Form.useFormInstance();
  const chosen: string | undefined = Form.useWatch('unit', form);
  const of = unit ?? chosen;
  const matters = useQuery({
    queryKey: keys.mattersOf(of ?? ''),
    queryFn: ({ signal }) => client.call('listMatters', { query: { unit: of ?? '' }, signal }),
    enabled: of !== undefined,
  });
  const options =
    matters.data?.items.map(({ id, stage, title }) => ({ value: id, label: `${stage} · ${title}` })) ?? [];
  const kept =
    known && !options.some(({ value }) => value === known.id) ? [{ value: known.id, label: known.title }] : [];
  return (
    <Form.Item name="matter" label={t('cases.matter')} extra={t('cases.matterHint')}>
      <Select
        allowClear
        showSearch={{ optionFilterProp: 'label' }}
        loading={matters.isFetching}
        options={[...kept, ...options]}
      />
    </Form.Item>
  );
}
