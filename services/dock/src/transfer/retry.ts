import { setTimeout as sleep } from 'node:timers/promises';
import { DockError, type Text } from '../errors.ts';

/** Thrown for a fault that another attempt may not meet: no connection, a busy or failing server. */
export class TransientError extends Error {
  override readonly name = 'TransientError';
  /** true when the server could not be reached at all */
  readonly unreachable: boolean;
  /** true when our token was refused: right after a clock correction it may pass, again and again it will not */
  readonly tokenRefused: boolean;
  /** ms the server asked us to wait, when it did */
  readonly retryAfterMs: number | undefined;
  readonly text: Text;

  constructor(sentence: string | Text, options: TransientOptions = {}) {
    const text = typeof sentence === 'string' ? { zh: sentence, en: sentence } : sentence;
    super(text.en, options);
    this.text = text;
    this.unreachable = options.unreachable ?? false;
    this.tokenRefused = options.tokenRefused ?? false;
    this.retryAfterMs = options.retryAfterMs;
  }
}

interface TransientOptions extends ErrorOptions {
  readonly unreachable?: boolean;
  readonly tokenRefused?: boolean;
  readonly retryAfterMs?: number | undefined;
}

export interface RetryPolicy {
  /** ms without any success after which an unreachable server is given up */
  readonly patienceMs: number;
  readonly signal: AbortSignal;
  readonly onRetry?: (error: TransientError, waitMs: number) => void;
}

const firstWaitMs = 250;
const longestWaitMs = 30_000;
const tokenRefusalsAllowed = 2;

/**
 * Repeats `attempt` through transient faults with exponential back-off and full jitter. `attempt` calls `progressed` whenever something
 * got through, which starts the back-off and the patience anew. Rejects `unreachable` or
 * `not_sealed` when patience ends, `refused` when the server does not take our token.
 */
export async function withRetries<T>(policy: RetryPolicy, attempt: (progressed: () => void) => Promise<T>): Promise<T> {
  let failures = 0;
  let tokenRefusals = 0;
  let lastSuccess = Date.now();
  const progressed = () => {
    failures = 0;
    tokenRefusals = 0;
    lastSuccess = Date.now();
  };
  for (;;) {
    policy.signal.throwIfAborted();
    try {
      return await attempt(progressed);
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      if (error.tokenRefused && ++tokenRefusals > tokenRefusalsAllowed) {
        throw new DockError('refused', error.text, { cause: error });
      }
      if (Date.now() - lastSuccess > policy.patienceMs) {
        const code = error.unreachable ? 'unreachable' : 'not_sealed';
        throw new DockError(
          code,
          {
            zh: `${error.text.zh}等了 ${Math.round(policy.patienceMs / 1000)} 秒后放弃；再次运行同一命令即可续传。`,
            en: `${error.text.en} Given up after ${Math.round(policy.patienceMs / 1000)} s; run the same command again to resume.`,
          },
          { cause: error },
        );
      }
      const ceiling = Math.min(longestWaitMs, firstWaitMs * 2 ** failures++);
      const waitMs = error.retryAfterMs ?? Math.round(ceiling * (0.5 + Math.random() / 2));
      policy.onRetry?.(error, waitMs);
      await sleep(waitMs, undefined, { signal: policy.signal });
    }
  }
}
