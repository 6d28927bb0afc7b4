import { CaretRightFilled, PictureOutlined } from '@ant-design/icons';
import type { Evidence, ItemPermission, Play } from '@fengcun/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, Radio, Spin } from 'antd';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { requestLink, urgentLink } from '../access/compose/items-in-address.ts';
import { useRoleWords, useRuleWords } from '../access/marks.tsx';
import { client } from '../app/api/client.ts';
import { keys } from '../app/api/keys.ts';
import { ProblemNotice } from '../app/api/problem-notice.tsx';
import { mayCall, useMe, useSite } from '../app/session/use-session.ts';
import { LinkButton } from '../app/shell/link-button.tsx';
import { FindingText } from '../format/finding-text.tsx';
import { formatInstant } from '../format/instant.ts';
import { useChanges } from '../live/change-feed.ts';
import { isStill } from './is-still.ts';
import type { PlayEnd } from './player.tsx';
import { StillView } from './still-view.tsx';
import { playerZh } from './text.ts';
import type { MediaState } from './use-media-state.ts';
import './player.css';

// The player and its library are fetched when somebody plays, not when somebody looks at an item.
const Player = lazy(() => import('./player.tsx').then((m) => ({ default: m.Player })));

type Purpose = ItemPermission['purposes'][number];

interface PlayerPanelProps {
  readonly evidence: Evidence;
  /** begins a play of something that was made of the item, under the same rules; absent: of the item itself */
  readonly begin?: (purpose: Purpose | null) => Promise<Play>;
  /** what is played, where it is not the item itself */
  readonly title?: string;
  readonly stage?: ReactNode;
  readonly onMoment?: (state: MediaState, media: HTMLMediaElement | null) => void;
  readonly onEnd?: () => void;
  /** told what is shown once it may be */
  readonly onBegun?: (play: Play) => void;
}

/**
 * The screen of an item. Nothing of the recording, not even its poster, is asked for before the viewing is on record: `startPlay` answers
 * only after its event is committed.
 */
export function PlayerPanel({ evidence, begin: beginOther, title, stage, onMoment, onEnd, onBegun }: PlayerPanelProps) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const [over, setOver] = useState<PlayEnd | null>(null);
  const [purpose, setPurpose] = useState<Purpose | null>(null);
  const { play: permission } = evidence.actions;
  const start = useMutation({
    mutationFn: () =>
      beginOther?.(purpose) ??
      client.call('startPlay', { params: { id: evidence.id }, body: purpose ? { purpose } : {} }),
    onSuccess: (play) => {
      setOver(null);
      onBegun?.(play);
      return queryClient.invalidateQueries({ queryKey: keys.custody(evidence.id) });
    },
  });
  const end = (cause: PlayEnd) => {
    // The server's refusal may come before the stream says why.
    setOver((known) => (known === null || known === 'over' ? cause : known));
    onEnd?.();
    // A grant may have been used up, or taken away: what may be done next has changed.
    void queryClient.invalidateQueries({ queryKey: keys.evidence(evidence.id) });
  };
  useChanges((change) => {
    if (change.kind === 'play' && change.id === start.data?.id && change.cause !== 'viewer') end(change.cause);
  });
  const proxy = evidence.derivatives.find(({ kind }) => kind === 'proxy');
  const begin = () => start.mutate();
  const still = isStill(evidence);
  const name = title ?? t(still ? 'player.stillTitle' : 'player.title');

  if (start.data && !over) {
    return (
      <section className="player-panel" aria-label={name}>
        {start.data.still && (
          <StillView key={start.data.id} play={start.data} still={start.data.still} onOver={end} stage={stage} />
        )}
        {start.data.playlist !== null && (
          <Suspense fallback={<Screen busy title={t('player.opening')} />}>
            <Player
              key={start.data.id}
              evidence={evidence}
              play={start.data}
              playlist={start.data.playlist}
              onOver={end}
              stage={stage}
              {...(onMoment ? { onMoment } : {})}
            />
          </Suspense>
        )}
      </section>
    );
  }
  const able = permission.allowed || permission.purposes.length > 0;
  return (
    <section className="player-panel" aria-label={name}>
      {over ? (
        <Screen
          title={t(
            over === 'revoked'
              ? 'player.revokedTitle'
              : over === 'expired'
                ? 'player.expiredTitle'
                : 'player.overTitle',
          )}
          hint={t(over === 'revoked' ? 'player.revokedHint' : 'player.overHint')}
        >
          {start.error && <ProblemNotice error={start.error} />}
          {able ? (
            <Button type="primary" loading={start.isPending} onClick={begin}>
              {t(still ? 'player.stillAgain' : 'player.again')}
            </Button>
          ) : (
            <WaysToAsk evidence={evidence} />
          )}
        </Screen>
      ) : !able && proxy?.state !== 'nothing_to_play' ? (
        <MayNot evidence={evidence} />
      ) : proxy?.state === 'ready' ? (
        <Screen hint={<StartHint permission={permission} still={still} />}>
          {start.error && <ProblemNotice error={start.error} />}
          {!permission.allowed && (
            <div className="player-purposes">
              <div className="player-screen-title" id="player-purpose">
                {t('player.purposeTitle')}
              </div>
              <Radio.Group
                aria-labelledby="player-purpose"
                value={purpose}
                onChange={(event) => setPurpose(event.target.value)}
                options={permission.purposes.map((value) => ({ value, label: t(`policy.purpose.${value}`) }))}
              />
            </div>
          )}
          <button
            type="button"
            className="player-start"
            disabled={start.isPending || (!permission.allowed && purpose === null)}
            onClick={begin}
          >
            {start.isPending ? (
              <Spin />
            ) : still ? (
              <PictureOutlined aria-hidden="true" />
            ) : (
              <CaretRightFilled aria-hidden="true" />
            )}
            <span>{start.isPending ? t('player.opening') : t(still ? 'player.stillStart' : 'player.start')}</span>
          </button>
        </Screen>
      ) : (
        <NotReady evidence={evidence} proxy={proxy} />
      )}
    </section>
  );
}

