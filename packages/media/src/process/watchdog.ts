/** Kills what hangs: ffmpeg can loop for ever on a crafted file, without output and without an error. */
export interface Watchdog {
  /** Reports the tool's position; only a position that differs from the last one counts as progress. */
  saw(position: string): void;
  /** Stops both clocks while somebody else, not the tool, is slow. */
  pause(): void;
  resume(): void;
  stop(): void;
}

/** Starts the clocks. `expire` is called at most once. */
export function startWatchdog(
  bounds: { readonly noProgressMs: number; readonly wallTimeMs: number },
  expire: (code: 'no_progress' | 'timed_out', message: string) => void,
): Watchdog {
  const positions = new Map<string, string>();
  let running = 0;
  let idle = 0;
  let last = performance.now();
  let paused = false;

  const advance = () => {
    const now = performance.now();
    if (!paused) {
      running += now - last;
      idle += now - last;
    }
    last = now;
  };
  const tick = () => {
    advance();
    if (running > bounds.wallTimeMs) {
      stop();
      expire('timed_out', `The tool ran longer than the allowed ${seconds(bounds.wallTimeMs)} s and was stopped.`);
    } else if (idle > bounds.noProgressMs) {
      stop();
      expire(
        'no_progress',
        `The tool made no progress for ${seconds(bounds.noProgressMs)} s and was stopped; the file may be crafted.`,
      );
    }
  };
  const period = Math.max(20, Math.min(1_000, bounds.noProgressMs / 4, bounds.wallTimeMs / 4));
  const timer = setInterval(tick, period);
  const stop = () => clearInterval(timer);

  return {
    saw(position) {
      const kind = position.startsWith('out ') ? 'out' : 'progress';
      if (positions.get(kind) === position) return;
      positions.set(kind, position);
      advance();
      idle = 0;
    },
    pause() {
      advance();
      paused = true;
    },
    resume() {
      advance();
      paused = false;
    },
    stop,
  };
}

const seconds = (milliseconds: number) => Math.round(milliseconds / 100) / 10;
