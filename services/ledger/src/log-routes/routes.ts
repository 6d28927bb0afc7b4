import { appendEvent, type Database, latestCheckpoint, logProofOf, readEntries, tileReader } from '@fengcun/catalog';
import { actorOf, type Caller } from '@fengcun/identity';
import { type Clock, Problem } from '@fengcun/runtime';
import {
  type EntryBundle,
  encodeEntryBundle,
  HASH_BYTES,
  parseEntryBundlePath,
  parseTilePath,
  TILE_WIDTH,
  type Tile,
  TlogError,
  tileAt,
} from '@fengcun/tlog';
import type { FastifyInstance, FastifyReply } from 'fastify';

const everybody = { rule: { who: 'public' }, rate: 'log' } as const;
const auditors = { rule: { who: 'person', roles: ['auditor'] }, rate: 'log' } as const;

export interface LogRoutesOptions {
  readonly catalog: Database;
  readonly clock: Clock;
  /** vkeys of the log and its witnesses */
  readonly keys: readonly string[];
}

/** The log over HTTP (c2sp.org/tlog-tiles). Hashes tell nothing and are for everybody; entries are for auditors, on record. */
export async function logRoutes(app: FastifyInstance, { catalog, clock, keys }: LogRoutesOptions): Promise<void> {
  app.get('/ledger/checkpoint', { config: everybody }, async (_request, reply) => {
    const { note } = await signedHead(catalog);
    return reply.type('text/plain; charset=utf-8').header('cache-control', 'no-cache').send(note);
  });

  app.get('/ledger/keys', { config: everybody }, async (_request, reply) =>
    reply.type('text/plain; charset=utf-8').send(`${keys.join('\n')}\n`),
  );

  app.get<{ Params: { '*': string } }>('/ledger/tile/entries/*', { config: auditors }, async (request, reply) => {
    const bundle = parsed(() => parseEntryBundlePath(`tile/entries/${request.params['*']}`));
    const { size } = await signedHead(catalog);
    const start = bundle.index * TILE_WIDTH;
    requireInLog(start + bundle.width <= size);
    await recordReading(catalog, clock, request.caller, bundle);
    const entries = await readEntries(catalog, start, start + bundle.width);
    return sendTile(reply, encodeEntryBundle(entries), 'no-store');
  });

  app.get<{ Params: { '*': string } }>('/ledger/tile/*', { config: everybody }, async (request, reply) => {
    const tile = parsed(() => parseTilePath(`tile/${request.params['*']}`));
    const { size } = await signedHead(catalog);
    requireInLog((tileAt(tile.level, tile.index, size)?.width ?? 0) >= tile.width);
    const [bytes] = await tileReader(catalog)([tile]);
    return sendTile(reply, widthOf(tile, bytes), 'public, max-age=31536000, immutable');
  });

  app.get<{ Params: { index: string } }>('/ledger/proof/:index', { config: everybody }, async (request, reply) => {
    const index = parsed(() => wholeNumber(request.params.index));
    const proof = await logProofOf(catalog, index);
    if (proof === undefined) throw notInLog();
    return reply.type('text/plain; charset=utf-8').header('cache-control', 'no-cache').send(proof);
  });
}

async function signedHead(catalog: Database): Promise<{ size: number; note: string }> {
  const head = await latestCheckpoint(catalog);
  if (head) return head;
  throw new Problem({
    status: 503,
    code: 'log_not_started',
    title: 'No checkpoint yet',
    detail: 'The log has not signed its first checkpoint; try again in a second.',
    headers: { 'retry-after': '1' },
  });
}

/** Every look at the log's contents is in the log, before the contents leave. */
async function recordReading(catalog: Database, clock: Clock, caller: Caller, bundle: EntryBundle): Promise<void> {
  const from = bundle.index * TILE_WIDTH;
  const event = {
    type: 'log.read',
    actor: actorOf(caller),
    subject: { kind: 'log', id: 'entries' },
    data: { from, to: from + bundle.width },
  } as const;
  await catalog.transaction().execute((trx) => appendEvent(trx, event, clock));
}

function widthOf(tile: Tile, bytes: Uint8Array | undefined): Uint8Array {
  const length = tile.width * HASH_BYTES;
  if (!bytes || bytes.length < length) throw new Error(`Tile ${tile.level}/${tile.index} is missing from the database`);
  return bytes.subarray(0, length);
}

const sendTile = (reply: FastifyReply, bytes: Uint8Array, caching: string) =>
  reply.type('application/octet-stream').header('cache-control', caching).send(Buffer.from(bytes));

function wholeNumber(text: string): number {
  const number = /^(0|[1-9]\d{0,15})$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(number)) throw new TlogError('argument_invalid', `"${text}" is not an entry index.`);
  return number;
}

function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    if (!(cause instanceof TlogError)) throw cause;
    throw new Problem({ status: 400, code: 'bad_log_path', title: 'Not a log address', detail: cause.message, cause });
  }
}

function requireInLog(inside: boolean): void {
  if (!inside) throw notInLog();
}

const notInLog = () =>
  new Problem({
    status: 404,
    code: 'not_in_log',
    title: 'Not in the log',
    detail: 'The signed log does not reach that far; read /ledger/checkpoint for its size.',
  });
