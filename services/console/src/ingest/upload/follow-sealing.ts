import { client, problemIn } from '../../app/api/client.ts';
import { onChange } from '../../live/change-feed.ts';

export type SealingOutcome = 'sealed' | 'quarantined' | 'gone';

/**
 * Waits until a received upload is evidence. Asks at once when the stream says that it changed, and every few seconds in any case.
 * @throws the signal's reason when aborted
 */
export async function followSealing(id: string, signal: AbortSignal): Promise<SealingOutcome> {
  for (let turn = 0; ; turn += 1) {
    signal.throwIfAborted();
    const found = await client.call('getEvidence', { params: { id }, signal }).catch((error: unknown) => {
      signal.throwIfAborted();
      const { status } = problemIn(error);
      // Not evidence yet; or a passing fault, or a session to be renewed: the file is safe, so keep asking.
      return status === 403 ? 'gone' : null;
    });
    if (found === 'gone') return 'gone';
    if (found) return found.state;
    if ((await nextNews(id, Math.min(5000, 1000 + 500 * turn), signal)) === 'gone') return 'gone';
  }
}

function nextNews(id: string, atMostMs: number, signal: AbortSignal): Promise<'ask' | 'gone'> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      clearTimeout(timer);
      stop();
      signal.removeEventListener('abort', abort);
      act();
    };
    const abort = () => settle(() => reject(signal.reason));
    const timer = setTimeout(() => settle(() => resolve('ask')), atMostMs);
    const stop = onChange((change) => {
      if (!('id' in change) || change.id !== id) return;
      const gone = change.kind === 'upload' && (change.state === 'terminated' || change.state === 'expired');
      settle(() => resolve(gone ? 'gone' : 'ask'));
    });
    signal.addEventListener('abort', abort);
  });
}
