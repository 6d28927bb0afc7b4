import { type Finding, saidBy, sayFindings } from '@fengcun/contracts';
import { useTranslation } from 'react-i18next';
import { useLanguage, wordsIn } from '../app/i18n/language.ts';
import { useSite } from '../app/session/use-session.ts';
import { formatInstant } from './instant.ts';
import './finding-text.css';

/** What a service tells: `detail` in English, and the findings behind it unless an earlier version wrote it. */
export interface Told {
  readonly detail: string | null;
  readonly findings?: readonly Finding[];
}

interface Props {
  readonly told: Told;
  /** in a narrow place: digests by their ends, the whole sentence on hover */
  readonly brief?: boolean;
}

const shortened = (sentence: string) =>
  sentence.replaceAll(/\b[0-9a-f]{64}\b/g, (digest) => `${digest.slice(0, 10)}…${digest.slice(-6)}`);

/**
 * What a service found, in the reader's language. What programs said themselves stands below it, folded, in their own words. A sentence that
 * an earlier version left is shown as it stands, and said to be one.
 */
export function FindingText({ told: { detail, findings }, brief = false }: Props) {
  const { t } = useTranslation();
  const words = wordsIn(useLanguage());
  const { timeZone } = useSite();
  if (findings !== undefined && findings.length > 0) {
    const said = saidBy(findings);
    const sentence = sayFindings(findings, words, (iso) => formatInstant(iso, timeZone));
    return (
      <div className="finding" title={brief ? sentence : undefined}>
        {brief ? shortened(sentence) : sentence}
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
