import type { Notification } from '@fengcun/contracts';

/** The page of what a notification is about. */
export function subjectLink({ subject }: Pick<Notification, 'subject'>): string {
  switch (subject.kind) {
    case 'request':
      return `/access/requests/${subject.id}`;
    case 'grant':
      return '/access/grants';
    case 'evidence':
      return `/evidence/${subject.id}`;
    case 'alarm':
      return '/#alarms';
  }
}
