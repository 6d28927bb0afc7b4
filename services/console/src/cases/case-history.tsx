import { type CaseFile, caseKinds, caseStates } from '@fengcun/contracts';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { client } from '../app/api/client.ts';
import { keys } from '../app/api/keys.ts';
import { useSite } from '../app/session/use-session.ts';
import { dataOf, type HistoryEntry, HistoryPanel } from '../history/history-panel.tsx';
import { periodOf } from './officers-panel.tsx';

/** Everything that happened to a case file, with what each change was. */
export function CaseHistory({ file }: { readonly file: CaseFile }) {
  const { t } = useTranslation();
  const { timeZone } = useSite();
  return (
    <HistoryPanel
      title={t('cases.history.title')}
      queryKey={keys.caseHistory(file.id)}
      fetchPage={(page, signal) => client.call('getCaseHistory', { params: { id: file.id }, query: page, signal })}
      tell={(entry, earlier) => ({ lines: linesOf(entry, earlier, timeZone, t) })}
    />
  );
}

const versions = ['case.opened', 'case.changed'];

function linesOf(
  entry: HistoryEntry,
  earlier: readonly HistoryEntry[],
  timeZone: string,
  t: TFunction,
): readonly string[] {
  const { event, openings } = entry;
  const data = dataOf(entry);
  const name = openings['/data/name'] ?? '';
  if (event.type === 'case.officer_assigned') {
    const period = periodOf({ from: textOf(data.from), until: textOf(data.until) }, timeZone, t);
    return [t('cases.history.officer', { name, period })];
  }
  if (event.type === 'case.officer_released') return [t('cases.history.released', { name })];
  if (event.type !== 'case.changed') return [];
  const before = earlier.findLast((other) => versions.includes(other.event.type));
  const reason = openings['/data/reason'];
  return [
    ...(before ? differences(before, entry, t) : []),
    ...(reason === undefined ? [] : [t('cases.history.reason', { reason })]),
  ];
}

/** What of the case's facts two versions of it say differently. */
function differences(before: HistoryEntry, after: HistoryEntry, t: TFunction): readonly string[] {
  const [was, is] = [sayings(before, t), sayings(after, t)];
  return Object.keys(is)
    .filter((label) => was[label] !== is[label])
    .map((label) => t('cases.history.changed', { label, was: was[label] ?? '', is: is[label] ?? '' }));
}

function sayings(entry: HistoryEntry, t: TFunction): Readonly<Record<string, string>> {
  const data = dataOf(entry);
  const empty = t('cases.history.empty');
  const kind = caseKinds.find((known) => known === data.kind) ?? 'other';
  const state = caseStates.find((known) => known === data.state) ?? 'open';
  return {
    [t('cases.name')]: entry.openings['/data/title'] ?? empty,
    [t('cases.subject')]: entry.openings['/data/subject'] ?? empty,
    [t('cases.column.kind')]: t(`cases.kind.${kind}`),
    [t('cases.column.state')]: t(`cases.state.${state}`),
  };
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
