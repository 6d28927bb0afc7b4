import { isIPv6 } from 'node:net';
import { appendEvent, type Database } from '@fengcun/catalog';
import { type EventDraft, personal } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import type { FastifyBaseLogger } from 'fastify';
import { actorOf, type Caller } from '../caller/caller.ts';
import { FloodGate } from './flood-gate.ts';

export interface Denial {
  readonly caller: Caller;
  /** method and route pattern, never the query */
  readonly route: string;
  readonly code: string;
  readonly rule: string | null;
  /** what was refused, where it is known; otherwise the route */
  readonly subject: EventDraft['subject'] | null;
}

export interface RefusedSignIn {
  readonly address: string;
  readonly login: string;
  readonly code: string;
}

type Sample = { readonly denial: Denial } | { readonly signIn: RefusedSignIn };

const windowMs = 60_000;
/** Strangers cost nothing to invent, so they share a smaller memory than the callers we know, and cannot crowd those out. */
const strangerCapacity = 1_000;
const knownCapacity = 10_000;
const manySources = 'many';

/** Writes refusals to the ledger, each source's at most once a minute and kind, with the number left out. */
export class RefusalRecorder {
  readonly #catalog: Database;
  readonly #clock: Clock;
  readonly #strangers: FloodGate<Sample>;
  readonly #known: FloodGate<Sample>;
  readonly #sweeping: NodeJS.Timeout;

  constructor(options: { readonly catalog: Database; readonly clock: Clock; readonly log: FastifyBaseLogger }) {
    this.#catalog = options.catalog;
    this.#clock = options.clock;
    const gate = (capacity: number) =>
      new FloodGate<Sample>({
        clock: options.clock,
        windowMs,
        capacity,
        overflow: summaryOf,
        write: (sample, suppressed) => this.#write(sample, suppressed),
      });
    this.#strangers = gate(strangerCapacity);
    this.#known = gate(knownCapacity);
    this.#sweeping = setInterval(() => {
      this.#sweep(false).catch((error: unknown) => options.log.error({ err: error }, 'refusals could not be recorded'));
    }, windowMs);
    this.#sweeping.unref();
  }

  async recordDenial(denial: Denial): Promise<void> {
    const gate = denial.caller.kind === 'anonymous' ? this.#strangers : this.#known;
    await gate.take(denialKey(denial), { denial });
  }

  async recordRefusedSignIn(signIn: RefusedSignIn): Promise<void> {
    await this.#strangers.take(`sign-in ${sourceOf(signIn.address)} ${signIn.code}`, { signIn });
  }

  /** Writes what is still only counted. */
  async close(): Promise<void> {
    clearInterval(this.#sweeping);
    await this.#sweep(true);
  }

  async #sweep(all: boolean): Promise<void> {
    await this.#strangers.sweep({ all });
    await this.#known.sweep({ all });
  }

  async #write(sample: Sample, suppressed: number): Promise<void> {
    await this.#catalog.transaction().execute((tx) => appendEvent(tx, eventOf(sample, suppressed), this.#clock));
  }
}

function eventOf(sample: Sample, suppressed: number): EventDraft {
  if ('signIn' in sample) {
    const { address, login, code } = sample.signIn;
    return {
      type: 'session.refused',
      actor: { kind: 'anonymous', id: address, name: null },
      subject: { kind: 'route', id: 'POST /api/session' },
      data: { login: personal(login), code, suppressed },
    };
  }
  const { caller, route, code, rule, subject } = sample.denial;
  return {
    type: 'access.denied',
    actor: actorOf(caller),
    subject: subject ?? { kind: 'route', id: route },
    data: { route, code, rule, suppressed },
  };
}

function denialKey({ caller, route, code, subject }: Denial): string {
  return `${callerKey(caller)} ${route} ${code} ${subject?.id ?? ''}`;
}

function callerKey(caller: Caller): string {
  switch (caller.kind) {
    case 'person':
      return `account ${caller.account.id}`;
    case 'dock':
      return `dock ${caller.dock.id}`;
    case 'anonymous':
      return `address ${sourceOf(caller.address)}`;
  }
}

/** One IPv6 subscriber holds at least a /64: single addresses in it say nothing. */
export function sourceOf(address: string): string {
  return isIPv6(address) && !address.startsWith('::ffff:') ? address.split(':').slice(0, 4).join(':') : address;
}

function summaryOf(sample: Sample): { readonly key: string; readonly sample: Sample } {
  if ('signIn' in sample) {
    const { code } = sample.signIn;
    return { key: `${manySources} sign-in ${code}`, sample: { signIn: { ...sample.signIn, address: manySources } } };
  }
  const { denial } = sample;
  if (denial.caller.kind !== 'anonymous') {
    return { key: `${callerKey(denial.caller)} ${manySources}`, sample };
  }
  return {
    key: `${manySources} ${denial.code}`,
    sample: { denial: { ...denial, caller: { kind: 'anonymous', address: manySources } } },
  };
}
