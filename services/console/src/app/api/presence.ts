/** Sent with requests that nobody's hand caused: `identity` does not count them as use of the session. */
const backgroundHeaders = { 'fengcun-background': '1' } as const;

/** ms without a touch after which whatever the page asks for, it asks for by itself */
const untouchedMs = 60_000;

/** A page may scroll by itself; a wheel, a finger or a key cannot. `pointerdown` also takes hold of a scroll bar. */
const touches = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchmove'] as const;

export interface Presence {
  /** Headers for a request that is made now. */
  readonly headers: () => Record<string, string>;
  /** Runs `ask`; the requests it makes before it returns are the page's own, whoever sits before it. */
  readonly inBackground: <T>(ask: () => T) => T;
}

/** Watches whether somebody is at the page. Opening it counts as a touch. `now` is in ms. */
export function watchPresence(page: EventTarget, now: () => number = () => Date.now()): Presence {
  let touchedAt = now();
  let automatic = 0;
  const touched = ({ isTrusted }: Event) => {
    if (isTrusted) touchedAt = now();
  };
  for (const touch of touches) page.addEventListener(touch, touched, { capture: true, passive: true });
  return {
    // A clock that was set back must not make an hour's absence of it.
    headers: () => (automatic > 0 || Math.abs(now() - touchedAt) >= untouchedMs ? { ...backgroundHeaders } : {}),
    inBackground: (ask) => {
      automatic += 1;
      try {
        return ask();
      } finally {
        automatic -= 1;
      }
    },
  };
}
