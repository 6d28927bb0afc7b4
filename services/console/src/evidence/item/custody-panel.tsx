import type { CallReply, Evidence } from '@fengcun/contracts';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Button, Tooltip } from 'antd';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { client } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { Loaded, Nothing } from '../../app/api/page-state.tsx';
import { Panel } from '../../app/shell/page.tsx';
import { actorName } from '../../format/actor-name.ts';
import { formatClock } from '../../format/duration.ts';
import { When } from '../../format/when.tsx';

type Entry = CallReply<'getCustody'>['items'][number];

/** Everything that ever happened to the item, from the log. */
export function CustodyPanel({ evidence }: { readonly evidence: Evidence }) {
  const { t } = useTranslation();
  const custody = useInfiniteQuery({
    queryKey: keys.custody(evidence.id),
    queryFn: ({ pageParam, signal }) =>
      client.call('getCustody', {
        params: { id: evidence.id },
        query: { limit: 50, ...(pageParam ? { cursor: pageParam } : {}) },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    // An entry is given its place in the log within a second or two; no change is announced for each.
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ items }) => items.some(({ index }) => index === null)) ? 2000 : false,
  });
  return (
    <Panel
      title={t('evidence.custody.title')}
      tools={<span className="quiet small">{t('evidence.custody.hint')}</span>}
    >
      <Loaded query={custody}>
        {({ pages }) => {
          const entries = pages.flatMap(({ items }) => items);
          if (entries.length === 0) return <Nothing title={t('evidence.custody.empty')} />;
          return (
            <>
              <ol className="custody">
                {entries.map((entry, at) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: the log only grows at its end
                  <CustodyEntryRow key={at} entry={entry} />
                ))}
              </ol>
              {custody.hasNextPage && (
                <Button block loading={custody.isFetchingNextPage} onClick={() => void custody.fetchNextPage()}>
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

function CustodyEntryRow({ entry }: { readonly entry: Entry }) {
  const { t, i18n } = useTranslation();
  const { event, index, openings } = entry;
  const note = noteOf(entry, t);
  return (
    <li className={toneOf(event.type)}>
      <div className="custody-head">
        <span className="strong">{t(`ledger.event.${event.type}`)}</span>
        {note && <span className={note.bad ? 'danger' : 'quiet'}>{note.text}</span>}
        <span className="grow" />
        <When at={event.at} />
      </div>
      <div className="custody-foot quiet small">
        <span title={event.actor.id}>{actorName(event.actor, openings['/actor/name'], t, i18n.language)}</span>
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

function toneOf(type: Entry['event']['type']): string {
  if (type === 'evidence.sealed') return 'custody-seal';
  if (type === 'evidence.quarantined' || type === 'alarm.raised' || type === 'access.denied') return 'custody-bad';
  return '';
}

/** The one particular of an entry that a reader of the history needs at a glance. */
function noteOf({ event }: Entry, t: TFunction): { readonly text: string; readonly bad: boolean } | null {
  const data = typeof event.data === 'object' && event.data !== null ? event.data : {};
  if (event.type === 'evidence.verified' && 'verdict' in data) {
    const { verdict } = data;
    if (verdict === 'holds' || verdict === 'fails' || verdict === 'incomplete') {
      return { text: t(`ledger.verdict.${verdict}`), bad: verdict === 'fails' };
    }
  }
  if (event.type === 'play.ended' && 'watched' in data && Array.isArray(data.watched)) {
    const watched = data.watched.reduce<number>((sum, range: unknown) => sum + lengthOf(range), 0);
    return { text: t('evidence.custody.watched', { length: formatClock(watched) }), bad: false };
  }
  return null;
}

function lengthOf(range: unknown): number {
  if (typeof range !== 'object' || range === null || !('from' in range) || !('to' in range)) return 0;
  return typeof range.from === 'number' && typeof range.to === 'number' ? range.to - range.from : 0;
}
