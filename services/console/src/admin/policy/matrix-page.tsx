import type { MatrixRow, MatrixVersion, PolicyMatrix } from '@fengcun/contracts';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { client } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { Loaded } from '../../app/api/page-state.tsx';
import { FormDialog, TextField } from '../../app/dialog/form-dialog.tsx';
import { mayCall, useMe } from '../../app/session/use-session.ts';
import { Panel } from '../../app/shell/page.tsx';
import { When } from '../../format/when.tsx';
import { MatrixTable } from './matrix-table.tsx';
import { RowEditor } from './row-editor.tsx';

/** The rules by which everything is allowed, refused or sent to somebody: in force, as they were, and to be changed. */
export function MatrixPage() {
  const [search] = useSearchParams();
  const asked = /^\d{1,9}$/.exec(search.get('version') ?? '')?.[0];
  const version = asked === undefined ? null : Number(asked);
  const current = useQuery({
    queryKey: keys.matrix,
    queryFn: ({ signal }) => client.call('getMatrix', { signal }),
  });
  const old = useQuery({
    queryKey: keys.matrixVersion(version ?? 0),
    queryFn: ({ signal }) => client.call('getMatrixVersion', { params: { version: version ?? 0 }, signal }),
    enabled: version !== null,
  });
  const inForce = version === null || version === current.data?.version;
  return (
    <div className="matrix-columns">
      <Loaded query={inForce ? current : old} rows={10}>
        {(matrix) => <Matrix key={matrix.version} matrix={matrix} inForce={inForce} />}
      </Loaded>
      <Versions shown={version ?? current.data?.version ?? null} current={current.data?.version ?? null} />
    </div>
  );
}

function Matrix({ matrix, inForce }: { readonly matrix: PolicyMatrix; readonly inForce: boolean }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const me = useMe();
  const queryClient = useQueryClient();
  const [rows, setRows] = useState<readonly MatrixRow[] | null>(null);
  const [editing, setEditing] = useState<number | null>(null);
  const [saving, setSaving] = useState(false);
  const may = inForce && mayCall(me, 'putMatrix');
  const shown = rows ?? matrix.rows;
  // Whoever changes the matrix decides about the inherited rows too.
  const holding = [...matrix.rows, ...matrix.inherited];
  const changed =
    rows !== null && (matrix.inherited.length > 0 || JSON.stringify(rows) !== JSON.stringify(matrix.rows));
  const put = (at: number, row: MatrixRow) => {
    setRows(at < shown.length ? shown.with(at, row) : [...shown, row]);
    setEditing(null);
  };
  return (
    <div className="stack">
      {!inForce && (
        <Alert
          type="info"
          showIcon
          title={t('admin.matrix.old', { version: matrix.version })}
          action={<Link to="/admin/policy">{t('admin.matrix.seeCurrent')}</Link>}
        />
      )}
      <Panel
        title={t('admin.matrix.rows')}
        tools={
          may &&
          (rows === null ? (
            <Button size="small" onClick={() => setRows(holding)}>
              {t('admin.matrix.edit')}
            </Button>
          ) : (
            <>
              {changed && <span className="warn">{t('admin.matrix.unsaved')}</span>}
              <Button size="small" onClick={() => setRows(null)}>
                {t('admin.matrix.stopEditing')}
              </Button>
              <Button size="small" type="primary" disabled={!changed} onClick={() => setSaving(true)}>
                {t('admin.matrix.save')}
              </Button>
            </>
          ))
        }
        flush
      >
        <p className="quiet small panel-line">{t('admin.matrix.lead')}</p>
        <MatrixTable
          rows={shown}
          editing={
            rows === null
              ? null
              : {
                  edit: setEditing,
                  remove: (at) => setRows(rows.toSpliced(at, 1)),
                  move: (at, by) => {
                    const row = rows[at];
                    if (row) setRows(rows.toSpliced(at, 1).toSpliced(at + by, 0, row));
                  },
                }
          }
        />
        {rows !== null && (
          <div className="panel-line">
            <Button type="dashed" block onClick={() => setEditing(rows.length)}>
              {t('admin.matrix.add')}
            </Button>
          </div>
        )}
      </Panel>
      {matrix.inherited.length > 0 && (
        <Panel title={t('admin.matrix.inherited')} flush>
          <p className="quiet small panel-line">
            {t(rows === null ? 'admin.matrix.inheritedHint' : 'admin.matrix.inheritedEditing')}
          </p>
          {rows === null && <MatrixTable rows={matrix.inherited} editing={null} />}
        </Panel>
      )}
      <Panel title={t('admin.matrix.fixed')} flush>
        <p className="quiet small panel-line">{t('admin.matrix.fixedHint')}</p>
        <MatrixTable rows={matrix.fixed} editing={null} />
      </Panel>
      <Panel title={t('admin.matrix.guarantees')}>
        <ul className="guarantees">
          {matrix.guarantees.map((guarantee) => (
            <li key={guarantee}>{t(`admin.matrix.guarantee.${guarantee}`)}</li>
          ))}
        </ul>
      </Panel>
      {rows !== null && editing !== null && (
        <RowEditor
          row={rows[editing] ?? null}
          taken={new Set([...rows.filter((_, at) => at !== editing), ...matrix.fixed].map(({ rule }) => rule))}
          onDone={(row) => put(editing, row)}
          onClose={() => setEditing(null)}
        />
      )}
      {rows !== null && saving && (
        <FormDialog<{ reason: string }, PolicyMatrix>
          title={t('admin.matrix.saveTitle')}
          ok={t('admin.matrix.save')}
          send={({ reason }) =>
            client.call('putMatrix', { body: { basedOn: matrix.version, rows: [...rows], reason: reason.trim() } })
          }
          refresh={[keys.matrixVersions]}
          onDone={(saved) => {
            queryClient.setQueryData(keys.matrix, saved);
            message.success(t('admin.matrix.saved', { version: saved.version }));
          }}
          onClose={() => setSaving(false)}
        >
          <p>{t('admin.matrix.saveHint')}</p>
          <TextField name="reason" label={t('admin.matrix.reason')} autoFocus />
        </FormDialog>
      )}
    </div>
  );
}

