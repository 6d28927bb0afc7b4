import type { ReactNode } from 'react';
import { NavLink } from 'react-router';

export interface Tab {
  readonly to: string;
  readonly label: string;
  readonly mark?: ReactNode;
}

/** Sections of an area, each an address of its own: links, so that they open in new tabs and are announced as what they are. */
export function Tabs({ label, tabs }: { readonly label: string; readonly tabs: readonly Tab[] }) {
  if (tabs.length === 0) return null;
  return (
    <nav className="tabs" aria-label={label}>
      {tabs.map(({ to, label: words, mark }) => (
        <NavLink key={to} to={to} className={({ isActive }) => (isActive ? 'tab active' : 'tab')}>
          {words}
          {mark}
        </NavLink>
      ))}
    </nav>
  );
}
