import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import { S3Client } from '@aws-sdk/client-s3';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { VaultError } from '../errors.ts';
import { assertAddressing } from './addressing.ts';
import { readAuthorities } from './authorities.ts';
import { failureOf, vaultErrorOf } from './failures.ts';
import type { CompleteOptions } from './options.ts';

/**
 * When a call is made again after it failed:
 * - `repeatable`: whenever the engine was busy or gave no usable answer. For calls whose second time changes nothing: reads, lists, a part by its
 *   number, a retention, a hold, a removal, an object under a name nobody else uses.
 * - `if_refused`: only when it certainly had no effect. For what would leave something behind each time (beginning a multipart upload).
 * - `never`: for checks of health and for trying what must be refused.
 */
export type Repeat = 'repeatable' | 'if_refused' | 'never';

/** One attempt at a call; made anew for each, because a request can be sent only once. */
export type Send<T> = (client: S3Client, abort: { readonly abortSignal: AbortSignal }) => Promise<T>;

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;
/** Unused connections are closed before an engine would: a request on one that it just closed fails, and not every call may be repeated. */
const IDLE_SOCKET_MS = 4_000;

/** The connection to one engine: sockets, credentials, and when a failed call is made again. */
export class Engine {
  readonly client: S3Client;
  readonly #agents: readonly (HttpAgent | HttpsAgent)[];
  readonly #retryMs: number;
  /** what the settings' names begin with */
  readonly variables: string;
  readonly #closing = new AbortController();

  private constructor(client: S3Client, agents: readonly (HttpAgent | HttpsAgent)[], options: CompleteOptions) {
    this.client = client;
    this.#agents = agents;
    this.#retryMs = options.retrySeconds * 1000;
    this.variables = options.variables;
  }

  /** Nothing is sent yet. Rejects `invalid`, naming the setting, when the options cannot be obeyed. */
  static async open(options: CompleteOptions): Promise<Engine> {
    assertAddressing(options);
    const ca = await readAuthorities(options);
    const pool = { keepAlive: true, maxSockets: options.connections, noDelay: true, timeout: IDLE_SOCKET_MS };
    // Agents of our own, not their settings: given only settings, the SDK opens a new connection for every request that expects 100-continue.
    const httpAgent = new HttpAgent(pool);
    const httpsAgent = new HttpsAgent({ ...pool, ...(ca === undefined ? {} : { ca }) });
    const client = new S3Client({
      region: options.region,
      forcePathStyle: options.addressing === 'path',
      ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
      ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
      ...(options.profile === undefined ? {} : { profile: options.profile }),
      // Repeating is decided below, call by call.
      maxAttempts: 1,
      // By default the SDK sends streamed checksums (aws-chunked), which several engines refuse; every digest here is ours.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      expectContinueHeader: false,
      requestHandler: new NodeHttpHandler({
        httpAgent,
        httpsAgent,
        connectionTimeout: Math.min(10, options.timeoutSeconds) * 1000,
        socketTimeout: options.timeoutSeconds * 1000,
        logger: { debug() {}, info() {}, warn() {}, error() {} },
      }),
    });
    return new Engine(client, [httpAgent, httpsAgent], options);
  }

  /**
   * Makes a call, again where `repeat` allows it, with growing pauses of random length so that clients of an engine that comes back do not all
   * come at once. Rejects `VaultError`, whose cause is the last failure; `doing` begins its sentence.
   */
  async call<T>(doing: string, repeat: Repeat, send: Send<T>): Promise<T> {
    const giveUpAt = performance.now() + this.#retryMs;
    for (let attempt = 0; ; attempt++) {
      const { signal } = this.#closing;
      if (signal.aborted) throw new VaultError('unavailable', 'The vault was closed; open it again.');
      try {
        return await send(this.client, { abortSignal: signal });
      } catch (error) {
        if (signal.aborted)
          throw new VaultError('unavailable', `${doing}: the vault was closed meanwhile; open it again.`, {
            cause: error,
          });
        if (error instanceof VaultError || !mayRepeat(repeat, failureOf(error).kind))
          throw vaultErrorOf(error, doing, this.variables);
        const pause = pauseBefore(attempt);
        if (performance.now() + pause > giveUpAt) throw vaultErrorOf(error, doing, this.variables);
        await delay(pause, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** Ends every call under way; they reject `unavailable`. */
  close(): void {
    this.#closing.abort();
    this.client.destroy();
    for (const agent of this.#agents) agent.destroy();
  }

  get closed(): AbortSignal {
    return this.#closing.signal;
  }
}

const mayRepeat = (repeat: Repeat, kind: 'refused' | 'unclear' | 'final'): boolean =>
  kind === 'refused' ? repeat !== 'never' : kind === 'unclear' && repeat === 'repeatable';

function pauseBefore(attempt: number): number {
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt);
  return longest / 2 + (Math.random() * longest) / 2;
}
