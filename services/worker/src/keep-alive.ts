export interface KeepAlive {
  /** fires when `outer` does, and when the claim is lost */
  readonly signal: AbortSignal;
  /** somebody else has the work now */
  readonly lost: boolean;
  stop(): void;
}

/**
 * Renews a claim while work goes on. A renewal that fails is tried again at the next turn: the fencing token, not the lease, is what keeps two
 * workers apart.
 */
export function keepAlive(renew: () => Promise<boolean>, everyMs: number, outer: AbortSignal): KeepAlive {
  const taken = new AbortController();
  let renewing = false;
  const timer = setInterval(() => {
    if (renewing) return;
    renewing = true;
    renew()
      .then(
        (ours) => {
          if (!ours) taken.abort(new Error('another worker has taken the work over'));
        },
        () => undefined,
      )
      .finally(() => {
        renewing = false;
      });
  }, everyMs);
  return {
    signal: AbortSignal.any([outer, taken.signal]),
    get lost() {
      return taken.signal.aborted;
    },
    stop: () => clearInterval(timer),
  };
}
