import {
  beginDownload,
  cancelIssuedCopy,
  continueDownload,
  countUnfinishedCopies,
  type EvidenceRecord,
  findApprovedRender,
  findEvidence,
  findIssuedCopy,
  findIssuedCopyOfClient,
  findReadyDerivative,
  type IssuedCopyRecord,
  listRevokedCopies,
  type NewIssuedCopy,
  requestIssuedCopy,
} from '@fengcun/catalog';
import { type ActorDraft, type CopyOperation, formOfOperation, type Purpose } from '@fengcun/contracts';
import { actorOf, type Person, personOf, recordDenial } from '@fengcun/identity';
import type { ProbeResult } from '@fengcun/media';
import { copyShapeOf } from '@fengcun/media/copy-shape';
import type { FastifyRequest } from 'fastify';
import type { Access } from '../access.ts';
import { problem } from '../errors.ts';
import { judge } from '../evidence/circumstances.ts';
import { findVisible, itemOf, onRecord, requireAllowed } from '../evidence/item.ts';
import { viewerOf } from '../play/viewer.ts';
import { bagFiles } from './bag-files.ts';
import { markLines, shortId } from './mark-lines.ts';

/** The row by which nothing but a redacted version is published. */
const redactedOnly = 'publish_redacted_only';

export interface AskedCopy {
  readonly operation: CopyOperation;
  readonly purpose?: Purpose;
  readonly recipient?: string;
  /** for `publish`: which redacted version; absent: the one approved last */
  readonly redaction?: string;
  readonly clientId?: string;
}

/** Copies that leave the house: asked for on record, decided by the policy, handed out on record. */
export class IssuedCopies {
  readonly #access: Access;

  constructor(access: Access) {
    this.#access = access;
  }

