import type { AccessRequest, Grant, ListedGrant } from '@fengcun/contracts';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { mayCall, useMe } from '../../app/session/use-session.ts';
import { When } from '../../format/when.tsx';
import { GrantStateTag, Operations } from '../marks.tsx';
import { RevokeGrant } from './revoke-grant.tsx';

interface GrantCardProps {
  readonly grant: Grant | ListedGrant;
  /** the reader may take it back */
  readonly revocable: boolean;
  /** names of the items, where the page knows them */
  readonly items?: AccessRequest['items'];
}

/** One permission: what, to whom, until when, how often; and the way to end it at once. */
export function GrantCard({ grant, revocable, items = [] }: GrantCardProps) {
  const { t } = useTranslation();
  const me = useMe();
  const [revoking, setRevoking] = useState(false);
  const mine = grant.to.id === me.id;
  const open = grant.state === 'live' || grant.state === 'waiting';
  const nameOf = (id: string) => items.find((item) => item.id === id)?.name;
  return (
    <div className="grant">
      <div className="grant-head">
        <GrantStateTag state={grant.state} />
        {grant.urgent && <span className="tag danger">{t('access.grant.urgent')}</span>}
        <span className="strong">
          <Operations operations={grant.operations} />
        </span>
        <span className="grow" />
        {revocable && open && mayCall(me, 'revokeGrant') && (
          <Button size="small" danger onClick={() => setRevoking(true)}>
            {t(mine ? 'access.grant.giveBack' : 'access.grant.revoke')}
          </Button>
        )}
      </div>
      <div className="quiet">
        {!mine && (
          <>
            {t('access.grant.to')} <span className="strong">{grant.to.name}</span> ·{' '}
          </>
        )}
        <When at={grant.from} /> {t('access.detail.until')} <When at={grant.until} />
      </div>
      {'number' in grant && (
        <div>
          {t(`policy.purpose.${grant.purpose}`)} ·{' '}
          {grant.may.readRequest ? (
            <Link to={`/access/requests/${grant.request}`}>{t('access.grant.basis', { number: grant.number })}</Link>
          ) : (
            <span className="quiet">{t('access.requestTitle', { number: grant.number })}</span>
          )}
        </div>
      )}
      <ul className="plain-list grant-items">
        {grant.items.map(({ evidence, name, usesLeft }) => (
          <li key={evidence}>
            <Link to={`/evidence/${evidence}`} className="breakable">
              {name ?? nameOf(evidence) ?? (
                <span className="num">
                  {evidence.slice(0, 8)}…{evidence.slice(-4)}
                </span>
              )}
            </Link>
            <span className="quiet small">
              {usesLeft === null
                ? t('access.grant.usesFree')
                : usesLeft === 0
                  ? t('access.grant.usesGone')
                  : t('access.grant.usesLeft', { count: usesLeft })}
            </span>
          </li>
        ))}
      </ul>
      {grant.revoked && (
        <div className="danger">
          {grant.revoked.by
            ? t('access.grant.revokedBy', { name: grant.revoked.by.name, reason: grant.revoked.reason })
            : t('access.grant.revokedBySystem', { reason: grant.revoked.reason })}{' '}
          <span className="quiet">
            <When at={grant.revoked.at} />
          </span>
        </div>
      )}
      {revoking && <RevokeGrant grant={grant} own={mine} onClose={() => setRevoking(false)} />}
    </div>
  );
}
