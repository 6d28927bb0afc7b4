import { Readable } from 'node:stream';
import { type EvidenceRecord, findAttachmentFacts, findEvidence, recordAttachmentRead } from '@fengcun/catalog';
import { maxAttachmentBytes, readAttachment } from '@fengcun/contracts';
import { actorOf, personOf, recordDenial } from '@fengcun/identity';
import { route } from '@fengcun/runtime';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Access } from '../access.ts';
import { problem } from '../errors.ts';
import { decideFor, onRecord } from '../evidence/item.ts';
import { closeWhenIdle } from '../issued-copy/close-when-idle.ts';
import { digestField } from '../issued-copy/content.ts';
import { contentDisposition } from '../issued-copy/content-disposition.ts';
import type { LedgerGate } from '../ledger/gate.ts';
import { openScan, type Scan } from './open-scan.ts';
import { visibleRequest } from './routes.ts';

/**
 * What came from outside is a document of its own, of no origin, that loads nothing. It may stand in a frame of the console, which is why the
 * headers that forbid that everywhere else are not those of this reply.
 */
const alone = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'";

/** The scans that came with a request, for whoever may see it. */
export function attachmentRoutes(app: FastifyInstance, access: Access, gate: LedgerGate): void {
  const { catalog, clock, config, vault } = access;

  route(app, readAttachment, async ({ params, request, reply }) => {
    const asked = await visibleRequest(catalog, request, params.id);
    const attachment = asked.attachments.find(({ evidence_id }) => evidence_id === params.evidence);
    // Only what its requester sent themselves: naming an item in a request must not open it.
    const known = attachment && (await findAttachmentFacts(catalog, [attachment.evidence_id], asked.account_id));
    const facts = known?.get(params.evidence);
    if (!attachment || !facts) throw problem('not_found');
    const rule = await allowedBy(access, request, params.evidence);
    if (facts.state === 'quarantined') throw problem('not_sealed');
    const record = facts.state === 'sealed' ? await findEvidence(catalog, params.evidence) : undefined;
    if (!record) throw problem('attachment_arriving');
    if (record.disposed_at) throw problem('attachment_disposed');
    if (record.size > maxAttachmentBytes) throw problem('attachment_too_large');
    await gate.pass(request);
    const scan = await openScan(vault, record);
    try {
      // HEAD shows nothing.
      if (request.method !== 'HEAD') {
        const person = personOf(request);
        const read = {
          evidence: record.id,
          actor: actorOf(person),
          request: asked.id,
          kind: attachment.kind,
          session: person.session,
          rule,
          sha256: record.sha256.toString('hex'),
          size: record.size,
        };
        await onRecord(recordAttachmentRead(catalog, read, clock));
      }
    } catch (error) {
      await scan.close();
      throw error;
    }
    describe(reply, record, scan);
    if (request.method === 'HEAD') {
      await scan.close();
      return reply.send(Readable.from([]));
    }
    closeWhenIdle(reply, config.downloadIdleMs);
    const bytes = Readable.from(scan.bytes, { objectMode: false });
    bytes.once('close', () => {
      scan
        .close()
        .catch((error: unknown) => request.log.warn({ err: error }, 'the reading of a scan did not end well'));
    });
    return reply.send(bytes);
  });
}

/** The rule that lets this person read scans. Throws `denied`, on record. */
async function allowedBy(access: Access, request: FastifyRequest, evidence: string): Promise<string> {
  const item = { id: evidence, unitPath: [] };
  const decision = await decideFor(access, personOf(request), 'read_attachment', item);
  if (decision.outcome === 'allow') return decision.rule;
  const { rule } = decision;
  await recordDenial(request, { code: 'denied', rule, subject: { kind: 'evidence', id: evidence } });
  throw problem('denied', { extensions: { rule } });
}

function describe(reply: FastifyReply, record: EvidenceRecord, { mediaType }: Scan): void {
  const [type, how] =
    mediaType === null ? (['application/octet-stream', 'attachment'] as const) : ([mediaType, 'inline'] as const);
  reply
    .type(type)
    .header('content-length', record.size)
    .header('content-disposition', contentDisposition(record.name, how))
    .header('content-security-policy', alone)
    .header('x-frame-options', 'SAMEORIGIN')
    .header('x-content-type-options', 'nosniff')
    .header('cache-control', 'no-store')
    .header('accept-ranges', 'none')
    .header('repr-digest', digestField(record.sha256));
}
