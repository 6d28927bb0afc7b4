import type { Change, Offload, OffloadFile } from '@fengcun/contracts';
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { client, inBackground, isSignedOut } from '../app/api/client.ts';
import { keys } from '../app/api/keys.ts';
import { emitChange } from './change-feed.ts';
import { type UploadPage, withUpload } from './progress.ts';

export type LiveState = 'connecting' | 'connected' | 'lost';

const kinds = Object.keys({
  upload: true,
  evidence: true,
  derivative: true,
  offload: true,
  alarm: true,
  checkpoint: true,
  notification: true,
  play: true,
  issued_copy: true,
  redaction: true,
} satisfies Record<Change['kind'], true>);
/**
 * What one hears of without having asked. A change between the first answers and the stream's opening is told to nobody, so these are asked for
 * once more; an item's page is not, which would be on record as another look.
 */
const toldOnly = [keys.notifications, keys.alarms, keys.overview, keys.uploads];

/** Many changes arrive at once while a dock unloads; each family of queries is asked again at most this often. */
const quietMs = 800;

/**
 * Follows the server's stream of changes and brings the cache up to date: numbers that move are patched at once, everything else is
 * fetched again. The stream is a hint, so after a break everything on the page is asked for anew.
 */
export function useLiveChanges(onState: (state: LiveState) => void): void {
  const queryClient = useQueryClient();
  useEffect(() => {
    const refresh = refresher(queryClient);
    let source: EventSource | null = null;
    let retry: ReturnType<typeof setTimeout> | undefined;
    let failures = 0;

    const connect = () => {
      source = new EventSource('/api/stream');
      source.onopen = () => {
        const isStale = ({ queryKey }: { readonly queryKey: readonly unknown[] }) => queryKey[0] !== 'me';
        if (failures > 0) void inBackground(() => queryClient.invalidateQueries({ predicate: isStale }));
        else for (const queryKey of toldOnly) void inBackground(() => queryClient.invalidateQueries({ queryKey }));
        failures = 0;
        onState('connected');
      };
      source.onerror = () => {
        failures += 1;
        onState('lost');
        // A browser gives up for good after a reply that is not a stream: a lost session, a proxy's error page.
        if (source?.readyState === EventSource.CLOSED)
          retry = setTimeout(check, Math.min(30_000, 1000 * 2 ** failures));
      };
      for (const kind of kinds) {
        source.addEventListener(kind, (message: MessageEvent<string>) => {
          const change = parseChange(message.data);
          if (!change) return;
          apply(queryClient, refresh, change);
          emitChange(change);
        });
      }
    };
    const check = () => {
      inBackground(() => client.call('whoAmI')).then(connect, (error: unknown) => {
        if (isSignedOut(error)) queryClient.setQueryData(keys.me, null);
        else retry = setTimeout(check, Math.min(30_000, 1000 * 2 ** failures++));
      });
    };
    connect();
    return () => {
      clearTimeout(retry);
      source?.close();
      refresh.stop();
    };
  }, [queryClient, onState]);
}

function parseChange(text: string): Change | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'kind' in value ? (value as Change) : null;
  } catch {
    return null;
  }
}

function apply(queryClient: QueryClient, refresh: Refresher, change: Change): void {
  switch (change.kind) {
    case 'upload':
      queryClient.setQueryData<UploadPage>(keys.uploads, (page) => (page ? withUpload(page, change) : page));
      if (change.offload) {
        queryClient.setQueryData<Offload>(keys.offload(change.offload), (offload) =>
          offload ? withFileProgress(offload, change) : offload,
        );
        refresh.soon(keys.offload(change.offload));
        refresh.soon(['offloads', 'list']);
      }
      if (change.state !== 'receiving') refresh.soon(keys.overview);
      if (!queryClient.getQueryData<UploadPage>(keys.uploads)?.items.some(({ id }) => id === change.id))
        refresh.soon(keys.uploads);
      return;
    case 'evidence':
      refresh.soon(keys.evidence(change.id));
      refresh.soon(keys.latestEvidence);
      refresh.soon(keys.overview);
      return;
    case 'derivative':
      refresh.soon(keys.evidence(change.id));
      return;
    case 'offload':
      refresh.soon(keys.offload(change.id));
      refresh.soon(['offloads', 'list']);
      // It may be the first that is heard of a device.
      refresh.soon(['devices', 'list']);
      return;
    case 'alarm':
      refresh.soon(keys.alarms);
      refresh.soon(keys.overview);
      return;
    case 'notification':
      // Whatever one is told, one is told of requests and grants; and those decide what an item's page offers.
      refresh.soon(keys.notifications);
      refresh.soon(keys.requests);
      refresh.soon(keys.grants);
      refresh.soon(keys.evidenceItems);
      return;
    case 'issued_copy':
      refresh.soon(keys.issuedCopies(change.evidence));
      return;
    case 'redaction':
      refresh.soon(keys.redactions(change.evidence));
      refresh.soon(keys.redaction(change.id));
      return;
    case 'play':
      // The player that plays it listens for itself.
      return;
    case 'checkpoint':
      refresh.soon(keys.overview);
      refresh.soon(keys.checkpoint);
      return;
  }
}

function withFileProgress(offload: Offload, change: Extract<Change, { kind: 'upload' }>): Offload {
  const moved = (file: OffloadFile): OffloadFile => {
    if (file.evidence !== change.id || change.state === 'terminated') return file;
    // The states of an offload's file have no step for sealing: what has arrived is received until it is sealed.
    const state = change.state === 'sealing' ? 'received' : change.state;
    return { ...file, state, offset: Math.max(file.offset, change.offset) };
  };
  return { ...offload, files: offload.files.map(moved) };
}

interface Refresher {
  soon(queryKey: readonly unknown[]): void;
  stop(): void;
}

function refresher(queryClient: QueryClient): Refresher {
  const waiting = new Map<string, ReturnType<typeof setTimeout>>();
  return {
    soon(queryKey) {
      const name = JSON.stringify(queryKey);
      if (waiting.has(name)) return;
      const run = () => {
        waiting.delete(name);
        void inBackground(() => queryClient.invalidateQueries({ queryKey }));
      };
      waiting.set(name, setTimeout(run, quietMs));
    },
    stop() {
      for (const timer of waiting.values()) clearTimeout(timer);
      waiting.clear();
    },
  };
}
