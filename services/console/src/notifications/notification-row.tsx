import type { Notification } from '@fengcun/contracts';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { When } from '../format/when.tsx';
import { subjectLink } from './subject-link.ts';

interface NotificationRowProps {
  readonly notification: Notification;
  /** when it was opened */
  readonly onOpen: () => void;
}

/** One thing somebody was told, as a link to what it is about. */
export function NotificationRow({ notification, onOpen }: NotificationRowProps) {
  const { t } = useTranslation();
  const { kind, data, createdAt, readAt } = notification;
  const words = t(`notifications.kind.${kind}`, { number: data.number ?? '', name: data.name ?? '' });
  return (
    <li className={readAt ? 'notification' : 'notification unread'}>
      <Link to={subjectLink(notification)} onClick={onOpen}>
        {!readAt && <span className="visually-hidden">{t('notifications.unreadMark')} </span>}
        {words}
      </Link>
      {data.reason && <div className="quiet small breakable">{data.reason}</div>}
      <div className="quiet small notification-times">
        <When at={createdAt} />
        {data.due && (
          <>
            {' · '}
            {t('notifications.due')} <When at={data.due} />
          </>
        )}
      </div>
    </li>
  );
}
