import {
  beginRedaction,
  cancelRender,
  countOpenRedactions,
  countUnfinishedRenders,
  type EvidenceRecord,
  findRedaction,
  findRedactionOfClient,
  findRedactionPlan,
  listRedactions,
  type RedactionBy,
  type RedactionOutcome,
  type RedactionRecord,
  requestRender,
  reviewRedaction,
  saveRedactionPlan,
  withdrawRedaction,
} from '@fengcun/catalog';
import {
  cancelRender as cancelRenderRoute,
  createRedaction,
  getRedaction,
  getRedactionPlan,
  listRedactions as listRedactionsRoute,
  playRedaction,
  renderRedaction,
  reviewRedaction as reviewRedactionRoute,
  saveRedactionPlan as saveRedactionPlanRoute,
  withdrawRedaction as withdrawRedactionRoute,
} from '@fengcun/contracts';
import { actorOf, personOf, recordDenial } from '@fengcun/identity';
import { route } from '@fengcun/runtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Access } from '../access.ts';
import { problem } from '../errors.ts';
import { findVisible, onRecord, requireAllowed } from '../evidence/item.ts';
import type { LedgerGate } from '../ledger/gate.ts';
import { defaultLimit } from '../list-query.ts';
import { beginPlay } from '../play/begin-play.ts';
import type { Plays } from '../play/plays.ts';
import { presentRedaction } from './present.ts';
import { requireGoodMarks, requireRedactable } from './recording.ts';
import { requireWithdrawal, requireWork } from './who-may.ts';

/** of one item, neither approved nor withdrawn */
const mostOpen = 20;

