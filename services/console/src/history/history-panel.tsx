import type { CallReply } from '@fengcun/contracts';
import { type QueryKey, useInfiniteQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { Loaded, Nothing } from '../app/api/page-state.tsx';
import { Panel } from '../app/shell/page.tsx';
import { actorName } from '../format/actor-name.ts';
import { When } from '../format/when.tsx';
import '../evidence/item/evidence-page.css';
import './history.css';

export type HistoryPage = CallReply<'getCaseHistory'>;
export type HistoryEntry = HistoryPage['items'][number];

interface HistoryPanelProps {
  readonly title: string;
  readonly queryKey: QueryKey;
  readonly fetchPage: (page: { readonly cursor?: string }, signal: AbortSignal) => Promise<HistoryPage>;
  /** what an entry says, in the reader's words; `earlier`: those before it, oldest first */
  readonly lines: (entry: HistoryEntry, earlier: readonly HistoryEntry[]) => readonly string[];
}

/** Everything that happened to something that people keep, from the log, oldest first. */
export function HistoryPanel({ title, queryKey, fetchPage, lines }: HistoryPanelProps) {
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
    <Panel title={title}>
      <Loaded query={history}>
        {({ pages }) => {
          const entries = pages.flatMap(({ items }) => items);
          if (entries.length === 0) return <Nothing title={t('evidence.custody.empty')} />;
          return (
            <>
              <ol className="custody">
                {entries.map((entry, at) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: the log only grows at its end
                  <Entry key={at} entry={entry} lines={lines(entry, entries.slice(0, at))} />
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

function Entry({ entry, lines }: { readonly entry: HistoryEntry; readonly lines: readonly string[] }) {
  const { t, i18n } = useTranslation();
  const { event, index, openings } = entry;
  return (
    <li>
      <div className="custody-head">
        <span className="strong">{t(`ledger.event.${event.type}`)}</span>
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
        <span title={event.actor.id}>{actorName(event.actor, openings['/actor/name'], t, i18n.language)}</span>
        {index === null ? (
          <span className="tag warn">{t('evidence.custody.pending')}</span>
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
