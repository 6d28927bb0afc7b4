import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import type { SiteInfo } from '../app/session/use-session.ts';
import { Brand } from '../app/shell/brand.tsx';
import { LanguageSwitch } from '../app/shell/language-switch.tsx';
import './sign-in.css';

interface SignInFrameProps {
  /** null when it could not be asked */
  readonly site: SiteInfo | null;
  /** of the window */
  readonly title: string;
  readonly heading: string;
  readonly children: ReactNode;
}

/** What every step of signing in looks like: what this is on the left, the step on the right. */
export function SignInFrame({ site, title, heading, children }: SignInFrameProps) {
  const { t } = useTranslation();
  useEffect(() => {
    document.title = `${title} · ${t('common.productLong')}`;
  }, [title, t]);
  return (
    <div className="sign-in">
      <aside className="sign-in-side">
        <Brand />
        <div>
          <p className="sign-in-promise">{t('signIn.promise')}</p>
          <ul className="sign-in-points">
            <li>{t('signIn.points.sealed')}</li>
            <li>{t('signIn.points.recorded')}</li>
            <li>{t('signIn.points.verifiable')}</li>
          </ul>
        </div>
        <p className="sign-in-version">{site && t('signIn.version', { version: site.version })}</p>
      </aside>
      <main className="sign-in-main">
        <div className="sign-in-language">
          <LanguageSwitch />
        </div>
        <div className="sign-in-card">
          <h1>{heading}</h1>
          {children}
        </div>
      </main>
    </div>
  );
}