function Versions({ shown, current }: { readonly shown: number | null; readonly current: number | null }) {
  const { t } = useTranslation();
  const versions = useInfiniteQuery({
    queryKey: keys.matrixVersions,
    queryFn: ({ pageParam, signal }) =>
      client.call('listMatrixVersions', { query: { limit: 50, ...(pageParam ? { cursor: pageParam } : {}) }, signal }),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next,
  });
  return (
    <Panel title={t('admin.matrix.versions')} flush>
      <Loaded query={versions} rows={3}>
        {({ pages }) => (
          <>
            <ul className="rows">
              {withDefault(
                pages.flatMap(({ items }) => items),
                versions.hasNextPage,
              ).map(({ version, changedAt, changedBy, reason }) => (
                <li key={version} className={version === shown ? 'version-row shown' : 'version-row'}>
                  <div>
                    <Link
                      to={version === current ? '/admin/policy' : `/admin/policy?version=${version}`}
                      aria-current={version === shown ? 'true' : undefined}
                    >
                      {version === 0 ? t('admin.matrix.default') : t('admin.matrix.version', { version })}
                    </Link>{' '}
                    {version === current && <span className="tag good">{t('admin.matrix.current')}</span>}
                  </div>
                  {reason && <div className="breakable">{reason}</div>}
                  {changedAt && (
                    <div className="quiet small">
                      <When at={changedAt} />
                      {changedBy && ` ${t('admin.matrix.changedBy', { name: changedBy.name })}`}
                    </div>
                  )}
                </li>
              ))}
            </ul>
            {versions.hasNextPage && (
              <div className="panel-line">
                <Button size="small" block onClick={() => void versions.fetchNextPage()}>
                  {t('common.more')}
                </Button>
              </div>
            )}
          </>
        )}
      </Loaded>
    </Panel>
  );
}

const defaultVersion: MatrixVersion = { version: 0, changedAt: null, changedBy: null, reason: null };

/** Nobody set the default matrix, so it is in no list of changes; it stands before the first of them. */
function withDefault(versions: readonly MatrixVersion[], more: boolean): readonly MatrixVersion[] {
  return more || versions.some(({ version }) => version === 0) ? versions : [...versions, defaultVersion];
}
