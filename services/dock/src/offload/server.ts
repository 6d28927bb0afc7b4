import {
  ApiError,
  type Client,
  createClient,
  type Offload,
  type OffloadRequest,
  type Receipt,
} from '@fengcun/contracts';
import { DockError } from '../errors.ts';
import type { Enrolment } from '../home/home.ts';
import { problemText } from '../problem-text.ts';
import type { TokenSource } from '../token/token-source.ts';
import { TransientError } from '../transfer/retry.ts';
import { unreachable } from '../transfer/tus-client.ts';

/** The server as the agent uses it; faults that may pass reject with `TransientError`, refusals with `DockError`. */
export interface Server {
  openOffload(request: OffloadRequest): Promise<Offload>;
  offload(id: string): Promise<Offload>;
  /** undefined while the receipt waits for a signed checkpoint */
  receipt(evidence: string): Promise<Receipt | undefined>;
}

export function createServer(enrolment: Enrolment, tokens: TokenSource, signal: AbortSignal): Server {
  const client: Client = createClient({
    baseUrl: enrolment.url,
    headers: async () => ({ authorization: `Bearer ${await tokens.token()}` }),
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      tokens.observe(response.headers.get('date'));
      return response;
    },
  });
  return {
    openOffload: (body) => client.call('openOffload', { body, signal }).catch(translate),
    offload: (id) => client.call('getOffload', { params: { id }, signal }).catch(translate),
    receipt: (id) =>
      client.call('getReceipt', { params: { id }, signal }).catch((error: unknown) => {
        if (error instanceof ApiError && error.problem.code === 'receipt_pending') return undefined;
        return translate(error);
      }),
  };
}

function translate(error: unknown): never {
  if (!(error instanceof ApiError)) throw error;
  const { status } = error.problem;
  const text = problemText(error.problem);
  const retryAfterMs = error.retryAfter === null ? undefined : error.retryAfter * 1000;
  if (status === 0) throw new TransientError(unreachable, { cause: error, unreachable: true });
  if (status === 401) throw new TransientError(text, { cause: error, tokenRefused: true });
  if (status === 408 || status === 429 || status >= 500) throw new TransientError(text, { cause: error, retryAfterMs });
  throw new DockError('refused', text, { cause: error });
}
