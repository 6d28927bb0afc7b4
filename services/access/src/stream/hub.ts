import { type Database, type Listener, listen } from '@fengcun/catalog';
import { Change, changeChannel } from '@fengcun/contracts';
import type { FastifyBaseLogger } from 'fastify';
import { Value } from 'typebox/value';

/** One open page. */
export interface Subscriber {
  readonly session: string;
  /** whether this reader may know of the change; asked for each one */
  sees(change: Change): boolean;
  /** Takes one message. Answers false when the reader does not keep up and is to be dropped. */
  send(message: string): boolean;
  end(): void;
}

/** Passes the database's notifications on to the open pages that may see them. Holds no message for anybody. */
export class ChangeHub {
  readonly #subscribers = new Set<Subscriber>();
  readonly #listener: Listener;
  readonly #log: FastifyBaseLogger;
  #connected = Promise.withResolvers<void>();
  #connections = 0;

  constructor(catalog: Database, log: FastifyBaseLogger) {
    this.#log = log;
    this.#listener = listen(catalog, {
      channels: [changeChannel],
      onNotification: (_channel, payload) => this.#pass(payload),
      onConnected: () => this.#onConnected(),
      onError: (error) => log.warn({ err: error }, 'listening for changes was interrupted'),
    });
  }

  /** open pages */
  get size(): number {
    return this.#subscribers.size;
  }

  /** Resolves once changes are really listened for: a page that opens before would miss some. */
  ready(): Promise<void> {
    return this.#connected.promise;
  }

  add(subscriber: Subscriber): void {
    this.#subscribers.add(subscriber);
  }

  remove(subscriber: Subscriber): void {
    this.#subscribers.delete(subscriber);
  }

  subscribers(): readonly Subscriber[] {
    return [...this.#subscribers];
  }

  /** Sends to everybody, whatever they may see: for heartbeats. */
  broadcast(message: string): void {
    for (const subscriber of this.#subscribers) this.#deliver(subscriber, message);
  }

  async close(): Promise<void> {
    this.endAll();
    await this.#listener.close();
  }

  /** Ends every stream; pages that live come back and fetch anew. */
  endAll(): void {
    for (const subscriber of this.#subscribers) subscriber.end();
    this.#subscribers.clear();
  }

  #onConnected(): void {
    this.#connections++;
    // What was notified while nobody listened is lost; a page learns that by losing its stream.
    if (this.#connections > 1) this.endAll();
    this.#connected.resolve();
  }

  #pass(payload: string): void {
    const change = parseChange(payload);
    if (!change) {
      this.#log.warn({ bytes: payload.length }, 'a notification that is no change was left out');
      return;
    }
    const message = `event: ${change.kind}\ndata: ${JSON.stringify(change)}\n\n`;
    for (const subscriber of this.#subscribers) {
      if (subscriber.sees(change)) this.#deliver(subscriber, message);
    }
  }

  #deliver(subscriber: Subscriber, message: string): void {
    if (subscriber.send(message)) return;
    this.#subscribers.delete(subscriber);
    subscriber.end();
  }
}

function parseChange(payload: string): Change | undefined {
  try {
    const value: unknown = JSON.parse(payload);
    return Value.Check(Change, value) ? value : undefined;
  } catch {
    return undefined;
  }
}
