import { Button } from 'antd';
import type { ReactNode } from 'react';
import { type To, useHref, useLinkClickHandler } from 'react-router';

/** A link that looks like a button: still a link to the keyboard, the middle mouse button and a screen reader. */
export function LinkButton({ to, state, children }: { to: To; state?: unknown; children: ReactNode }) {
  const href = useHref(to);
  const follow = useLinkClickHandler<HTMLElement>(to, { state });
  return (
    <Button
      href={href}
      onClick={(event) => {
        if (isLink(event)) follow(event);
      }}
    >
      {children}
    </Button>
  );
}

function isLink(event: React.MouseEvent<HTMLElement>): event is React.MouseEvent<HTMLAnchorElement> {
  return event.currentTarget instanceof HTMLAnchorElement;
}