/** Redacted versions (脱敏件): planned by one person, rendered by a worker, watched and reviewed by another, withdrawn when they must be. */
export function redactionRoutes(app: FastifyInstance, access: Access, plays: Plays, gate: LedgerGate): void {
  const { catalog, clock, config } = access;

  route(app, listRedactionsRoute, async ({ params, query, request }) => {
    const { id } = await findVisible(access, request, params.id);
    const { cursor, limit = defaultLimit } = query;
    const { items, next } = await listRedactions(catalog, id, { cursor, limit });
    return { items: items.map(({ summary }) => summary), next };
  });

  route(app, createRedaction, async ({ params, body, request }) => {
    const record = await findVisible(access, request, params.id);
    const account = personOf(request).account.id;
    const { clientId, name, marks } = body;
    const before = clientId === undefined ? undefined : await findRedactionOfClient(catalog, { account, clientId });
    if (before && before.summary.evidence !== record.id) throw problem('client_id_used');
    if (before) return presentRedaction(access, personOf(request), record, before);
    const by = await worker(request, record, 'redact');
    requireGoodMarks(marks, await requireRedactable(catalog, record));
    if ((await countOpenRedactions(catalog, record.id)) >= mostOpen) throw problem('too_many_redactions');
    const draft = { evidence: record.id, unit: record.unit_id, name, marks, clientId: clientId ?? null };
    const id = await beginRedaction(catalog, draft, by, clock).catch(async (error: unknown) => {
      // The same request twice at the same moment: the other one has begun it.
      const twin = clientId === undefined ? undefined : await findRedactionOfClient(catalog, { account, clientId });
      return twin ? twin.summary.id : onRecord<string>(Promise.reject(error));
    });
    return present(request, record, id);
  });

  route(app, getRedaction, async ({ params, request }) => {
    const { record, redaction } = await open(request, params.id);
    return presentRedaction(access, personOf(request), record, redaction);
  });

  route(app, getRedactionPlan, async ({ params, request }) => {
    const { redaction } = await open(request, params.id);
    const plan = await findRedactionPlan(catalog, redaction.summary.id, params.version);
    if (!plan) throw problem('not_found');
    return plan;
  });

  route(app, saveRedactionPlanRoute, async ({ params, body, request }) => {
    const { record, redaction } = await open(request, params.id);
    const by = await worker(request, record, 'redact');
    requireGoodMarks(body.marks, await requireRedactable(catalog, record));
    const save = { redaction: redaction.summary.id, basedOn: body.basedOn, marks: body.marks };
    return settled(request, record, redaction, await onRecord(saveRedactionPlan(catalog, save, by, clock)));
  });

  route(app, renderRedaction, async ({ params, body, request }) => {
    const { record, redaction } = await open(request, params.id);
    const by = await worker(request, record, 'redact');
    await requireRedactable(catalog, record);
    const { id, state } = redaction.summary;
    if (state !== 'rendering' && (await countUnfinishedRenders(catalog, by.account)) >= config.unfinishedCopies) {
      throw problem('too_many_copies', { headers: { 'retry-after': '30' } });
    }
    const ask = { redaction: id, version: body.version };
    return settled(request, record, redaction, await onRecord(requestRender(catalog, ask, by, clock)));
  });

  route(app, cancelRenderRoute, async ({ params, request }) => {
    const { record, redaction } = await open(request, params.id);
    const by = await worker(request, record, 'redact');
    return settled(request, record, redaction, await onRecord(cancelRender(catalog, redaction.summary.id, by, clock)));
  });

  route(app, playRedaction, async ({ params, body, request }) => {
    await gate.pass(request);
    const { record, redaction } = await open(request, params.id);
    const { purpose } = body;
    const decision = await requireAllowed(access, request, 'play', record, purpose ? { purpose } : {});
    const { id, render } = redaction.summary;
    if (render?.state !== 'ready') throw problem('not_rendered');
    // Without pictures: those there are show the recording.
    return beginPlay(plays, personOf(request), record.id, decision, purpose, { redaction: id, render: render.id });
  });

  route(app, reviewRedactionRoute, async ({ params, body, request }) => {
    const { record, redaction } = await open(request, params.id);
    const by = await worker(request, record, 'review_redaction');
    const reason = body.reason ?? null;
    if (body.verdict === 'rejected' && reason === null) throw problem('reason_required');
    const review = { redaction: redaction.summary.id, render: body.render, verdict: body.verdict, reason };
    return settled(request, record, redaction, await onRecord(reviewRedaction(catalog, review, by, clock)));
  });

  route(app, withdrawRedactionRoute, async ({ params, body, request }) => {
    const { record, redaction } = await open(request, params.id);
    const by = { ...(await requireWithdrawal(access, request, record)), ...whoOf(request) };
    const withdraw = { redaction: redaction.summary.id, reason: body.reason };
    return settled(request, record, redaction, await onRecord(withdrawRedaction(catalog, withdraw, by, clock)));
  });

  /** The redacted version of an item that the caller can see. Throws `not_found`. */
  async function open(
    request: FastifyRequest,
    id: string,
  ): Promise<{ readonly record: EvidenceRecord; readonly redaction: RedactionRecord }> {
    const redaction = await findRedaction(catalog, id);
    if (!redaction) throw problem('not_found');
    return { record: await findVisible(access, request, redaction.summary.evidence), redaction };
  }

  async function worker(
    request: FastifyRequest,
    record: EvidenceRecord,
    work: 'redact' | 'review_redaction',
  ): Promise<RedactionBy> {
    return { ...(await requireWork(access, request, work, record)), ...whoOf(request) };
  }

  async function present(request: FastifyRequest, record: EvidenceRecord, id: string) {
    const redaction = await findRedaction(catalog, id);
    if (!redaction) throw problem('not_found');
    return presentRedaction(access, personOf(request), record, redaction);
  }

  /** The version as it stands after what was asked for; throws what stood in the way. */
  async function settled(
    request: FastifyRequest,
    record: EvidenceRecord,
    { summary }: RedactionRecord,
    outcome: RedactionOutcome,
  ) {
    if (outcome === 'own') {
      const subject = { kind: 'evidence', id: record.id } as const;
      await recordDenial(request, { code: 'own_redaction', subject });
    }
    if (outcome !== 'done') throw problem(refusals[outcome]);
    return present(request, record, summary.id);
  }
}

const refusals = {
  not_found: 'not_found',
  changed: 'redaction_changed',
  settled: 'redaction_settled',
  not_rendering: 'not_rendering',
  not_rendered: 'not_rendered',
  own: 'own_redaction',
  not_watched: 'not_watched',
  disposed: 'nothing_to_redact',
} as const satisfies Record<Exclude<RedactionOutcome, 'done'>, string>;

const whoOf = (request: FastifyRequest) => {
  const person = personOf(request);
  return { account: person.account.id, actor: actorOf(person) };
};