  /** Puts a copy on record and has it made. Throws what `startCopy` lists. */
  async ask(request: FastifyRequest, evidence: string, asked: AskedCopy): Promise<IssuedCopyRecord> {
    const { catalog, clock, config } = this.#access;
    const person = personOf(request);
    const record = await findVisible(this.#access, request, evidence);
    const before = await this.#askedBefore(person, record, asked);
    if (before) return before;
    const { operation, purpose } = asked;
    const recipient = operation === 'disclose' ? (asked.recipient ?? null) : null;
    const redacted = operation === 'publish' ? { redacted: true } : {};
    const decision = await requireAllowed(this.#access, request, operation, record, {
      ...(purpose ? { purpose } : {}),
      ...redacted,
    });
    if (operation === 'disclose' && recipient === null) throw problem('recipient_required');
    const shape =
      operation === 'publish'
        ? await this.#redactedShape(request, record, asked.redaction)
        : { ...(await this.#shapeOf(person, record, operation, recipient)), redaction: null };
    if ((await countUnfinishedCopies(catalog, person.account.id)) >= config.unfinishedCopies) {
      throw problem('too_many_copies', { headers: { 'retry-after': '30' } });
    }
    const draft: NewIssuedCopy = {
      evidence: { id: record.id, name: record.name },
      account: person.account.id,
      actor: actorOf(person),
      clientId: asked.clientId ?? null,
      operation,
      rule: decision.rule,
      authorisation: decision.authorisation ?? null,
      purpose: purpose ?? null,
      recipient,
      ...shape,
    };
    const id = await requestIssuedCopy(catalog, draft, clock).catch(async (error: unknown) => {
      // The same request twice at the same moment: the other one has made it.
      const twin = await this.#askedBefore(person, record, asked);
      return twin ? twin.id : onRecord<string>(Promise.reject(error));
    });
    return this.#found(id);
  }

  /** The person's own copy. Throws `not_found`, on record where it is somebody else's. */
  async own(request: FastifyRequest, id: string): Promise<IssuedCopyRecord> {
    const record = await findIssuedCopy(this.#access.catalog, id);
    if (!record) throw problem('not_found');
    if (record.account_id === personOf(request).account.id) return record;
    await recordDenial(request, { code: 'not_found', subject: { kind: 'evidence', id: record.evidence_id } });
    throw problem('not_found');
  }

  /** Gives the person's own copy up. Throws `not_found`, `copy_over` or `not_recorded`. */
  async cancel(request: FastifyRequest, id: string): Promise<IssuedCopyRecord> {
    const record = await this.own(request, id);
    if (record.state === 'cancelled') return record;
    if (!(await onRecord(this.#end(id, actorOf(request.caller), 'requester')))) throw problem('copy_over');
    return this.#found(id);
  }

  /** Ends the copies of a grant that was revoked, or of every revoked grant. */
  async endRevoked(actor: ActorDraft, grant?: string): Promise<void> {
    const { catalog } = this.#access;
    const filter = grant === undefined ? {} : { grant };
    for (const id of await listRevokedCopies(catalog, filter, 200)) await this.#end(id, actor, 'revoked');
  }

  /**
   * The download that these bytes belong to: one under way that `resume` continues, or a new one, whose event is committed when this
   * resolves. The rules are asked each time. Throws `denied`, `approval_required`, `copy_over`, `grant_over` or `not_recorded`.
   */
  async download(request: FastifyRequest, copy: IssuedCopyRecord, resume: boolean): Promise<string> {
    const { catalog, clock, config } = this.#access;
    const person = personOf(request);
    const rule = await this.#mayLeave(request, person, copy);
    const now = clock.now();
    if (resume) {
      const since = new Date(now.getTime() - config.downloadResumeMs);
      const of = { copy: copy.id, session: person.session, since, now };
      const under = await onRecord(continueDownload(catalog, of));
      if (under) return under;
    }
    const draft = {
      copy: copy.id,
      account: person.account.id,
      session: person.session,
      actor: actorOf(person),
      rule,
      authorisation: copy.grant_id,
    };
    const begun = await onRecord(beginDownload(catalog, draft, clock));
    if (!begun) throw problem('copy_over');
    return begun;
  }

  /** A copy leaves under the grant it was made under, or under none: never under another that was not counted. */
  async #mayLeave(request: FastifyRequest, person: Person, copy: IssuedCopyRecord): Promise<string> {
    const record = await findEvidence(this.#access.catalog, copy.evidence_id);
    if (!record) throw problem('not_found');
    const inUse = copy.used_at ? copy.grant_id : null;
    const judgement = await judge(this.#access, person, itemOf(record), inUse);
    const redacted = copy.operation === 'publish' ? { redacted: true } : {};
    const decision = judgement.decide(copy.operation, { purpose: copy.purpose, ...redacted });
    if (decision.outcome === 'allow' && (decision.authorisation ?? null) === copy.grant_id) return decision.rule;
    const code = decision.outcome === 'deny' ? 'denied' : 'approval_required';
    await recordDenial(request, { code, rule: decision.rule, subject: { kind: 'evidence', id: record.id } });
    throw problem(code, { extensions: { rule: decision.rule } });
  }

  async #shapeOf(
    person: Person,
    record: EvidenceRecord,
    operation: CopyOperation,
    recipient: string | null,
  ): Promise<Pick<NewIssuedCopy, 'mark' | 'mediaType' | 'fileName' | 'content'>> {
    const { catalog, config } = this.#access;
    const stem = stemOf(record.name);
    if (formOfOperation[operation] === 'bag') {
      const files = await bagFiles(catalog, record, config.logKeys);
      return { mark: 'none', mediaType: 'application/zip', fileName: `${stem}_证据包.zip`, content: () => ({ files }) };
    }
    const probe = await findReadyDerivative(catalog, record.id, 'probe');
    if (!probe) throw problem('proxy_pending');
    const shape = copyShapeOf(probe.data as ProbeResult);
    if (!shape) throw problem('nothing_to_copy');
    return {
      mark: shape.mark,
      mediaType: shape.mediaType,
      fileName: `${stem}_副本.${shape.extension}`,
      content: (event, at) => ({
        lines: markLines({
          viewer: viewerOf(person),
          recipient,
          at,
          timeZone: config.site.timeZone,
          event,
          evidence: record.id,
        }),
      }),
    };
  }

  /** Of an approved redacted version and of nothing else; its name says nothing of the recording's. */
  async #redactedShape(
    request: FastifyRequest,
    record: EvidenceRecord,
    redaction: string | undefined,
  ): Promise<Pick<NewIssuedCopy, 'mark' | 'mediaType' | 'fileName' | 'content' | 'redaction'>> {
    const approved = await findApprovedRender(this.#access.catalog, record.id, redaction);
    if (!approved || record.disposed_at !== null) {
      const subject = { kind: 'evidence', id: record.id } as const;
      await recordDenial(request, { code: 'no_approved_redaction', rule: redactedOnly, subject });
      throw problem('no_approved_redaction', { extensions: { rule: redactedOnly } });
    }
    const { mark, mediaType, render } = approved;
    return {
      mark,
      mediaType,
      fileName: `脱敏件_${shortId(render)}.${extensions[mediaType] ?? 'mp4'}`,
      content: () => ({ render }),
      redaction: { redaction: approved.redaction, render, sha256: approved.sha256 },
    };
  }

  async #askedBefore(
    person: Person,
    record: EvidenceRecord,
    { clientId, operation }: AskedCopy,
  ): Promise<IssuedCopyRecord | undefined> {
    if (clientId === undefined) return undefined;
    const before = await findIssuedCopyOfClient(this.#access.catalog, { account: person.account.id, clientId });
    if (before && (before.evidence_id !== record.id || before.operation !== operation)) throw problem('client_id_used');
    return before;
  }

  async #end(id: string, actor: ActorDraft, cause: 'requester' | 'revoked'): Promise<boolean> {
    const { catalog, clock } = this.#access;
    return catalog.transaction().execute((tx) => cancelIssuedCopy(tx, { copy: id, actor, cause }, clock));
  }

  async #found(id: string): Promise<IssuedCopyRecord> {
    const record = await findIssuedCopy(this.#access.catalog, id);
    if (!record) throw problem('not_found');
    return record;
  }
}

const extensions: Readonly<Record<string, string>> = { 'audio/mp4': 'm4a', 'image/jpeg': 'jpg' };

/** The item's name without its extension and without what no file system takes. */
function stemOf(name: string): string {
  const safe = name.toWellFormed().replaceAll(/[\p{C}\\/:*?"<>|]/gu, '_');
  const dot = safe.lastIndexOf('.');
  return ([...(dot > 0 ? safe.slice(0, dot) : safe)].slice(0, 80).join('') || 'copy').trim();
}
