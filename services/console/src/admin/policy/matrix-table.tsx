import { ArrowDownOutlined, ArrowUpOutlined, DeleteOutlined, EditOutlined } from '@ant-design/icons';
import { type MatrixRow, roles } from '@fengcun/contracts';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { useRoleWords, useRuleWords } from '../../access/marks.tsx';

interface MatrixTableProps {
  readonly rows: readonly MatrixRow[];
  /** null: to be read only */
  readonly editing: {
    readonly edit: (at: number) => void;
    readonly remove: (at: number) => void;
    readonly move: (at: number, by: 1 | -1) => void;
  } | null;
}

/** Rows of the matrix in the order in which they are read. */
export function MatrixTable({ rows, editing }: MatrixTableProps) {
  const { t } = useTranslation();
  const ruleWords = useRuleWords();
  const and = t('common.listSeparator');
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="matrix-scroll" tabIndex={0} aria-label={t('admin.matrix.title')}>
      <table className="matrix">
        <thead>
          <tr>
            <th scope="col">#</th>
            <th scope="col">{t('admin.matrix.column.rule')}</th>
            <th scope="col">{t('admin.matrix.column.actions')}</th>
            <th scope="col">{t('admin.matrix.column.who')}</th>
            <th scope="col">{t('admin.matrix.column.when')}</th>
            <th scope="col">{t('admin.matrix.column.outcome')}</th>
            {editing && (
              <th scope="col">
                <span className="visually-hidden">{t('admin.matrix.edit')}</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            <tr key={row.rule}>
              <td className="quiet num">{at + 1}</td>
              <td>
                <div className="strong">{ruleWords(row.rule)}</div>
                <code className="quiet small">{row.rule}</code>
              </td>
              <td>{row.actions.map((action) => t(`policy.action.${action}`)).join(and)}</td>
              <td>
                <Who who={row.who} />
                <div className="quiet small">{t(`admin.matrix.reach.${row.reach}`)}</div>
              </td>
              <td>
                <Conditions when={row.when} />
              </td>
              <td>
                <Outcome outcome={row.outcome} />
              </td>
              {editing && (
                <td className="matrix-tools">
                  <Button
                    type="text"
                    size="small"
                    icon={<ArrowUpOutlined />}
                    disabled={at === 0}
                    aria-label={`${t('admin.matrix.up')} ${row.rule}`}
                    onClick={() => editing.move(at, -1)}
                  />
                  <Button
                    type="text"
                    size="small"
                    icon={<ArrowDownOutlined />}
                    disabled={at === rows.length - 1}
                    aria-label={`${t('admin.matrix.down')} ${row.rule}`}
                    onClick={() => editing.move(at, 1)}
                  />
                  <Button
                    type="text"
                    size="small"
                    icon={<EditOutlined />}
                    aria-label={`${t('admin.matrix.edit')} ${row.rule}`}
                    onClick={() => editing.edit(at)}
                  />
                  <Button
                    type="text"
                    size="small"
                    danger
                    icon={<DeleteOutlined />}
                    aria-label={`${t('admin.matrix.remove')} ${row.rule}`}
                    onClick={() => editing.remove(at)}
                  />
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const viewers: readonly string[] = ['officer', 'supervisor', 'legal', 'bureau_head', 'archivist'];

/** Long lists that every other row has are said in a word. */
function Who({ who }: { readonly who: MatrixRow['who'] }) {
  const { t } = useTranslation();
  const people = who.filter((one) => one !== 'dock');
  const words =
    people.length === roles.length
      ? [t('policy.everybody')]
      : people.length === viewers.length && people.every((role) => viewers.includes(role))
        ? [t('policy.viewers')]
        : people.map((role) => t(`common.role.${role}`));
  return [...words, ...(who.includes('dock') ? [t('policy.dock')] : [])].join(t('common.listSeparator'));
}

function Conditions({ when }: { readonly when: MatrixRow['when'] }) {
  const { t } = useTranslation();
  const and = t('common.listSeparator');
  const words = [
    ...(when?.ownCase ? [t('admin.matrix.condition.ownCase')] : []),
    ...(when?.purposes
      ? [t('admin.matrix.condition.purposes', { list: when.purposes.map((p) => t(`policy.purpose.${p}`)).join(and) })]
      : []),
    ...(when?.onBehalf
      ? [t('admin.matrix.condition.onBehalf', { list: when.onBehalf.map((k) => t(`policy.applicant.${k}`)).join(and) })]
      : []),
    ...(when?.redacted === undefined
      ? []
      : [t(when.redacted ? 'admin.matrix.condition.redacted' : 'admin.matrix.condition.original')]),
  ];
  if (words.length === 0) return <span className="quiet">{t('admin.matrix.condition.none')}</span>;
  return words.map((word) => <div key={word}>{word}</div>);
}

function Outcome({ outcome }: { readonly outcome: MatrixRow['outcome'] }) {
  const { t } = useTranslation();
  const roleWords = useRoleWords();
  if (outcome === 'allow') return <span className="good">{t('admin.matrix.outcome.allow')}</span>;
  if (outcome === 'deny') return <span className="danger">{t('admin.matrix.outcome.deny')}</span>;
  return <span>{t('admin.matrix.outcome.needApproval', { roles: roleWords(outcome.needApproval) })}</span>;
}
