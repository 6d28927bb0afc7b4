import type { Evidence } from '@fengcun/contracts';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { client } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { type Language, useLanguage } from '../../app/i18n/language.ts';
import { formatClock } from '../../format/duration.ts';
import { whatWasRefused } from '../../format/what-was-refused.ts';
import { dataOf, type HistoryEntry, HistoryPanel, type Telling } from '../../history/history-panel.tsx';

/** Everything that ever happened to the item, from the log. */
export function CustodyPanel({ evidence }: { readonly evidence: Evidence }) {
  const { t } = useTranslation();
  const language = useLanguage();
  return (
    <HistoryPanel
      title={t('evidence.custody.title')}
      tools={<span className="quiet small">{t('evidence.custody.hint')}</span>}
      queryKey={keys.custody(evidence.id)}
      fetchPage={(page, signal) =>
        client.call('getCustody', { params: { id: evidence.id }, query: { limit: 50, ...page }, signal })
      }
      tell={(entry) => ({ ...toneOf(entry), note: noteOf(entry, t, language) })}
    />
  );
}

function toneOf({ event: { type } }: HistoryEntry): Pick<Telling, 'tone'> {
  if (type === 'evidence.sealed') return { tone: 'seal' };
  if (type === 'evidence.quarantined' || type === 'alarm.raised' || type === 'access.denied') return { tone: 'bad' };
  return {};
}

function noteOf(entry: HistoryEntry, t: TFunction, language: Language): Exclude<Telling['note'], undefined> {
  const { type } = entry.event;
  const { verdict, watched } = dataOf(entry);
  if (type === 'evidence.verified' && (verdict === 'holds' || verdict === 'fails' || verdict === 'incomplete'))
    return { text: t(`ledger.verdict.${verdict}`), bad: verdict === 'fails' };
  if (type === 'play.ended' && Array.isArray(watched)) {
    const length = watched.reduce<number>((sum, range: unknown) => sum + lengthOf(range), 0);
    return { text: t('evidence.custody.watched', { length: formatClock(length) }), bad: false };
  }
  const refused = whatWasRefused(type, entry.event.data, language);
  return refused === null ? null : { text: refused, bad: true };
}

function lengthOf(range: unknown): number {
  if (typeof range !== 'object' || range === null || !('from' in range) || !('to' in range)) return 0;
  return typeof range.from === 'number' && typeof range.to === 'number' ? range.to - range.from : 0;
}
