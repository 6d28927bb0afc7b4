import { Button, Empty, Skeleton } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ProblemNotice } from './problem-notice.tsx';

interface Query<T> {
  readonly data: T | undefined;
  readonly error: unknown;
  readonly refetch: () => unknown;
}

interface LoadedProps<T> {
  readonly query: Query<T>;
  readonly children: (data: T) => ReactNode;
  readonly rows?: number;
}

/** Loading, failed or there: every panel shows all three, and data once shown stays when a refresh fails. */
export function Loaded<T>({ query, children, rows = 4 }: LoadedProps<T>) {
  const { t } = useTranslation();
  if (query.data !== undefined) return children(query.data);
  if (query.error) {
    const retry = <Button onClick={() => void query.refetch()}>{t('common.retry')}</Button>;
    return <ProblemNotice error={query.error} action={retry} />;
  }
  return (
    <div aria-busy="true" className="skeleton">
      <Skeleton active title={false} paragraph={{ rows }} />
    </div>
  );
}

/** An empty list says what is missing and what would fill it. */
export function Nothing({ title, hint, action }: { title: string; hint?: string; action?: ReactNode }) {
  return (
    <Empty
      image={Empty.PRESENTED_IMAGE_SIMPLE}
      description={
        <>
          <div className="empty-title">{title}</div>
          {hint && <div className="quiet">{hint}</div>}
        </>
      }
    >
      {action}
    </Empty>
  );
}
