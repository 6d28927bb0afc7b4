import { CodeOutlined } from '@ant-design/icons';
import type { Evidence } from '@fengcun/contracts';
import { Button, Drawer } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Panel } from '../../app/shell/page.tsx';
import { CopyButton } from '../../format/copy-button.tsx';
import { formatClock } from '../../format/duration.ts';
import { Fact, Facts } from './fact.tsx';
import { type StreamSummary, summarizeProbe } from './probe-summary.ts';

/** What the file says of itself; a claim, shown beside the raw text it was read from. */
export function MediaPanel({ evidence }: { readonly evidence: Evidence }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const probe = evidence.derivatives.find(({ kind }) => kind === 'probe');
  const summary = summarizeProbe(evidence.probe);
  const raw = JSON.stringify(evidence.probe, null, 2);
  const sent = Object.entries(evidence.metadata);
  return (
    <Panel
      title={t('evidence.metadata.title')}
      tools={
        evidence.probe !== null && (
          <Button size="small" icon={<CodeOutlined aria-hidden="true" />} onClick={() => setOpen(true)}>
            {t('evidence.metadata.raw')}
          </Button>
        )
      }
    >
      {summary ? (
        <Facts>
          {summary.container && <Fact name={t('evidence.metadata.container')}>{summary.container}</Fact>}
          {summary.durationMs !== null && (
            <Fact name={t('evidence.metadata.duration')}>
              <span className="num">{formatClock(summary.durationMs)}</span>
            </Fact>
          )}
          {summary.bitsPerSecond !== null && (
            <Fact name={t('evidence.metadata.bitrate')}>
              <span className="num">{(summary.bitsPerSecond / 1e6).toFixed(2)} Mbit/s</span>
            </Fact>
          )}
          {summary.streams.map((stream, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the streams of one recording never move
            <Fact key={at} name={t(`evidence.metadata.${stream.type}`)}>
              <StreamWords stream={stream} />
            </Fact>
          ))}
          {summary.created && (
            <Fact name={t('evidence.metadata.created')}>
              <span className="num">{summary.created}</span>
            </Fact>
          )}
          {summary.location && <Fact name={t('evidence.metadata.location')}>{summary.location}</Fact>}
        </Facts>
      ) : (
        <p className="quiet panel-text">
          {probe?.state === 'pending'
            ? t('evidence.metadata.pending')
            : probe?.state === 'failed'
              ? t('evidence.metadata.failed')
              : probe
                ? t('evidence.metadata.nothing')
                : t('evidence.metadata.none')}
        </p>
      )}
      {sent.length > 0 && (
        <details className="sent">
          <summary>{t('evidence.metadata.sent')}</summary>
          <Facts>
            {sent.map(([key, value]) => (
              <Fact key={key} name={key}>
                <span className="breakable">{value}</span>
              </Fact>
            ))}
          </Facts>
        </details>
      )}
      <Drawer open={open} onClose={() => setOpen(false)} title={t('evidence.metadata.rawTitle')} size={640}>
        <div className="command">
          <code>{raw}</code>
          <CopyButton value={raw} what={t('evidence.metadata.raw')} />
        </div>
      </Drawer>
    </Panel>
  );
}

function StreamWords({ stream }: { readonly stream: StreamSummary }) {
  const { t } = useTranslation();
  const words =
    stream.type === 'video'
      ? [
          stream.profile ? `${stream.codec} ${stream.profile}` : stream.codec,
          stream.width && stream.height ? `${stream.width}×${stream.height}` : null,
          stream.fps ? `${Number(stream.fps.toFixed(2))}\u00a0fps` : null,
          stream.rotation ? t('evidence.metadata.rotated', { degrees: stream.rotation }) : null,
        ]
      : [
          stream.codec,
          stream.sampleRate ? `${stream.sampleRate / 1000}\u00a0kHz` : null,
          stream.channels ? t('evidence.metadata.channels', { count: stream.channels }) : null,
        ];
  return <span className="num wrap">{words.filter(Boolean).join(' · ')}</span>;
}
