import workerPath from 'hls.js/dist/hls.worker.js?url';
import Hls, { ErrorDetails, ErrorTypes, Events } from 'hls.js/light';

export type StreamFault = 'over' | 'revoked' | 'expired' | 'network' | 'media';

/**
 * Lets a media element play an HLS playlist: with hls.js where Media Source Extensions exist, else with what the browser has.
 * @returns how to stop
 */
export function attachStream(
  media: HTMLMediaElement,
  playlist: string,
  onFault: (fault: StreamFault | null) => void,
): () => void {
  if (!Hls.isSupported()) return attachNatively(media, playlist, onFault);
  const hls = new Hls({ workerPath, enableWorker: true, maxBufferLength: 30, backBufferLength: 60 });
  let recoveries = 0;
  hls.on(Events.ERROR, (_, data) => {
    const status = data.response?.code ?? 0;
    // The server ends a play by refusing: revoked, expired, or the session is gone.
    if (data.type === ErrorTypes.NETWORK_ERROR && status >= 400 && status < 500) {
      hls.stopLoad();
      return onFault(endIn(data.networkDetails));
    }
    if (!data.fatal) return;
    if (data.type === ErrorTypes.NETWORK_ERROR || data.details === ErrorDetails.KEY_LOAD_TIMEOUT) {
      onFault('network');
      setTimeout(() => hls.startLoad(), 3000);
    } else if (data.type === ErrorTypes.MEDIA_ERROR && recoveries < 2) {
      recoveries += 1;
      hls.recoverMediaError();
    } else onFault('media');
  });
  hls.on(Events.FRAG_BUFFERED, () => onFault(null));
  hls.loadSource(playlist);
  hls.attachMedia(media);
  return () => hls.destroy();
}

/** The server's refusal says in its problem document why the play is over; a reply that cannot be read says nothing. */
function endIn(reply: unknown): 'over' | 'revoked' | 'expired' {
  if (!(reply instanceof XMLHttpRequest)) return 'over';
  try {
    const text = reply.response instanceof ArrayBuffer ? new TextDecoder().decode(reply.response) : reply.responseText;
    const { cause } = JSON.parse(text) as { cause?: unknown };
    return cause === 'revoked' || cause === 'expired' ? cause : 'over';
  } catch {
    return 'over';
  }
}

function attachNatively(media: HTMLMediaElement, playlist: string, onFault: (fault: StreamFault) => void): () => void {
  const failed = () => onFault(media.error?.code === MediaError.MEDIA_ERR_NETWORK ? 'network' : 'media');
  media.addEventListener('error', failed);
  media.src = playlist;
  return () => {
    media.removeEventListener('error', failed);
    media.removeAttribute('src');
    media.load();
  };
}
