import { Button } from 'antd';
import type { ReactNode } from 'react';
import { type To, useHref, useLinkClickHandler } from 'react-router';

interface LinkButtonProps {
  readonly to: To;
  readonly state?: unknown;
  readonly primary?: boolean;
  readonly danger?: boolean;
  readonly small?: boolean;
  readonly icon?: ReactNode;
  readonly children: ReactNode;
}

/** A link that looks like a button: still a link to the keyboard, the middle mouse button and a screen reader. */
export function LinkButton({
  to,
  state,
  primary = false,
  danger = false,
  small = false,
  icon,
  children,
}: LinkButtonProps) {
  const href = useHref(to);
  const follow = useLinkClickHandler<HTMLElement>(to, { state });
  return (
    <Button
      href={href}
      type={primary ? 'primary' : 'default'}
      danger={danger}
      size={small ? 'small' : 'middle'}
      icon={icon}
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
