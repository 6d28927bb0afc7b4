import pg from 'pg';
import type { Database } from './connect.ts';
import { connectionStringOf } from './connect.ts';

export interface ListenOptions {
  readonly channels: readonly string[];
  readonly onNotification: (channel: string, payload: string) => void;
  /** after every (re)connection: what was notified in between is lost, so look for yourself */
  readonly onConnected?: () => void;
  /** each failure; the listener keeps trying until it is closed */
  readonly onError: (error: unknown) => void;
}

export interface Listener {
  close(): Promise<void>;
}

const retryMs = 1000;

/**
 * LISTENs on a connection of its own (none of the pool's), reconnecting for as long as it is open. Notifications are hints: PostgreSQL
 * keeps none for a listener that is away, so every listener also polls.
 */
export function listen(db: Database, options: ListenOptions): Listener {
  const connectionString = connectionStringOf(db);
  let client: pg.Client | null = null;
  let closed = false;
  let retry: NodeJS.Timeout | null = null;
  let connecting: Promise<void> = Promise.resolve();

  const reconnectLater = (failed: pg.Client, error?: unknown): void => {
    if (closed || client !== failed) return;
    client = null;
    if (error !== undefined) options.onError(error);
    void failed.end().catch(() => undefined);
    retry = setTimeout(open, retryMs);
    retry.unref();
  };

  const open = (): void => {
    const current = new pg.Client({ connectionString, application_name: 'fengcun-listen', keepAlive: true });
    client = current;
    current.on('error', (error) => reconnectLater(current, error));
    current.on('end', () => reconnectLater(current));
    current.on('notification', ({ channel, payload }) => options.onNotification(channel, payload ?? ''));
    connecting = (async () => {
      try {
        await current.connect();
        for (const channel of options.channels) await current.query(`listen ${current.escapeIdentifier(channel)}`);
        if (!closed) options.onConnected?.();
      } catch (error) {
        reconnectLater(current, error);
      }
    })();
  };

  open();
  return {
    async close() {
      closed = true;
      if (retry) clearTimeout(retry);
      await connecting;
      await client?.end().catch(() => undefined);
    },
  };
}
