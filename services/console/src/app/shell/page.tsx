import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';

interface PageProps {
  readonly title: string;
  /** the part of the page that is shown; it stands first in the window's title */
  readonly section?: string | undefined;
  readonly lead?: ReactNode;
  readonly tools?: ReactNode;
  readonly children: ReactNode;
}

/** A page's heading, which is also the window's title. */
export function Page({ title, section, lead, tools, children }: PageProps) {
  const { t } = useTranslation();
  useEffect(() => {
    document.title = [section, title, t('common.product')].filter(Boolean).join(' · ');
  }, [section, title, t]);
  return (
    <div className="page">
      <div className="page-head">
        <div className="page-heading">
          <h1>{title}</h1>
          {lead}
        </div>
        {tools && <div className="page-tools">{tools}</div>}
      </div>
      {children}
    </div>
  );
}

interface PanelProps {
  readonly title: ReactNode;
  readonly tools?: ReactNode;
  readonly children: ReactNode;
  readonly flush?: boolean;
  readonly className?: string;
}

/** A titled box on a page. `flush` lets a table reach the box's edges. */
export function Panel({ title, tools, children, flush = false, className }: PanelProps) {
  return (
    <section className={`panel${flush ? ' flush' : ''}${className ? ` ${className}` : ''}`}>
      <div className="panel-head">
        <h2>{title}</h2>
        {tools && <div className="panel-tools">{tools}</div>}
      </div>
      <div className="panel-body">{children}</div>
    </section>
  );
}
