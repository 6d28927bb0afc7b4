import { PlusOutlined } from '@ant-design/icons';
import type { CallReply, Dock } from '@fengcun/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Table, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { Loaded, Nothing } from '../../app/api/page-state.tsx';
import { ProblemNotice } from '../../app/api/problem-notice.tsx';
import { useQuestion } from '../../app/dialog/dialog.tsx';
import { FormDialog, TextField } from '../../app/dialog/form-dialog.tsx';
import { UnitField } from '../../app/dialog/unit-field.tsx';
import { mayCall, useMe } from '../../app/session/use-session.ts';
import { Panel } from '../../app/shell/page.tsx';
import { Command } from '../../format/command.tsx';
import { When } from '../../format/when.tsx';
import { CreateDock, DockCode } from '../../ingest/docks/create-dock.tsx';
import { RevokeDock } from '../../ingest/docks/docks-panel.tsx';

const dayMs = 86_400_000;
const tones: Record<Dock['state'], string> = { awaiting_enrolment: 'warn', enrolled: 'good', revoked: 'plain' };

/** What takes recordings in: which docks there are, whether they are there, and how another one is connected. */
export function DocksPage() {
  const { t } = useTranslation();
  const me = useMe();
  const docks = useQuery({
    queryKey: keys.docks,
    queryFn: ({ signal }) => client.call('listDocks', { signal }),
    // Nobody is told that a dock was heard of.
    refetchInterval: 30_000,
  });
  const [creating, setCreating] = useState(false);
  const [changing, setChanging] = useState<Dock | null>(null);
  const [revoking, setRevoking] = useState<Dock | null>(null);
  const renewal = useRenewal();
  const keeps = mayCall(me, 'revokeDock');
  return (
    <div className="stack">
      <Panel
        title={t('ingest.docks.title')}
        tools={
          mayCall(me, 'createDock') && (
            <Button
              size="small"
              type="primary"
              icon={<PlusOutlined aria-hidden="true" />}
              onClick={() => setCreating(true)}
            >
              {t('ingest.docks.add')}
            </Button>
          )
        }
        flush
      >
        {renewal.error && <ProblemNotice error={renewal.error} />}
        <Loaded query={docks}>
          {({ items }) =>
            items.length === 0 ? (
              <Nothing title={t('ingest.docks.none')} hint={t('ingest.docks.noneHint')} />
            ) : (
              <DockTable
                items={items}
                tools={
                  keeps
                    ? (dock) => (
                        <>
                          {dock.state === 'awaiting_enrolment' && (
                            <Button size="small" type="link" onClick={() => renewal.ask(dock)}>
                              {t('devices.docks.renew')}
                            </Button>
                          )}
                          <Button size="small" type="link" onClick={() => setChanging(dock)}>
                            {t('devices.docks.edit')}
                          </Button>
                          <Button size="small" type="link" danger onClick={() => setRevoking(dock)}>
                            {t('ingest.docks.revoke')}
                          </Button>
                        </>
                      )
                    : null
                }
              />
            )
          }
        </Loaded>
      </Panel>
      {keeps && (
        <Panel title={t('devices.docks.howTo')}>
          <p className="panel-text">{t('devices.docks.howToHint')}</p>
          <Command text={`fengcun-dock enroll ${window.location.origin} ${t('devices.docks.code')}`} />
          <p className="panel-text">{t('devices.docks.howToWatch')}</p>
          <Command text={`fengcun-dock watch ${t('devices.docks.folder')} --device ${t('devices.docks.serial')}`} />
        </Panel>
      )}
      {creating && <CreateDock onClose={() => setCreating(false)} />}
      {changing && <ChangeDock dock={changing} onClose={() => setChanging(null)} />}
      {revoking && <RevokeDock dock={revoking} onClose={() => setRevoking(null)} />}
      {renewal.made && (
        <DockCode
          made={renewal.made}
          title={t('devices.docks.renewed', { name: renewal.made.dock.name })}
          onClose={renewal.forget}
        />
      )}
    </div>
  );
}

interface TableProps {
  readonly items: Dock[];
  readonly tools: ((dock: Dock) => React.ReactNode) | null;
}

