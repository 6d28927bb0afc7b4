import { randomBytes } from 'node:crypto';
import { type CopyFailure, type CopyOperation, type Finding, storeFindings } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import { sql } from 'kysely';
import type { Database, Executor } from '../database/connect.ts';
import { appendEvent } from '../ledger/append-event.ts';
import { type Staleness, untouched } from '../staleness/staleness.ts';
import { readVersion, replacesSealed } from '../vault-copy/stored-copies.ts';
import { notifyIssuedCopy } from './record.ts';
import type { BagContent, BurntContent, RedactedContent } from './request.ts';

/** The right to make one copy. `attempt` fences: whoever claimed last is the one whose writes count. */
export interface CopyClaim {
  readonly copy: string;
  readonly evidence: string;
  readonly account: string;
  readonly attempt: number;
  readonly operation: CopyOperation;
  readonly content: BurntContent | BagContent | RedactedContent;
  readonly mediaType: string;
  readonly createdAt: Date;
  /** where its bytes go, and what they are encrypted with: this attempt's own, so that a late one harms nobody's */
  readonly vaultKey: string;
  readonly key: Buffer;
  /** of the grant that allowed it; no copy outlives its grant */
  readonly grantUntil: Date | null;
}

export interface CopyLease {
  readonly clock: Clock;
  readonly ms: number;
}

/** Takes a copy that is to be made and that nobody is at. Null: it is over, or another worker has it. */
export async function claimIssuedCopy(db: Executor, copy: string, lease: CopyLease): Promise<CopyClaim | null> {
  const now = lease.clock.now();
  const key = randomBytes(32);
  const row = await db
    .updateTable('issued_copy as c')
    .set({
      attempts: sql`attempts + 1`,
      key,
      vault_key: sql`'copies/' || id || '.' || (attempts + 1)`,
      claimed_until: new Date(now.getTime() + lease.ms),
      state: 'making',
      updated_at: now,
    })
    .where('c.id', '=', copy)
    .where('c.state', 'in', ['pending', 'making'])
    .where((eb) => eb.or([eb('c.claimed_until', 'is', null), eb('c.claimed_until', '<', now)]))
    .returning(['c.id', 'c.evidence_id', 'c.account_id', 'c.attempts', 'c.operation', 'c.content', 'c.media_type'])
    .returning(['c.created_at', 'c.vault_key'])
    .returning(sql<Date | null>`(select valid_until from access_grant g where g.id = c.grant_id)`.as('grant_until'))
    .executeTakeFirst();
  if (!row) return null;
  return {
    copy: row.id,
    evidence: row.evidence_id,
    account: row.account_id,
    attempt: row.attempts,
    operation: row.operation,
    // Written by `requestIssuedCopy` and by nobody else.
    content: row.content as BurntContent | BagContent | RedactedContent,
    mediaType: row.media_type,
    createdAt: row.created_at,
    vaultKey: row.vault_key ?? '',
    key,
    grantUntil: row.grant_until,
  };
}

const fenced = (db: Executor, claim: CopyClaim) =>
  db
    .updateTable('issued_copy')
    .where('id', '=', claim.copy)
    .where('state', '=', 'making')
    .where('attempts', '=', claim.attempt);

/** Keeps the claim and says how far it is, 0..100. False: it was cancelled or taken over; stop. */
export async function renewIssuedCopy(
  db: Executor,
  claim: CopyClaim,
  percent: number,
  lease: CopyLease,
): Promise<boolean> {
  const now = lease.clock.now();
  const before = sql<number>`(select percent from issued_copy p where p.id = issued_copy.id)`;
  const row = await fenced(db, claim)
    .set({ claimed_until: new Date(now.getTime() + lease.ms), updated_at: now, percent })
    .returning(before.as('before'))
    .executeTakeFirst();
  if (!row) return false;
  if (row.before !== percent) {
    const { copy: id, evidence, account } = claim;
    await notifyIssuedCopy(db, { id, evidence, account, state: 'making', percent });
  }
  return true;
}

/** Gives a claim back unsettled, so that the next attempt need not wait for it to run out. */
export async function releaseIssuedCopy(db: Executor, claim: CopyClaim, clock: Clock): Promise<void> {
  await fenced(db, claim).set({ claimed_until: null, state: 'pending', updated_at: clock.now() }).execute();
}