function StartHint({ permission, still }: { readonly permission: ItemPermission; readonly still: boolean }) {
  const { t } = useTranslation();
  const { timeZone } = useSite();
  if (!permission.allowed) return t('player.purposeHint');
  if (!permission.grant) return t(still ? 'player.stillHint' : 'player.startHint');
  const until = formatInstant(permission.grant.until, timeZone);
  const { usesLeft: uses } = permission.grant;
  if (uses === null) return t(still ? 'player.stillGrantHint' : 'player.grantHint', { until });
  return t(still ? 'player.stillGrantUsesHint' : 'player.grantUsesHint', { until, uses });
}

/** Why the reader may not play it, and what can be done about it. */
function MayNot({ evidence }: { readonly evidence: Evidence }) {
  const { t } = useTranslation();
  const rule = useRuleWords();
  const roles = useRoleWords();
  const { outcome, rule: name, approvers } = evidence.actions.play;
  if (outcome === 'deny') {
    return <Screen title={t('player.deniedTitle')} hint={t('player.deniedHint', { rule: rule(name) })} />;
  }
  return (
    <Screen
      title={t('player.neededTitle')}
      hint={t('player.neededHint', { roles: roles(approvers), rule: rule(name) })}
    >
      <WaysToAsk evidence={evidence} />
    </Screen>
  );
}

function WaysToAsk({ evidence }: { readonly evidence: Evidence }) {
  const { t } = useTranslation();
  const me = useMe();
  return (
    <div className="player-ways">
      {mayCall(me, 'createRequest') && (
        <LinkButton primary to={requestLink([evidence.id])}>
          {t('player.request')}
        </LinkButton>
      )}
      {mayCall(me, 'createUrgentRequest') && (
        <LinkButton danger to={urgentLink([evidence.id])}>
          {t('player.urgent')}
        </LinkButton>
      )}
    </div>
  );
}

function NotReady({ evidence, proxy }: { evidence: Evidence; proxy: Evidence['derivatives'][number] | undefined }) {
  const { t } = useTranslation();
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
  // Earlier versions told a reason and an English sentence; the reason has words here.
  const known = proxy?.reason && isKnownReason(proxy.reason) ? t(`player.reason.${proxy.reason}`) : null;
  const why = proxy?.findings || !known ? proxy?.detail && <FindingText told={proxy} /> : known;
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
        <div className="player-reason">
          {why || t('player.notPlayable', { kind: t(`common.kind.${evidence.kind}`) })}
        </div>
      </Screen>
    );
  }
  return (
    <Screen title={t('player.failedTitle')} hint={t('player.failedHint')}>
      {why && <div className="player-reason">{why}</div>}
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
  readonly hint?: ReactNode;
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
