import { mayCall, type Person } from '../app/session/use-session.ts';

export interface AdminTab {
  readonly to: string;
  readonly name: 'people' | 'units' | 'devices' | 'docks' | 'policy' | 'retention' | 'signIn' | 'webhooks';
}

/** Sections of administration that are the reader's: units and devices are kept by one, and looked after by the two others. */
export function adminTabs(me: Person): readonly AdminTab[] {
  const administrates = me.roles.some(({ role }) => ['auditor', 'system_admin', 'security_admin'].includes(role));
  return [
    ...(mayCall(me, 'listAccounts') ? [{ to: '/admin/people', name: 'people' } as const] : []),
    ...(administrates ? [{ to: '/admin/units', name: 'units' } as const] : []),
    ...(administrates ? [{ to: '/admin/devices', name: 'devices' } as const] : []),
    ...(administrates ? [{ to: '/admin/docks', name: 'docks' } as const] : []),
    ...(mayCall(me, 'getMatrix') ? [{ to: '/admin/policy', name: 'policy' } as const] : []),
    ...(mayCall(me, 'listDispositions') || mayCall(me, 'createMatter')
      ? [{ to: '/admin/retention', name: 'retention' } as const]
      : []),
    ...(mayCall(me, 'getSignInPolicy') ? [{ to: '/admin/sign-in', name: 'signIn' } as const] : []),
    ...(mayCall(me, 'listWebhooks') ? [{ to: '/admin/webhooks', name: 'webhooks' } as const] : []),
  ];
}
