import { CaretRightFilled } from '@ant-design/icons';
import type { Evidence } from '@fengcun/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, Spin } from 'antd';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../app/api/client.ts';
import { keys } from '../app/api/keys.ts';
import { ProblemNotice } from '../app/api/problem-notice.tsx';
import { mayCall, useMe } from '../app/session/use-session.ts';
import { playerZh } from './text.ts';
import './player.css';

// The player and its library are fetched when somebody plays, not when somebody looks at an item.
const Player = lazy(() => import('./player.tsx').then((m) => ({ default: m.Player })));

/**
 * The screen of an item. Nothing of the recording, not even its poster, is asked for before the viewing is on record: `startPlay` answers
 * only after its event is committed.
 */
export function PlayerPanel({ evidence }: { readonly evidence: Evidence }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const [over, setOver] = useState(false);
  const start = useMutation({
    mutationFn: () => client.call('startPlay', { params: { id: evidence.id } }),
    onSuccess: () => {
      setOver(false);
      return queryClient.invalidateQueries({ queryKey: keys.custody(evidence.id) });
    },
  });
  const proxy = evidence.derivatives.find(({ kind }) => kind === 'proxy');
  const begin = () => start.mutate();

  if (start.data && !over) {
    return (
      <section className="player-panel" aria-label={t('player.title')}>
        <Suspense fallback={<Screen busy title={t('player.opening')} />}>
          <Player key={start.data.id} evidence={evidence} play={start.data} onOver={() => setOver(true)} />
        </Suspense>
      </section>
    );
  }
  return (
    <section className="player-panel" aria-label={t('player.title')}>
      {!evidence.actions.play.allowed ? (
        <Screen title={t('player.deniedTitle')} hint={t('player.deniedHint', { rule: evidence.actions.play.rule })} />
      ) : over ? (
        <Screen title={t('player.overTitle')} hint={t('player.overHint')}>
          <Button type="primary" loading={start.isPending} onClick={begin}>
            {t('player.again')}
          </Button>
        </Screen>
      ) : proxy?.state === 'ready' ? (
        <Screen hint={t('player.startHint')}>
          {start.error && <ProblemNotice error={start.error} />}
          <button type="button" className="player-start" disabled={start.isPending} onClick={begin}>
            {start.isPending ? <Spin /> : <CaretRightFilled aria-hidden="true" />}
            <span>{start.isPending ? t('player.opening') : t('player.start')}</span>
          </button>
        </Screen>
      ) : (
        <NotReady evidence={evidence} proxy={proxy} />
      )}
    </section>
  );
}

function NotReady({ evidence, proxy }: { evidence: Evidence; proxy: Evidence['derivatives'][number] | undefined }) {
  const { t, i18n } = useTranslation();
  const me = useMe();
  const { message } = App.useApp();
  const queryClient = useQueryClient();
  const retry = useMutation({
    mutationFn: () => client.call('retryDerivative', { params: { id: evidence.id, kind: 'proxy' } }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: keys.evidence(evidence.id) });
      message.success(t('evidence.derivative.retried'));
    },
  });
  // The server's sentence is in English; ours is for the reader, theirs for what we do not know.
  const known = proxy?.reason && isKnownReason(proxy.reason) ? t(`player.reason.${proxy.reason}`) : null;
  const why = i18n.language.startsWith('zh') ? (known ?? proxy?.detail) : (proxy?.detail ?? known);
  if (!proxy)
    return (
      <Screen
        title={t('player.nothingTitle')}
        hint={t('player.notPlayable', { kind: t(`common.kind.${evidence.kind}`) })}
      />
    );
  if (proxy.state === 'pending') return <Screen busy title={t('player.pendingTitle')} hint={t('player.pendingHint')} />;
  if (proxy.state === 'nothing_to_play') {
    return (
      <Screen title={t('player.nothingTitle')} hint={t('player.nothingHint')}>
        <p className="player-reason">{why ?? t('player.notPlayable', { kind: t(`common.kind.${evidence.kind}`) })}</p>
      </Screen>
    );
  }
  return (
    <Screen title={t('player.failedTitle')} hint={t('player.failedHint')}>
      {why && <p className="player-reason">{why}</p>}
      {retry.error && <ProblemNotice error={retry.error} />}
      {mayCall(me, 'retryDerivative') && (
        <Button loading={retry.isPending} onClick={() => retry.mutate()}>
          {t('evidence.derivative.retry')}
        </Button>
      )}
      <span className="small">{t('evidence.derivative.attempts', { attempts: proxy.attempts })}</span>
    </Screen>
  );
}

function isKnownReason(reason: string): reason is keyof typeof playerZh.reason {
  return Object.hasOwn(playerZh.reason, reason);
}

interface ScreenProps {
  readonly title?: string;
  readonly hint?: string;
  readonly busy?: boolean;
  readonly children?: ReactNode;
}

/** The dark screen with words on it instead of a picture. */
function Screen({ title, hint, busy = false, children }: ScreenProps) {
  return (
    <div className="player-screen" aria-busy={busy}>
      {busy && <Spin />}
      {title && <div className="player-screen-title">{title}</div>}
      {children}
      {hint && <div className="player-screen-hint">{hint}</div>}
    </div>
  );
}
