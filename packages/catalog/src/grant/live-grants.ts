import type { Operation } from '@fengcun/contracts';
import { sql } from 'kysely';
import type { Executor } from '../database/connect.ts';

/** A grant that may be used now, for one item, as the policy takes it. */
export interface LiveGrant {
  readonly id: string;
  /** account */
  readonly to: string;
  /** empty once it is used up: its holder may still see that the item exists, and no more */
  readonly actions: readonly Operation[];
  readonly request: string;
  readonly until: Date;
  /** null: as often as wanted */
  readonly usesLeft: number | null;
}

export interface GrantQuery {
  readonly account: string;
  readonly evidence: string;
  readonly now: Date;
  /**
   * A grant whose use has begun already: a play or a download under way goes on with it although its last use is gone. It ends all the
   * same when the grant is revoked or its time is over.
   */
  readonly inUse?: string;
}

/** What a decision about one person and one item depends on, beside the person's roles. */
export interface Circumstances {
  readonly grants: readonly LiveGrant[];
  /** the account is the officer of the recording, or of the case it belongs to */
  readonly ownCase: boolean;
  /** of the matrix in force; 0: the default */
  readonly matrixVersion: number;
}

/** The person's grants for the item that are neither revoked nor outside their time, in one query with everything else. */
export async function findCircumstances(db: Executor, query: GrantQuery): Promise<Circumstances> {
  const { rows } = await sql<{ version: number; own_case: boolean; grants: GrantRow[] }>`
    select (select coalesce(max(version), 0) from access_matrix) as version,
      ${ownCase(query)} as own_case,
      coalesce((select jsonb_agg(jsonb_build_object('id', g.id, 'request', g.request_id, 'operations', g.operations,
        'until', g.valid_until, 'uses', i.uses_left) order by ${isFirst(query)} desc, g.valid_until desc, g.id)
        from access_grant g join access_grant_item i on i.grant_id = g.id
        where ${isLive(query)}), '[]') as grants`.execute(db);
  const [row] = rows;
  return {
    matrixVersion: row?.version ?? 0,
    ownCase: row?.own_case ?? false,
    grants: (row?.grants ?? []).map((grant) => toLiveGrant(grant, query)),
  };
}

/** The person's grants for the item that are neither revoked nor outside their time. */
export async function liveGrants(db: Executor, query: GrantQuery): Promise<readonly LiveGrant[]> {
  const { rows } = await sql<GrantRow>`
    select g.id, g.request_id as request, g.operations, to_jsonb(g.valid_until) #>> '{}' as until, i.uses_left as uses
    from access_grant g join access_grant_item i on i.grant_id = g.id
    where ${isLive(query)} order by ${isFirst(query)} desc, g.valid_until desc, g.id`.execute(db);
  return rows.map((row) => toLiveGrant(row, query));
}

interface GrantRow {
  readonly id: string;
  readonly request: string;
  readonly operations: Operation[];
  readonly until: string;
  readonly uses: number | null;
}

const isLive = ({ account, evidence, now }: GrantQuery) => sql`g.account_id = ${account} and i.evidence_id = ${evidence}
  and g.revoked_at is null and g.valid_from <= ${now} and g.valid_until > ${now}`;

/** The grant in use before all others: what was begun with it goes on with it. */
const isFirst = ({ inUse }: GrantQuery) => sql`coalesce(g.id = ${inUse ?? null}::uuid, false)`;

/**
 * Whoever recorded it, or handles the case it is in: but nobody opens a recording to themselves by putting it into their own case, so
 * somebody else must have put it there.
 */
const ownCase = ({
  account,
  evidence,
}: GrantQuery) => sql`(exists (select from evidence e join account a on a.officer_number = e.officer_number
    where e.id = ${evidence} and a.id = ${account})
  or is_case_officer(${account}, ${evidence}))`;

function toLiveGrant({ id, request, operations, until, uses }: GrantRow, { account, inUse }: GrantQuery): LiveGrant {
  const usable = uses === null || uses > 0 || id === inUse;
  return { id, to: account, request, actions: usable ? operations : [], until: new Date(until), usesLeft: uses };
}

/**
 * Takes one use of a grant for an item, in the transaction of what it is used for. Answers false when there is none left or the grant is no
 * longer live: then nothing may leave. Never counts below zero, however many ask at once; a revocation that has committed before wins.
 */
export async function consumeGrant(
  trx: Executor,
  use: { readonly grant: string; readonly evidence: string; readonly now: Date },
): Promise<boolean> {
  const { grant, evidence, now } = use;
  // Held until the end of the transaction: a revocation comes before this use or after it, never in between.
  const { rows: live } = await sql`
    select from access_grant where id = ${grant} and revoked_at is null and valid_from <= ${now} and valid_until > ${now}
    for share`.execute(trx);
  if (live.length === 0) return false;
  const { rows: used } = await sql`
    update access_grant_item set uses_left = uses_left - 1
    where grant_id = ${grant} and evidence_id = ${evidence} and (uses_left is null or uses_left > 0) returning uses_left`.execute(
    trx,
  );
  return used.length > 0;
}
