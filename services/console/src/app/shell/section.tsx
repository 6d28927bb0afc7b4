import { useTranslation } from 'react-i18next';
import { Outlet, useLocation } from 'react-router';
import { Nothing } from '../api/page-state.tsx';
import type { Tab } from './tabs.tsx';

/** The section that the address names, where it is one of the reader's. */
export function useSection(tabs: readonly Tab[]): Tab | undefined {
  const { pathname } = useLocation();
  return tabs.find(({ to }) => pathname === to || pathname.startsWith(`${to}/`));
}

interface SectionOutletProps {
  /** address of the area itself, which leads on to the first section that is the reader's */
  readonly area: string;
  readonly section: Tab | undefined;
}

/** The section itself; whoever came to one that is not theirs is told so once, before each of its panels asks and is refused. */
export function SectionOutlet({ area, section }: SectionOutletProps) {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  if (section !== undefined || pathname.replace(/\/$/, '') === area) return <Outlet />;
  return (
    <section className="panel" role="alert">
      <Nothing title={t('common.notYours.title')} hint={t('common.notYours.hint')} />
    </section>
  );
}
