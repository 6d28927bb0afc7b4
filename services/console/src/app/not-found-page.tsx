import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Nothing } from './api/page-state.tsx';
import { Page } from './shell/page.tsx';

export function NotFoundPage() {
  const { t } = useTranslation();
  return (
    <Page title={t('common.notFound.title')}>
      <section className="panel">
        <Nothing
          title={t('common.notFound.title')}
          hint={t('common.notFound.hint')}
          action={<Link to="/">{t('common.notFound.back')}</Link>}
        />
      </section>
    </Page>
  );
}
