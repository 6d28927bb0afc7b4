import { PlusOutlined } from '@ant-design/icons';
import { type Matter, type MatterBody, matterLevels } from '@fengcun/contracts';
import { useQuery } from '@tanstack/react-query';
import { Button, Form, Select, Table, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../app/api/client.ts';
import { Loaded, Nothing } from '../app/api/page-state.tsx';
import { FormDialog, TextField } from '../app/dialog/form-dialog.tsx';
import { UnitField } from '../app/dialog/unit-field.tsx';
import { mayCall, useMe } from '../app/session/use-session.ts';
import { Panel } from '../app/shell/page.tsx';
import { ClassField } from './class-field.tsx';
import { retentionKeys, useRetentionRules } from './queries.ts';

/** 音像记录事项清单: what must be recorded, how, and how long it is kept. */
export function MattersPanel() {
  const { t } = useTranslation();
  const me = useMe();
  const rules = useRetentionRules();
  const [editing, setEditing] = useState<Matter | 'new' | null>(null);
  const [retiring, setRetiring] = useState<Matter | null>(null);
  const matters = useQuery({
    queryKey: retentionKeys.matters,
    queryFn: ({ signal }) => client.call('listMatters', { signal }),
  });
  const nameOf = (code: string) => rules.data?.classes.find((each) => each.code === code)?.name ?? code;
  const mayEdit = mayCall(me, 'createMatter');
  const columns: TableColumnsType<Matter> = [
    { title: t('retention.matters.stage'), key: 'stage', dataIndex: 'stage', width: 120 },
    {
      title: t('retention.matters.name'),
      key: 'title',
      render: (_, { title, occasion }) => (
        <>
          <span className="strong">{title}</span>
          {occasion && <div className="quiet small">{occasion}</div>}
        </>
      ),
    },
    { title: t('retention.matters.category'), key: 'category', dataIndex: 'category', width: 110 },
    {
      title: t('retention.matters.level'),
      key: 'level',
      width: 130,
      render: (_, { level }) => t(`retention.matters.levels.${level}`),
    },
    { title: t('retention.matters.class'), key: 'class', width: 120, render: (_, row) => nameOf(row.class) },
    { title: t('retention.matters.unit'), key: 'unit', width: 150, ellipsis: true, render: (_, { unit }) => unit.name },
    ...(mayEdit
      ? [
          {
            title: <span className="visually-hidden">{t('retention.matters.change')}</span>,
            key: 'change',
            width: 130,
            render: (_: unknown, row: Matter) => (
              <>
                <Button size="small" type="link" onClick={() => setEditing(row)}>
                  {t('retention.matters.change')}
                </Button>
                <Button size="small" type="link" danger onClick={() => setRetiring(row)}>
                  {t('retention.matters.retire')}
                </Button>
              </>
            ),
          },
        ]
      : []),
  ];
  return (
    <Panel
      title={t('retention.matters.title')}
      tools={
        mayEdit && (
          <Button size="small" icon={<PlusOutlined aria-hidden="true" />} onClick={() => setEditing('new')}>
            {t('retention.matters.add')}
          </Button>
        )
      }
      flush
    >
      <Loaded query={matters}>
        {({ items }) =>
          items.length === 0 ? (
            <Nothing title={t('retention.matters.none')} hint={t('retention.matters.noneHint')} />
          ) : (
            <Table<Matter>
              rowKey="id"
              size="small"
              columns={columns}
              dataSource={items}
              pagination={items.length > 50 ? { pageSize: 50, size: 'small' } : false}
              scroll={{ x: 900 }}
            />
          )
        }
      </Loaded>
      {editing && <MatterDialog editing={editing} onClose={() => setEditing(null)} />}
      {retiring && (
        <FormDialog<object>
          title={t('retention.matters.retireTitle', { title: retiring.title })}
          ok={t('retention.matters.retire')}
          danger
          send={() => client.call('retireMatter', { params: { id: retiring.id } })}
          refresh={[retentionKeys.matters]}
          done={t('retention.matters.retired')}
          onClose={() => setRetiring(null)}
        >
          <p>{t('retention.matters.retireHint')}</p>
        </FormDialog>
      )}
    </Panel>
  );
}

const optional = ['occasion', 'category', 'method', 'begins', 'ends', 'deadline', 'recorder'] as const;
type Fields = { readonly unit: string } & { readonly [K in keyof MatterBody]: MatterBody[K] };

function MatterDialog({ editing, onClose }: { readonly editing: Matter | 'new'; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const known = editing === 'new' ? null : editing;
  const send = ({ unit, ...fields }: Fields) => {
    const said = Object.fromEntries(optional.map((name) => [name, fields[name]?.trim() || null]));
    const body = { ...fields, ...said } as MatterBody;
    return known
      ? client.call('changeMatter', { params: { id: known.id }, body })
      : client.call('createMatter', { body: { unit, ...body } });
  };
  return (
    <FormDialog<Fields>
      title={known ? known.title : t('retention.matters.add')}
      width={640}
      initial={known ? { ...known, unit: known.unit.id } : { level: 'full' }}
      send={send}
      refresh={[retentionKeys.matters]}
      done={t('retention.matters.saved')}
      onClose={onClose}
    >
      {!known && <UnitField name="unit" label={t('retention.matters.unit')} />}
      <div className="matter-fields">
        <TextField name="stage" label={t('retention.matters.stage')} maxLength={100} />
        <TextField name="title" label={t('retention.matters.name')} maxLength={200} />
        <Form.Item
          name="level"
          label={t('retention.matters.level')}
          rules={[{ required: true, message: t('common.required') }]}
        >
          <Select options={matterLevels.map((value) => ({ value, label: t(`retention.matters.levels.${value}`) }))} />
        </Form.Item>
        <ClassField name="class" label={t('retention.matters.class')} />
        {optional.map((name) => (
          <TextField
            key={name}
            name={name}
            label={t(`retention.matters.${name}`)}
            maxLength={name === 'category' ? 100 : 200}
            optional
          />
        ))}
      </div>
    </FormDialog>
  );
}
