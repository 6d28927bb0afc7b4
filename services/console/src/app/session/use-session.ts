import { type Api, api, type CallReply } from '@fengcun/contracts';
import { createContext, useContext } from 'react';

export type Person = CallReply<'whoAmI'>;
export type SiteInfo = CallReply<'getSite'>;

/** The signed-in person and the site; there is always one below the session gate. */
export const SessionContext = createContext<{ readonly me: Person; readonly site: SiteInfo } | null>(null);

export function useSession(): { readonly me: Person; readonly site: SiteInfo } {
  const session = useContext(SessionContext);
  if (!session) throw new Error('useSession is only for pages below the session gate.');
  return session;
}

export const useMe = (): Person => useSession().me;
export const useSite = (): SiteInfo => useSession().site;

/**
 * Whether the person may enter a route at all, by the rule in the contract. Only decides what is offered: the server enforces it.
 */
export function mayCall(me: Person, name: keyof Api): boolean {
  const { rule } = api[name];
  if (rule.who === 'public') return true;
  if (rule.who === 'dock') return false;
  const wanted: readonly string[] = rule.roles;
  return wanted.length === 0 || me.roles.some((held) => wanted.includes(held.role));
}
