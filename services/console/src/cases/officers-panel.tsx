import { PlusOutlined } from '@ant-design/icons';
import type { CaseFile, CaseOfficer } from '@fengcun/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, DatePicker, Form } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import type { TFunction } from 'i18next';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../app/api/client.ts';
import { keys } from '../app/api/keys.ts';
import { Nothing } from '../app/api/page-state.tsx';
import { ProblemNotice } from '../app/api/problem-notice.tsx';
import { ColleagueField } from '../app/dialog/colleague-field.tsx';
import { useQuestion } from '../app/dialog/dialog.tsx';
import { FormDialog } from '../app/dialog/form-dialog.tsx';
import { useMe, useSite } from '../app/session/use-session.ts';
import { Panel } from '../app/shell/page.tsx';
import { formatInstant, instantOf } from '../format/instant.ts';
import { When } from '../format/when.tsx';
import { CaseConflict, isConflict } from './case-dialogs.tsx';

/** Who handles a case, since when and until when, and who said so. */
export function OfficersPanel({ file }: { readonly file: CaseFile }) {
  const { t } = useTranslation();
  const [doing, setDoing] = useState<CaseOfficer | 'add' | null>(null);
  const release = useRelease(file);
  return (
    <Panel
      title={t('cases.officers.title')}
      tools={
        file.actions.change && (
          <Button size="small" icon={<PlusOutlined aria-hidden="true" />} onClick={() => setDoing('add')}>
            {t('cases.officers.add')}
          </Button>
        )
      }
      flush
    >
      {release.error && <ProblemNotice error={release.error} />}
      {file.officers.length === 0 ? (
        <Nothing title={t('cases.officers.none')} hint={t('cases.officers.noneHint')} />
      ) : (
        <ul className="rows">
          {file.officers.map((officer) => (
            <OfficerRow
              key={officer.id}
              officer={officer}
              tools={
                file.actions.change && (
                  <span className="case-officer-tools">
                    <Button size="small" type="link" onClick={() => setDoing(officer)}>
                      {t('cases.officers.change')}
                    </Button>
                    <Button size="small" type="link" danger onClick={() => release.ask(officer)}>
                      {t('cases.officers.release')}
                    </Button>
                  </span>
                )
              }
            />
          ))}
        </ul>
      )}
      {doing && <AssignOfficer file={file} officer={doing === 'add' ? null : doing} onClose={() => setDoing(null)} />}
    </Panel>
  );
}

function OfficerRow({ officer, tools }: { readonly officer: CaseOfficer; readonly tools: React.ReactNode }) {
  const { t } = useTranslation();
  const { timeZone } = useSite();
  const { name, officerNumber, addedBy, addedAt, counts, id } = officer;
  return (
    <li className="case-officer">
      <div>
        <span className="strong">{name}</span> <span className="quiet num small">{officerNumber}</span>{' '}
        {!counts && (
          <span className="tag warn">{t(addedBy?.id === id ? 'cases.officers.own' : 'cases.officers.notNow')}</span>
        )}
        <div className="num small">{periodOf(officer, timeZone, t)}</div>
        <div className="quiet small">
          {addedBy ? t('cases.officers.addedBy', { name: addedBy.name }) : t('cases.officers.notKept')}{' '}
          {addedAt && <When at={addedAt} />}
        </div>
      </div>
      {tools}
    </li>
  );
}

/** A period in words; the site's time. */
export function periodOf(
  { from, until }: { readonly from: string | null; readonly until: string | null },
  timeZone: string,
  t: TFunction,
): string {
  const ends = [
    from && t('cases.officers.since', { from: formatInstant(from, timeZone) }),
    until && t('cases.officers.till', { until: formatInstant(until, timeZone) }),
  ].filter(Boolean);
  return ends.join(' ') || t('cases.officers.always');
}

interface Fields {
  readonly account: string;
  readonly from?: Dayjs | null;
  readonly until?: Dayjs | null;
}

const wall = 'YYYY-MM-DD HH:mm:ss';

interface AssignProps {
  readonly file: CaseFile;
  /** null: somebody who is not on the case yet */
  readonly officer: CaseOfficer | null;
  readonly onClose: () => void;
}

function AssignOfficer({ file, officer, onClose }: AssignProps) {
  const { t } = useTranslation();
  const me = useMe();
  const { timeZone } = useSite();
  const [read, setRead] = useState(file);
  const wallOf = (instant: string | null) => (instant === null ? null : dayjs(formatInstant(instant, timeZone)));
  const atWall = (value: Dayjs | null | undefined) => (value ? instantOf(value.format(wall), timeZone) : null);
  return (
    <FormDialog<Fields>
      title={officer ? `${t('cases.officers.change')} · ${officer.name}` : t('cases.officers.add')}
      initial={officer ? { account: officer.id, from: wallOf(officer.from), until: wallOf(officer.until) } : {}}
      send={({ account, from, until }) =>
        client.call('assignCaseOfficer', {
          params: { id: file.id, account: officer?.id ?? account },
          body: { basedOn: read.revision, from: atWall(from), until: atWall(until) },
        })
      }
      refresh={[keys.cases]}
      done={t(officer ? 'cases.officers.periodChanged' : 'cases.officers.assigned')}
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
      {(form) => (
        <>
          {officer === null && (
            <ColleagueField
              name="account"
              label={t('cases.officers.person')}
              unit={file.unit.id}
              without={file.officers.map(({ id }) => id)}
              autoFocus
            />
          )}
          <div className="form-pair">
            <Form.Item name="from" label={t('cases.officers.from')} extra={t('cases.officers.periodHint')}>
              <DatePicker showTime className="wide" />
            </Form.Item>
            <Form.Item name="until" label={t('cases.officers.until')}>
              <DatePicker showTime className="wide" />
            </Form.Item>
          </div>
          <Form.Item noStyle dependencies={['account']}>
            {() =>
              (officer?.id ?? form.getFieldValue('account')) === me.id && (
                <p className="warn">{t('cases.officers.self')}</p>
              )
            }
          </Form.Item>
        </>
      )}
    </FormDialog>
  );
}

function useRelease(file: CaseFile) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const question = useQuestion();
  const queryClient = useQueryClient();
  const release = useMutation({
    mutationFn: (officer: CaseOfficer) =>
      client.call('releaseCaseOfficer', {
        params: { id: file.id, account: officer.id },
        query: { basedOn: file.revision },
      }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: keys.cases }),
    onSuccess: () => void message.success(t('cases.officers.released')),
  });
  return {
    error: release.error,
    ask: (officer: CaseOfficer) =>
      question({
        title: t('cases.officers.releaseConfirm', { name: officer.name }),
        hint: t('cases.officers.releaseHint'),
        ok: t('cases.officers.release'),
        danger: true,
        onOk: () => release.mutateAsync(officer),
      }),
  };
}