export interface MadeCopy {
  readonly versionId: string;
  readonly size: number;
  /** hex */
  readonly sha256: string;
  readonly mark: 'picture' | 'metadata' | 'none';
  /** how long it can be downloaded, unless the grant ends before */
  readonly lifetimeMs: number;
}

/** Settles a copy that is made, with its event. False: it was cancelled or taken over, and nothing was written. */
export async function settleIssuedCopy(
  db: Database,
  claim: CopyClaim,
  made: MadeCopy,
  by: string,
  clock: Clock,
): Promise<boolean> {
  const now = clock.now();
  const end = now.getTime() + made.lifetimeMs;
  return db.transaction().execute(async (tx) => {
    const { numUpdatedRows } = await fenced(tx, claim)
      .set({
        state: 'ready',
        percent: 100,
        mark: made.mark,
        vault_version: made.versionId,
        size: made.size,
        sha256: Buffer.from(made.sha256, 'hex'),
        ready_at: now,
        expires_at: new Date(Math.min(end, claim.grantUntil?.getTime() ?? end)),
        claimed_until: null,
        updated_at: now,
      })
      .executeTakeFirst();
    if (numUpdatedRows !== 1n) return false;
    await appendEvent(
      tx,
      {
        type: 'issued_copy.made',
        actor: { kind: 'system', id: by, name: null },
        subject: { kind: 'evidence', id: claim.evidence },
        data: { copy: claim.copy, sha256: made.sha256, size: made.size, mark: made.mark },
      },
      clock,
    );
    const { copy: id, evidence, account } = claim;
    await notifyIssuedCopy(tx, { id, evidence, account, state: 'ready', percent: 100 });
    return true;
  });
}

/** Settles a copy that cannot be made, with its event. False: it was cancelled or taken over, and nothing was written. */
export async function failIssuedCopy(
  tx: Executor,
  claim: CopyClaim,
  failure: { readonly reason: CopyFailure; readonly findings: readonly Finding[] },
  by: string,
  clock: Clock,
): Promise<boolean> {
  const row = await fenced(tx, claim)
    .set({
      state: 'failed',
      reason: failure.reason,
      detail: storeFindings(failure.findings),
      claimed_until: null,
      updated_at: clock.now(),
    })
    .returning('percent')
    .executeTakeFirst();
  if (!row) return false;
  await appendEvent(
    tx,
    {
      type: 'issued_copy.failed',
      actor: { kind: 'system', id: by, name: null },
      subject: { kind: 'evidence', id: claim.evidence },
      data: { copy: claim.copy, reason: failure.reason },
    },
    clock,
  );
  const { copy: id, evidence, account } = claim;
  await notifyIssuedCopy(tx, { id, evidence, account, state: 'failed', percent: row.percent });
  return true;
}

/** Copies to be made without a sign of life, longest forgotten first; the number of attempts sets the pace. */
export async function findForgottenCopies(db: Executor, staleness: Staleness): Promise<readonly string[]> {
  const { now, limit } = staleness;
  const rows = await db
    .selectFrom('issued_copy')
    .select('id')
    .where('state', 'in', ['pending', 'making'])
    .where((eb) => eb.or([eb('claimed_until', 'is', null), eb('claimed_until', '<', now)]))
    .where(untouched(staleness))
    .orderBy('updated_at')
    .limit(limit)
    .execute();
  return rows.map((row) => row.id);
}

/** A sealed original as it is copied from. */
export interface OriginalToCopy {
  readonly unit: string;
  readonly name: string;
  /** hex */
  readonly sha256: string;
  readonly object: { readonly key: string; readonly versionId: string; readonly size: number };
}

/** The item's original, or undefined when there is no such item. */
export async function findOriginalToCopy(db: Executor, evidence: string): Promise<OriginalToCopy | undefined> {
  const row = await db
    .selectFrom('evidence as e')
    .leftJoin('vault_copy as p', (join) => join.on(replacesSealed))
    .select(['e.unit_id', 'e.name', 'e.size', 'e.sha256', readVersion.key.as('vault_key')])
    .select(readVersion.versionId.as('vault_version'))
    .where('e.id', '=', evidence)
    .executeTakeFirst();
  return (
    row && {
      unit: row.unit_id,
      name: row.name,
      sha256: row.sha256.toString('hex'),
      object: { key: row.vault_key, versionId: row.vault_version, size: row.size },
    }
  );
}
