import {
  abortVerification,
  appendEvent,
  type EvidenceRecord,
  finishVerification,
  insertVerification,
  noteProgress,
  noteVaultCopyFinding,
  notifyChange,
  raiseAlarm,
} from '@fengcun/catalog';
import { type ActorDraft, finding } from '@fengcun/contracts';
import { DigestPool } from '@fengcun/digest';
import { actorOf, type Person } from '@fengcun/identity';
import { parseVerifierKey, type VerifierKey } from '@fengcun/tlog';
import type { FastifyBaseLogger } from 'fastify';
import { type Access, serviceName } from '../access.ts';
import { problem } from '../errors.ts';
import { type ItemVerified, verifyItem } from './verify-item.ts';

const progressMs = 1_000;

interface Job {
  readonly id: string;
  readonly record: EvidenceRecord;
  readonly actor: ActorDraft;
  readonly abort: AbortController;
  bytesRead: number;
}

/** Verifications of this process: so many at once, the rest in line. What is under way when the process stops is aborted, never half told. */
export class Verifications {
  readonly #access: Access;
  readonly #log: FastifyBaseLogger;
  readonly #pool: DigestPool;
  readonly #logKeys: readonly VerifierKey[];
  readonly #waiting: Job[] = [];
  readonly #running = new Map<Job, Promise<void>>();
  readonly #progress: NodeJS.Timeout;
  #noting: Promise<void> | null = null;
  #closed = false;

  constructor(access: Access, log: FastifyBaseLogger) {
    this.#access = access;
    this.#log = log;
    this.#logKeys = access.config.logKeys.map(parseVerifierKey);
    this.#pool = new DigestPool({ threads: 2 * access.config.verificationConcurrency });
    this.#progress = setInterval(() => {
      this.#noting ??= this.#noteProgress().finally(() => {
        this.#noting = null;
      });
    }, progressMs);
    this.#progress.unref();
  }

  /** Takes the item in; answers the verification's id. Throws `already_running` or `too_many_verifications`. */
  async start(person: Person, record: EvidenceRecord): Promise<string> {
    const { catalog, clock, config } = this.#access;
    if (this.#closed || this.#waiting.length >= config.verificationQueue) {
      throw problem('too_many_verifications', { headers: { 'retry-after': '60' } });
    }
    const id = await insertVerification(catalog, { evidence: record.id, account: person.account.id, now: clock.now() });
    if (id === undefined) throw problem('already_running');
    this.#waiting.push({ id, record, actor: actorOf(person), abort: new AbortController(), bytesRead: 0 });
    this.#next();
    return id;
  }

  /** Aborts everything under way and says so in the catalogue. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#progress);
    const { catalog, clock } = this.#access;
    for (const job of this.#waiting.splice(0)) await abortVerification(catalog, job.id, clock.now());
    for (const job of this.#running.keys()) job.abort.abort();
    await Promise.all(this.#running.values());
    await this.#noting;
    await this.#pool.close();
  }

  #next(): void {
    while (this.#running.size < this.#access.config.verificationConcurrency) {
      const job = this.#waiting.shift();
      if (!job) return;
      const work = this.#run(job).finally(() => {
        this.#running.delete(job);
        this.#next();
      });
      this.#running.set(job, work);
    }
  }

  /** Never rejects: whoever asked looks at the catalogue. */
  async #run(job: Job): Promise<void> {
    const { catalog, clock } = this.#access;
    try {
      const context = { ...this.#access, pool: this.#pool, logKeys: this.#logKeys };
      const verified = await verifyItem(context, job.record, job.abort.signal, (bytes) => {
        job.bytesRead = bytes;
      });
      await this.#conclude(job, verified);
    } catch (error) {
      if (!job.abort.signal.aborted)
        this.#log.error({ err: error, verification: job.id }, 'a verification came to no result');
      await abortVerification(catalog, job.id, clock.now()).catch((cause: unknown) => {
        this.#log.error({ err: cause, verification: job.id }, 'a verification could not be marked aborted');
      });
    }
  }

  /** Result, event and alarm in one transaction: a failure that is known is on record. */
  async #conclude({ id, record, actor }: Job, { legs, verdict, bytesRead, notes }: ItemVerified): Promise<void> {
    const { catalog, clock } = this.#access;
    await catalog.transaction().execute(async (tx) => {
      if (!(await finishVerification(tx, { id, bytesRead, verdict, legs, now: clock.now() }))) return;
      await appendEvent(
        tx,
        {
          type: 'evidence.verified',
          actor,
          subject: { kind: 'evidence', id: record.id },
          data: { verification: id, verdict, bytesRead, legs: legs.map(({ leg, outcome }) => ({ leg, outcome })) },
        },
        clock,
      );
      for (const { copy, finding: learnt } of notes) {
        const about = { evidence: record.id, unit: record.unit_id, copy, service: serviceName };
        await noteVaultCopyFinding(tx, about, learnt, clock);
      }
      const failed = legs.filter(({ outcome }) => outcome === 'failed');
      // A quarantined item is known not to be what was declared; an alarm was raised when it was put there.
      const news = failed.filter(({ leg }) => !(record.state === 'quarantined' && leg === 'declared'));
      if (news.length > 0) {
        const findings = [
          finding('item_fails', { item: record.name }),
          ...news.flatMap(({ leg, findings = [] }) => [finding('leg_failed', { leg }), ...findings]),
        ];
        const subject = { kind: 'evidence', id: record.id } as const;
        await raiseAlarm(
          tx,
          { kind: 'verification_failed', unit: record.unit_id, subject, findings, by: serviceName },
          clock,
        );
      }
      await notifyChange(tx, { kind: 'evidence', id: record.id, unit: record.unit_id });
    });
  }

  async #noteProgress(): Promise<void> {
    const { catalog, clock } = this.#access;
    for (const job of [...this.#running.keys(), ...this.#waiting]) {
      try {
        // Taken for dead by another process: a result of ours would come too late.
        if (!(await noteProgress(catalog, job.id, job.bytesRead, clock.now()))) job.abort.abort();
      } catch (error) {
        this.#log.warn({ err: error, verification: job.id }, 'progress could not be noted');
      }
    }
  }
}
