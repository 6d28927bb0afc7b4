import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { type IssuedCopyRecord, listIssuedCopies } from '@fengcun/catalog';
import { cancelCopy, getCopy, getCopyContent, listCopies, listItemCopies, startCopy } from '@fengcun/contracts';
import { personOf } from '@fengcun/identity';
import { route } from '@fengcun/runtime';
import type { ByteRange } from '@fengcun/vault';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Access } from '../access.ts';
import { problem } from '../errors.ts';
import { findVisible } from '../evidence/item.ts';
import type { LedgerGate } from '../ledger/gate.ts';
import { defaultLimit } from '../list-query.ts';
import { closeWhenIdle } from './close-when-idle.ts';
import { bytesOf, digestField, type ReadyCopy, readyCopyOf } from './content.ts';
import { contentDisposition } from './content-disposition.ts';
import type { IssuedCopies } from './copies.ts';
import { whileAllowed } from './outflow.ts';
import { presentCopy } from './present.ts';
import { ifRangeHolds, namesFile, rangeOf, type Validators } from './range.ts';

/** bytes; a part of this size is read before it is sent, so that its digest can stand in the header */
const smallPart = 1024 * 1024;

export function issuedCopyRoutes(app: FastifyInstance, access: Access, copies: IssuedCopies, gate: LedgerGate): void {
  const { catalog, clock } = access;

  route(app, startCopy, async ({ params, body, request }) => {
    await gate.pass(request);
    return presentCopy(await copies.ask(request, params.id, body));
  });

  route(app, listItemCopies, async ({ params, query, request }) => {
    const { id: evidence } = await findVisible(access, request, params.id);
    const { cursor, limit = defaultLimit } = query;
    const account = personOf(request).account.id;
    const { items, next } = await listIssuedCopies(catalog, { account, evidence }, { cursor, limit });
    return { items: items.map(presentCopy), next };
  });

  route(app, listCopies, async ({ query, request }) => {
    const { cursor, limit = defaultLimit, state } = query;
    const account = personOf(request).account.id;
    const filter = { account, ...(state === undefined ? {} : { state }) };
    const { items, next } = await listIssuedCopies(catalog, filter, { cursor, limit });
    return { items: items.map(presentCopy), next };
  });

  route(app, getCopy, async ({ params, request }) => presentCopy(await copies.own(request, params.id)));

  route(app, cancelCopy, async ({ params, request }) => presentCopy(await copies.cancel(request, params.id)));

  route(app, getCopyContent, async ({ params, request, reply }) => {
    const record = await copies.own(request, params.id);
    const copy = downloadable(record, clock.now());
    const file = { etag: `"${copy.sha256.toString('hex')}"`, lastModified: record.ready_at ?? record.created_at };
    describeFile(reply, record, copy, file);
    const answer = conditional(request, copy, file, clock.now());
    if (answer.kind === 'not_modified') return reply.code(304).send();
    if (request.method === 'HEAD') return reply.header('content-length', copy.size).send(Readable.from([]));
    await gate.pass(request);
    const { range } = answer;
    const download = await copies.download(request, record, range !== null && range.start > 0);
    const sent = range ?? { start: 0, end: copy.size };
    const outflow = { copy: copy.id, download, from: sent.start };
    const bytes = whileAllowed(access, outflow, bytesOf(access.vault, copy, sent), request.log);
    closeWhenIdle(reply, access.config.downloadIdleMs);
    if (range) return sendPart(request, reply, copy, range, bytes);
    return reply
      .header('content-digest', digestField(copy.sha256))
      .header('content-length', copy.size)
      .send(Readable.from(bytes, { objectMode: false }));
  });
}

/** Throws `copy_not_ready` or `copy_over`. */
function downloadable(record: IssuedCopyRecord, now: Date): ReadyCopy {
  if (record.state === 'pending' || record.state === 'making') throw problem('copy_not_ready');
  const copy = readyCopyOf(record);
  if (!copy || record.expires_at === null || record.expires_at <= now) throw problem('copy_over');
  return copy;
}

function describeFile(reply: FastifyReply, record: IssuedCopyRecord, copy: ReadyCopy, file: Validators): void {
  reply
    .type(record.media_type)
    .header('accept-ranges', 'bytes')
    .header('cache-control', 'no-store')
    .header('x-content-type-options', 'nosniff')
    .header('content-disposition', contentDisposition(record.file_name))
    .header('etag', file.etag)
    .header('last-modified', file.lastModified.toUTCString())
    .header('repr-digest', digestField(copy.sha256));
}

type Answer = { readonly kind: 'not_modified' } | { readonly kind: 'send'; readonly range: ByteRange | null };

/** Preconditions in the order of RFC 9110, section 13.2.2. Throws `precondition_failed` or `range_not_satisfiable`. */
function conditional({ method, headers }: FastifyRequest, copy: ReadyCopy, file: Validators, now: Date): Answer {
  const { 'if-match': match, 'if-none-match': noneMatch, 'if-range': ifRange, range: asked } = headers;
  if (match !== undefined && !namesFile(match, file, true)) throw problem('precondition_failed');
  if (noneMatch !== undefined && namesFile(noneMatch, file, false)) return { kind: 'not_modified' };
  const validator = typeof ifRange === 'string' ? ifRange : undefined;
  if (method === 'HEAD' || !ifRangeHolds(validator, file, now)) return { kind: 'send', range: null };
  const answer = rangeOf(asked, copy.size);
  if (answer.kind === 'none') {
    throw problem('range_not_satisfiable', { headers: { 'content-range': `bytes */${copy.size}` } });
  }
  return { kind: 'send', range: answer.kind === 'part' ? answer.range : null };
}

/**
 * `Content-Digest` is of what is sent (RFC 9530, section 2). Of a small part it is known before; of a large one only after, so that it comes
 * as a trailer, and only to a client that said it takes trailers (RFC 9110, section 6.5.1). `Repr-Digest` is of the whole file every time.
 */
async function sendPart(
  request: FastifyRequest,
  reply: FastifyReply,
  copy: ReadyCopy,
  range: ByteRange,
  bytes: AsyncGenerator<Uint8Array>,
): Promise<FastifyReply> {
  const length = range.end - range.start;
  reply.code(206).header('content-range', `bytes ${range.start}-${range.end - 1}/${copy.size}`);
  if (length <= smallPart) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of bytes) chunks.push(chunk);
    const part = Buffer.concat(chunks);
    const sha256 = createHash('sha256').update(part).digest();
    return reply.header('content-digest', digestField(sha256)).header('content-length', length).send(part);
  }
  if (!/(?:^|,)\s*trailers\s*(?:,|;|$)/i.test(String(request.headers.te ?? ''))) {
    return reply.header('content-length', length).send(Readable.from(bytes, { objectMode: false }));
  }
  const digest = createHash('sha256');
  reply.trailer('content-digest', async () => digestField(digest.digest()));
  return reply.send(Readable.from(digested(bytes, digest), { objectMode: false }));
}

async function* digested(
  bytes: AsyncIterable<Uint8Array>,
  digest: { update(chunk: Uint8Array): unknown },
): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    digest.update(chunk);
    yield chunk;
  }
}
