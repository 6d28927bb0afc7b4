import {
  announcedByDock,
  type Database,
  findReceiptSubject,
  logProofOf,
  type ReceiptSubject,
  readPlacedEvent,
} from '@fengcun/catalog';
import { getReceipt } from '@fengcun/contracts';
import { recordDenial, senderOf, visibleUnits } from '@fengcun/identity';
import { route } from '@fengcun/runtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { UploadConfig } from '../config.ts';
import { problem } from '../problems.ts';
import { senderKey } from '../uploads/begin-upload.ts';

interface ReceiptContext {
  readonly config: UploadConfig;
  readonly catalog: Database;
}

/** The receipt: the seal's entry, what opens its commitments, and its proof under a signed checkpoint. Verifies without us. */
export function receiptRoutes(app: FastifyInstance, { config, catalog }: ReceiptContext): void {
  route(app, getReceipt, async ({ request, params }) => {
    const subject = await findReceiptSubject(catalog, params.id);
    if (!subject) throw problem('not_found');
    if (!(await maySee(catalog, request, subject, params.id))) {
      await recordDenial(request, { code: 'not_found', subject: { kind: 'evidence', id: params.id } });
      throw problem('not_found');
    }
    if (subject.sealEvent === null) {
      const detail = subject.quarantined
        ? 'The item is in quarantine and has no receipt; ask why before deleting anything.'
        : undefined;
      throw problem('not_sealed', detail === undefined ? {} : { detail });
    }
    const event = await readPlacedEvent(catalog, subject.sealEvent);
    const proof = event?.index == null ? undefined : await logProofOf(catalog, event.index);
    if (!event || proof === undefined) throw problem('receipt_pending', { headers: { 'retry-after': '1' } });
    return {
      format: 'fengcun-receipt/v1' as const,
      entry: event.entry,
      openings: [...event.openings],
      proof,
      keys: [...config.logKeys],
    };
  });
}

/**
 * A dock may have the receipts of what it sent, and of what it announced and was told that another dock had sent before: without it, it could
 * never finish. A person may have those of the units in reach and of what they sent.
 */
async function maySee(
  catalog: Database,
  request: FastifyRequest,
  { sender, unitId }: ReceiptSubject,
  evidence: string,
): Promise<boolean> {
  const caller = senderKey(senderOf(request));
  if (caller.kind === sender.kind && caller.id === sender.id) return true;
  if (caller.kind === 'dock') return announcedByDock(catalog, { dock: caller.id, evidence });
  return request.caller.kind === 'person' && (await visibleUnits(catalog, request.caller)).includes(unitId);
}
