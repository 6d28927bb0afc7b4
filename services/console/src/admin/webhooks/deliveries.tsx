import type { NotificationKind, WebhookDelivery } from '@fengcun/contracts';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { client } from '../../app/api/client.ts';
import { keys } from '../../app/api/keys.ts';
import { Loaded, Nothing } from '../../app/api/page-state.tsx';
import { FindingText } from '../../format/finding-text.tsx';
import { When } from '../../format/when.tsx';
import { notificationsZh } from '../../notifications/text.ts';

const tones = { pending: 'info', delivered: 'good', failed: 'danger' } as const;

/** What was sent lately, and what came of each attempt. */
export function Deliveries({ webhook }: { readonly webhook: string }) {
  const { t } = useTranslation();
  const deliveries = useQuery({
    queryKey: keys.deliveries(webhook),
    queryFn: ({ signal }) =>
      client.call('listWebhookDeliveries', { params: { id: webhook }, query: { limit: 20 }, signal }),
    refetchInterval: ({ state }) => (state.data?.items.some((one) => one.state === 'pending') ? 3000 : false),
  });
  return (
    <Loaded query={deliveries} rows={2}>
      {({ items }) =>
        items.length === 0 ? (
          <Nothing title={t('admin.webhooks.deliveriesNone')} />
        ) : (
          <ul className="plain-list deliveries">
            {items.map((delivery) => (
              <Delivery key={delivery.id} delivery={delivery} />
            ))}
          </ul>
        )
      }
    </Loaded>
  );
}

function Delivery({ delivery }: { readonly delivery: WebhookDelivery }) {
  const { t } = useTranslation();
  const { kind, state, createdAt, nextAt, attempts } = delivery;
  const last = attempts.at(-1);
  return (
    <li>
      <span className={`tag ${tones[state]}`}>{t(`admin.webhooks.state.${state}`)}</span>
      <span>{isKnownKind(kind) ? t(`notifications.name.${kind}`) : t('admin.webhooks.testKind')}</span>
      <When at={createdAt} />
      <span className="quiet small breakable">
        {t('admin.webhooks.attempts', { count: attempts.length })}
        {last && ` · ${last.status === null ? '' : `HTTP ${last.status} · `}${last.durationMs} ms`}
        {state === 'pending' && nextAt && (
          <>
            {' · '}
            {t('admin.webhooks.next')} <When at={nextAt} />
          </>
        )}
      </span>
      {last?.error && (
        <div className="quiet small breakable delivery-error">
          <FindingText told={{ detail: last.error, ...(last.findings && { findings: last.findings }) }} />
        </div>
      )}
    </li>
  );
}

function isKnownKind(kind: string): kind is NotificationKind {
  return Object.hasOwn(notificationsZh.name, kind);
}