function DockTable({ items, tools }: TableProps) {
  const { t } = useTranslation();
  const columns: TableColumnsType<Dock> = [
    {
      title: t('ingest.docks.name'),
      key: 'name',
      ellipsis: true,
      render: (_, { name }) => <span className="strong">{name}</span>,
    },
    { title: t('ingest.docks.unit'), key: 'unit', width: 130, ellipsis: true, render: (_, { unit }) => unit.name },
    { title: t('devices.column.state'), key: 'state', width: 216, render: (_, dock) => <DockState dock={dock} /> },
    {
      title: t('devices.docks.enrolled'),
      key: 'enrolled',
      width: 168,
      render: (_, { enrolledAt }) => <When at={enrolledAt} />,
    },
    {
      title: t('devices.docks.lastSeen'),
      key: 'seen',
      width: 170,
      render: (_, dock) => <LastSeen dock={dock} />,
    },
    ...(tools
      ? [
          {
            title: <span className="visually-hidden">{t('devices.docks.edit')}</span>,
            key: 'tools',
            width: 204,
            align: 'right' as const,
            render: (_: unknown, dock: Dock) => dock.state !== 'revoked' && tools(dock),
          },
        ]
      : []),
  ];
  return (
    <Table<Dock>
      rowKey="id"
      size="small"
      columns={columns}
      dataSource={items}
      pagination={items.length > 50 ? { pageSize: 50, size: 'small' } : false}
      scroll={{ x: 1040 }}
      rowClassName="dock-line"
    />
  );
}

function DockState({ dock }: { readonly dock: Dock }) {
  const { t } = useTranslation();
  const { state, codeExpiresAt, revokedAt } = dock;
  const over = codeExpiresAt !== null && Date.parse(codeExpiresAt) < Date.now();
  return (
    <>
      <span className={`tag ${tones[state]}`}>{t(`ingest.docks.state.${state}`)}</span>
      {state === 'awaiting_enrolment' && codeExpiresAt && (
        <div className={over ? 'danger small' : 'quiet small'}>
          {over ? t('devices.docks.codeExpired') : t('devices.docks.codeUntil')} {!over && <When at={codeExpiresAt} />}
        </div>
      )}
      {state === 'revoked' && (
        <div className="quiet small">
          <When at={revokedAt} />
        </div>
      )}
    </>
  );
}

function LastSeen({ dock }: { readonly dock: Dock }) {
  const { t } = useTranslation();
  const { lastSeenAt, state } = dock;
  if (lastSeenAt === null) return <span className="quiet">{t('ingest.docks.never')}</span>;
  const silent = state === 'enrolled' && Date.now() - Date.parse(lastSeenAt) > dayMs;
  return (
    <>
      <When at={lastSeenAt} />
      {silent && <div className="warn small">{t('devices.docks.silent')}</div>}
    </>
  );
}

function ChangeDock({ dock, onClose }: { readonly dock: Dock; readonly onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <FormDialog<{ name: string; unit: string }>
      title={`${t('devices.docks.editTitle')} · ${dock.name}`}
      initial={{ name: dock.name, unit: dock.unit.id }}
      send={({ name, unit }) =>
        client.call('changeDock', {
          params: { id: dock.id },
          body: { name: name.trim(), ...(unit === dock.unit.id ? {} : { unit }) },
        })
      }
      refresh={[keys.docks]}
      done={t('devices.docks.saved')}
      onClose={onClose}
    >
      <TextField name="name" label={t('ingest.docks.name')} maxLength={100} autoFocus />
      <UnitField name="unit" label={t('ingest.docks.unit')} required={t('ingest.docks.unitRequired')} />
      <p className="quiet small">{t('devices.docks.moveHint')}</p>
    </FormDialog>
  );
}

/** A new code for a dock whose code ran out or was mislaid; shown once, and in no cache. */
function useRenewal() {
  const { t } = useTranslation();
  const question = useQuestion();
  const queryClient = useQueryClient();
  const [made, setMade] = useState<CallReply<'renewDockCode'> | null>(null);
  const renew = useMutation({
    mutationFn: (dock: Dock) => client.call('renewDockCode', { params: { id: dock.id } }),
    onSuccess: setMade,
    onSettled: () => queryClient.invalidateQueries({ queryKey: keys.docks }),
    gcTime: 0,
  });
  return {
    made,
    error: renew.error,
    forget: () => setMade(null),
    ask: (dock: Dock) =>
      question({
        title: t('devices.docks.renewTitle', { name: dock.name }),
        hint: t('devices.docks.renewHint'),
        ok: t('devices.docks.renew'),
        onOk: () => renew.mutateAsync(dock),
      }),
  };
}
