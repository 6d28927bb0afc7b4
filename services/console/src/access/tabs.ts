import { mayCall, type Person } from '../app/session/use-session.ts';

export interface AccessTab {
  readonly to: string;
  readonly name: 'mine' | 'to_decide' | 'decided' | 'grants' | 'register';
}

/** Sections of access that are the reader's, in the order of how often they are needed. */
export function accessTabs(me: Person): readonly AccessTab[] {
  const decides = mayCall(me, 'decideRequest');
  return [
    ...(mayCall(me, 'createRequest') ? [{ to: '/access/mine', name: 'mine' } as const] : []),
    ...(decides
      ? ([
          { to: '/access/to-decide', name: 'to_decide' },
          { to: '/access/decided', name: 'decided' },
        ] as const)
      : []),
    ...(mayCall(me, 'listGrants') ? [{ to: '/access/grants', name: 'grants' } as const] : []),
    ...(mayCall(me, 'listRegister') ? [{ to: '/access/register', name: 'register' } as const] : []),
  ];
}
