import { type Finding, saidBy, sayFindings } from '@fengcun/contracts';
import { useTranslation } from 'react-i18next';
import { useSite } from '../app/session/use-session.ts';
import { formatInstant } from './instant.ts';
import './finding-text.css';

/** What a service tells: `detail` in English, and the findings behind it unless an earlier version wrote it. */
export interface Told {
  readonly detail: string | null;
  readonly findings?: readonly Finding[];
}

/**
 * What a service found, in the reader's language. What programs said themselves stands below it, folded, in their own words. A sentence that
 * an earlier version left is shown as it stands, and said to be one.
 */
export function FindingText({ told: { detail, findings } }: { readonly told: Told }) {
  const { t, i18n } = useTranslation();
  const { timeZone } = useSite();
  if (findings !== undefined && findings.length > 0) {
    const language = i18n.language.startsWith('zh') ? 'zh' : 'en';
    const said = saidBy(findings);
    return (
      <div className="finding">
        {sayFindings(findings, language, (iso) => formatInstant(iso, timeZone))}
        {said.length > 0 && (
          <details className="finding-said">
            <summary>{t('common.finding.said')}</summary>
            <code lang="en">{said.join('\n')}</code>
          </details>
        )}
      </div>
    );
  }
  if (!detail) return null;
  return (
    <div className="finding">
      <span className="finding-as-written">{t('common.finding.asWritten')}</span>
      <span lang="en">{detail}</span>
    </div>
  );
}
