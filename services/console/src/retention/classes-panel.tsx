import { PlusOutlined } from '@ant-design/icons';
import type { RetentionClass } from '@fengcun/contracts';
import { Button, Table, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../app/api/client.ts';
import { Loaded } from '../app/api/page-state.tsx';
import { FormDialog, TextField } from '../app/dialog/form-dialog.tsx';
import { mayCall, useMe } from '../app/session/use-session.ts';
import { Panel } from '../app/shell/page.tsx';
import { retentionKeys, useRetentionRules, useTermWords } from './queries.ts';

/** The classes, and what each kind is sealed under. */
export function ClassesPanel() {
  const { t } = useTranslation();
  const me = useMe();
  const rules = useRetentionRules();
  const words = useTermWords();
  const [editing, setEditing] = useState<RetentionClass | 'new' | null>(null);
  const mayEdit = mayCall(me, 'saveRetentionClass');
  const kindsOf = (code: string) =>
    (rules.data?.defaults ?? []).filter((each) => each.class === code).map(({ kind }) => t(`retention.kind.${kind}`));
  const columns: TableColumnsType<RetentionClass> = [
    { title: t('retention.rules.code'), key: 'code', width: 110, render: (_, { code }) => <code>{code}</code> },
    {
      title: t('retention.rules.name'),
      key: 'name',
      render: (_, { name, retired }) => (
        <>
          {name} {retired && <span className="tag plain">{t('retention.rules.retired')}</span>}
        </>
      ),
    },
    { title: t('retention.rules.term'), key: 'term', width: 110, render: (_, { term }) => words(term) },
    {
      title: t('retention.rules.default'),
      key: 'default',
      render: (_, { code }) => <span className="quiet small">{kindsOf(code).join(' · ')}</span>,
    },
    ...(mayEdit
      ? [
          {
            title: <span className="visually-hidden">{t('retention.rules.change')}</span>,
            key: 'change',
            width: 80,
            render: (_: unknown, row: RetentionClass) => (
              <Button size="small" type="link" onClick={() => setEditing(row)}>
                {t('retention.rules.change')}
              </Button>
            ),
          },
        ]
      : []),
  ];
  return (
    <Panel
      title={t('retention.rules.title')}
      tools={
        mayEdit && (
          <Button size="small" icon={<PlusOutlined aria-hidden="true" />} onClick={() => setEditing('new')}>
            {t('retention.rules.add')}
          </Button>
        )
      }
      flush
    >
      <Loaded query={rules}>
        {({ classes }) => (
          <Table<RetentionClass> rowKey="code" size="small" columns={columns} dataSource={classes} pagination={false} />
        )}
      </Loaded>
      {editing && <ClassDialog editing={editing} onClose={() => setEditing(null)} />}
    </Panel>
  );
}

interface Fields {
  readonly code: string;
  readonly name: string;
  readonly term: string;
}

function ClassDialog({ editing, onClose }: { readonly editing: RetentionClass | 'new'; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const known = editing === 'new' ? null : editing;
  return (
    <FormDialog<Fields>
      title={known ? `${t('retention.rules.change')} ${known.name}` : t('retention.rules.add')}
      initial={known ?? {}}
      send={({ code, name, term }) =>
        client.call('saveRetentionClass', {
          params: { code: known?.code ?? code },
          body: { name: name.trim(), term: term.trim() },
        })
      }
      refresh={[retentionKeys.rules]}
      done={t('retention.rules.saved')}
      onClose={onClose}
    >
      <p>{t('retention.rules.hint')}</p>
      {!known && (
        <TextField
          name="code"
          label={t('retention.rules.code')}
          maxLength={32}
          autoFocus
          pattern={{ value: /^[A-Za-z][A-Za-z0-9_-]{0,31}$/, message: t('retention.rules.codeInvalid') }}
        />
      )}
      <TextField name="name" label={t('retention.rules.name')} maxLength={100} />
      <TextField
        name="term"
        label={t('retention.rules.termLabel')}
        maxLength={10}
        pattern={{
          value: /^(P([1-9][0-9]{0,3}[DM]|[1-9][0-9]{0,2}Y)|permanent)$/,
          message: t('retention.rules.termInvalid'),
        }}
      />
    </FormDialog>
  );
}
