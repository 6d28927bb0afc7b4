import type { CallReply } from '@fengcun/contracts';
import { type QueryKey, useInfiniteQuery } from '@tanstack/react-query';
import { Button, Tooltip } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Loaded, Nothing } from '../app/api/page-state.tsx';
import { useLanguage } from '../app/i18n/language.ts';
import { Panel } from '../app/shell/page.tsx';
import { actorName } from '../format/actor-name.ts';
import { When } from '../format/when.tsx';
import './history.css';

export type HistoryPage = CallReply<'getCustody'>;
export type HistoryEntry = HistoryPage['items'][number];

/** What an entry says beside who, what and when. */
export interface Telling {
  readonly tone?: 'seal' | 'bad';
  /** the one particular that a reader needs at a glance */
  readonly note?: { readonly text: string; readonly bad: boolean } | null;
  /** in the reader's words */
  readonly lines?: readonly string[];
}

interface HistoryPanelProps {
  readonly title: string;
  readonly tools?: ReactNode;
  readonly queryKey: QueryKey;
  readonly fetchPage: (page: { readonly cursor?: string }, signal: AbortSignal) => Promise<HistoryPage>;
  /** `earlier`: the entries before it, oldest first */
  readonly tell: (entry: HistoryEntry, earlier: readonly HistoryEntry[]) => Telling;
}

/** Everything that happened to something that people keep, from the log, oldest first. */
export function HistoryPanel({ title, tools, queryKey, fetchPage, tell }: HistoryPanelProps) {
  const { t } = useTranslation();
  const history = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => fetchPage(pageParam ? { cursor: pageParam } : {}, signal),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    // An entry is given its place in the log within a second or two; no change is announced for each.
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ items }) => items.some(({ index }) => index === null)) ? 2000 : false,
  });
  return (
    <Panel title={title} tools={tools}>
      <Loaded query={history}>
        {({ pages }) => {
          const entries = pages.flatMap(({ items }) => items);
          if (entries.length === 0) return <Nothing title={t('evidence.custody.empty')} />;
          return (
            <>
              <ol className="custody">
                {entries.map((entry, at) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: the log only grows at its end
                  <Entry key={at} entry={entry} telling={tell(entry, entries.slice(0, at))} />
                ))}
              </ol>
              {history.hasNextPage && (
                <Button block loading={history.isFetchingNextPage} onClick={() => void history.fetchNextPage()}>
                  {t('common.more')}
                </Button>
              )}
            </>
          );
        }}
      </Loaded>
    </Panel>
  );
}

function Entry({ entry, telling }: { readonly entry: HistoryEntry; readonly telling: Telling }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const { event, index, openings } = entry;
  const { tone, note, lines = [] } = telling;
  return (
    <li className={tone ? `custody-${tone}` : ''}>
      <div className="custody-head">
        <span className="strong">{t(`ledger.event.${event.type}`)}</span>
        {note && <span className={note.bad ? 'danger' : 'quiet'}>{note.text}</span>}
        <span className="grow" />
        <When at={event.at} />
      </div>
      {lines.length > 0 && (
        <ul className="history-lines">
          {lines.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
      <div className="custody-foot quiet small">
        <span title={event.actor.id}>{actorName(event.actor, openings['/actor/name'], t, language)}</span>
        {index === null ? (
          <Tooltip title={t('evidence.custody.pendingHint')}>
            <span className="tag warn">{t('evidence.custody.pending')}</span>
          </Tooltip>
        ) : (
          <span className="num">{t('evidence.custody.index', { index })}</span>
        )}
        <details className="custody-raw">
          <summary>{t('evidence.custody.details')}</summary>
          <pre className="command">{JSON.stringify(event, null, 2)}</pre>
        </details>
      </div>
    </li>
  );
}

/** A member of an event's data, whatever its shape. */
export function dataOf({ event }: HistoryEntry): Readonly<Record<string, unknown>> {
  return typeof event.data === 'object' && event.data !== null ? (event.data as Record<string, unknown>) : {};
}
