import type { MouseEvent } from 'react';

/** A click anywhere on a row opens it; text can still be selected, and links and buttons keep their own behaviour. */
export function opensRow(open: () => void): (event: MouseEvent<HTMLElement>) => void {
  return (event) => {
    if (event.target instanceof Element && event.target.closest('a, button, input, label')) return;
    if (window.getSelection()?.isCollapsed === false) return;
    open();
  };
}
