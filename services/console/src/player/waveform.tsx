import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../app/api/client.ts';

interface WaveformProps {
  /** id of the play it is asked for under */
  readonly play: string;
  readonly available: boolean;
  /** how much has been played, 0..1 */
  readonly fraction: number;
}

const columns = 240;

/** The outline of the sound, with what has been played in colour. */
export function Waveform({ play, available, fraction }: WaveformProps) {
  const { t } = useTranslation();
  const waveform = useQuery({
    queryKey: ['waveform', play],
    queryFn: async ({ signal }) => {
      const reply = await client.call('getPicture', { params: { id: play, picture: 'waveform' }, signal });
      return peaksOf(await reply.json());
    },
    enabled: available,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const bars = useMemo(() => (waveform.data ? loudest(waveform.data, columns) : []), [waveform.data]);
  const path = bars
    .map((bar, x) => `M${x + 0.5} ${50 - Math.max(0.8, bar * 46)}V${50 + Math.max(0.8, bar * 46)}`)
    .join('');
  return (
    <svg
      className="waveform"
      viewBox={`0 0 ${columns} 100`}
      preserveAspectRatio="none"
      role="img"
      aria-label={t('player.waveform')}
    >
      <path d={path || `M0 50H${columns}`} />
      <path
        d={path || `M0 50H${columns}`}
        className="waveform-played"
        style={{ clipPath: `inset(0 ${(1 - fraction) * 100}% 0 0)` }}
      />
    </svg>
  );
}

/** Peaks 0..1 from the waveform's JSON (`peaks`: 0..255). */
function peaksOf(json: unknown): number[] {
  if (typeof json !== 'object' || json === null || !('peaks' in json) || !Array.isArray(json.peaks)) return [];
  return json.peaks.map((peak: unknown) => (typeof peak === 'number' ? Math.min(1, Math.max(0, peak / 255)) : 0));
}

function loudest(peaks: readonly number[], count: number): number[] {
  const each = Math.max(1, peaks.length / count);
  return Array.from({ length: Math.min(count, peaks.length) }, (_, at) =>
    Math.max(
      0,
      ...peaks.slice(Math.floor(at * each), Math.max(Math.floor((at + 1) * each), Math.floor(at * each) + 1)),
    ),
  );
}
