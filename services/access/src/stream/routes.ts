import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { getSession, unitsUnder } from '@fengcun/catalog';
import { type Change, streamChanges } from '@fengcun/contracts';
import { type Person, personOf, sessionFault, visibleUnits } from '@fengcun/identity';
import { route } from '@fengcun/runtime';
import type { FastifyInstance } from 'fastify';
import type { Access } from '../access.ts';
import { problem } from '../errors.ts';
import { ChangeHub, type Subscriber } from './hub.ts';

/** Keeps proxies from closing a quiet stream, and is when a session is looked at again. */
const heartbeatMs = 15_000;
/** bytes a reader may be behind before it is dropped */
const mostBehind = 256 * 1024;
/** ms to wait for the connection that changes come over */
const readyMs = 5_000;
const mostStreams = 2_000;
const mostPerSession = 6;
/** ms a browser waits before it comes back */
const retryMs = 2_000;

/** What a heartbeat can change about a reader. */
interface Reader extends Subscriber {
  units: ReadonlySet<string>;
}

export interface StreamOptions {
  /** ms; for tests */
  readonly heartbeatMs?: number;
}

/** Server-sent events of what the reader can see. Ends with the session; never counts as use of it. */
export function streamRoutes(app: FastifyInstance, access: Access, options: StreamOptions = {}): void {
  const { catalog } = access;
  const hub = new ChangeHub(catalog, app.log);
  const beat = setInterval(() => {
    heartbeat(access, hub).catch((error: unknown) => app.log.warn({ err: error }, 'streams could not be looked after'));
  }, options.heartbeatMs ?? heartbeatMs);
  beat.unref();
  // Before connections are waited for: a stream never ends by itself.
  app.addHook('preClose', async () => {
    clearInterval(beat);
    hub.endAll();
  });
  app.addHook('onClose', () => hub.close());

  route(app, streamChanges, async ({ request, reply }) => {
    const person = personOf(request);
    if (hub.size >= mostStreams) throw problem('stream_unavailable', { headers: { 'retry-after': '30' } });
    const units = new Set(await visibleUnits(catalog, person));
    const listening = await Promise.race([hub.ready().then(() => true), sleep(readyMs, false, { ref: false })]);
    if (!listening) throw problem('stream_unavailable', { headers: { 'retry-after': '5' } });
    const own = hub.subscribers().filter(({ session }) => session === person.session);
    // A browser that has lost track of its streams must not fill the house with them: the oldest goes.
    if (own.length >= mostPerSession) own[0]?.end();
    const headers = reply.getHeaders();
    reply.hijack();
    const reader = openStream(reply.raw, headers, person, units);
    hub.add(reader);
    reply.raw.on('close', () => hub.remove(reader));
    // Closed while we were asking: the event is past.
    if (reply.raw.destroyed) hub.remove(reader);
    return reply;
  });
}

function openStream(
  response: ServerResponse,
  headers: Readonly<Record<string, number | string | string[] | undefined>>,
  person: Person,
  units: ReadonlySet<string>,
): Reader {
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) response.setHeader(name, value);
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    // nginx would gather events in a buffer
    'x-accel-buffering': 'no',
  });
  // A reader that went away in the middle of a write is nobody's fault.
  response.on('error', () => response.destroy());
  response.write(`retry: ${retryMs}\n\n`);
  const reader: Reader = {
    session: person.session,
    units,
    sees: (change) => isFor(change, person, reader.units),
    send(message) {
      if (response.writableEnded || response.destroyed || response.writableLength > mostBehind) return false;
      response.write(message);
      return true;
    },
    end() {
      // `end` would wait for a reader that does not read.
      if (response.writableLength > 0) response.destroy();
      else response.end();
    },
  };
  return reader;
}

/** What concerns one person goes to that person alone, everything else to whoever's units it is of. */
function isFor(change: Change, { account, session }: Person, units: ReadonlySet<string>): boolean {
  if (change.kind === 'checkpoint') return true;
  if ('account' in change) return change.account === account.id;
  if ('session' in change) return change.session === session;
  return change.unit === null || units.has(change.unit);
}

/** Ends the streams of sessions that are over, brings the others' units up to date, and writes to all. */
async function heartbeat({ catalog, clock }: Access, hub: ChangeHub): Promise<void> {
  const bySession = Map.groupBy(hub.subscribers() as readonly Reader[], (reader) => reader.session);
  for (const [session, readers] of bySession) {
    const record = await getSession(catalog, session);
    const over = !record || sessionFault(record, clock.now()) !== undefined;
    const units = over ? null : new Set(await unitsUnder(catalog, [...new Set(record.roles.map((held) => held.unit))]));
    for (const reader of readers) {
      if (units) reader.units = units;
      else reader.end();
    }
  }
  hub.broadcast(': still here\n\n');
}
