import { Button, Table, type TableColumnsType } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ProblemNotice } from '../api/problem-notice.tsx';
import { Pager } from './pager.tsx';
import { opensRow } from './row-link.ts';
import type { CursorNavigation } from './use-cursor-address.ts';

interface PagedListProps<T> {
  readonly address: CursorNavigation<unknown>;
  /** a query that keeps the page before while the next one comes */
  readonly list: {
    readonly data: { readonly items: readonly T[]; readonly next: string | null } | undefined;
    readonly error: Error | null;
    readonly isPlaceholderData: boolean;
    refetch(): unknown;
  };
  /** what is said when there are none */
  readonly nothing: ReactNode;
  readonly children: (rows: Rows<T>) => ReactNode;
}

export interface Rows<T> {
  /** undefined: not there yet */
  readonly items: readonly T[] | undefined;
  /** these are still the ones of the page before */
  readonly busy: boolean;
}

/** A list that is fetched page by page: its rows, or why there are none to see, and the way to the other pages. */
export function PagedList<T>({ address, list, nothing, children }: PagedListProps<T>) {
  const { t } = useTranslation();
  const { data, error, isPlaceholderData: busy } = list;
  return (
    <>
      {error ? (
        <div className="list-problem">
          <ProblemNotice
            error={error}
            action={<Button onClick={() => void list.refetch()}>{t('common.retry')}</Button>}
          />
        </div>
      ) : data?.items.length === 0 && !busy ? (
        nothing
      ) : (
        children({ items: data?.items, busy })
      )}
      {(!error || address.cursor !== undefined) && (
        <Pager
          address={address}
          next={busy || error ? null : (data?.next ?? null)}
          shown={busy || error ? null : (data?.items.length ?? null)}
          failed={error !== null}
        />
      )}
    </>
  );
}

interface RowsTableProps<T> extends Rows<T> {
  readonly columns: TableColumnsType<T>;
  readonly rowKey: keyof T & string;
  /** px; narrower than this it scrolls sideways */
  readonly width: number;
  /** a click on a row; its cells have the link that the keyboard finds */
  readonly onOpen?: (row: T) => void;
  readonly rowClass?: (row: T) => string;
  /** columns keep their widths, whatever is in them */
  readonly fixed?: boolean;
}

/** The rows of a page. */
export function RowsTable<T extends object>(props: RowsTableProps<T>) {
  const { items, busy, columns, rowKey, width, onOpen, rowClass, fixed = false } = props;
  const { t } = useTranslation();
  return (
    <Table<T>
      {...(fixed ? { tableLayout: 'fixed' } : {})}
      rowKey={rowKey}
      size="small"
      columns={columns}
      dataSource={items ?? []}
      loading={items === undefined || busy}
      pagination={false}
      locale={{ emptyText: <div className="list-waiting">{t('common.loading')}</div> }}
      scroll={{ x: width }}
      rowClassName={(row) => [onOpen && 'row-link', rowClass?.(row)].filter(Boolean).join(' ')}
      onRow={(row) => (onOpen ? { onClick: opensRow(() => onOpen(row)) } : {})}
    />
  );
}
