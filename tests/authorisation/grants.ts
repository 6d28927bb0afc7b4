import { type Executor, newId } from '@fengcun/catalog';
import type { Operation } from '@fengcun/contracts';
import type { TestPerson } from '@fengcun/identity/testing';
import type { Fixture } from './fixture.ts';

export type GrantState = 'none' | 'live' | 'expired' | 'revoked' | 'not_yet' | 'used_up';

export interface GrantDraft {
  readonly to: TestPerson;
  readonly item: string;
  readonly state: GrantState;
  readonly by: TestPerson;
  /** `play` alone unless said */
  readonly operations?: readonly Operation[];
}

/** A grant for an item of `foreign`, in one of the states in which it can be, as the approval of a request leaves it behind. */
export async function makeGrant({ harness, foreign }: Fixture, grant: GrantDraft): Promise<string | null> {
  const { state, operations = ['play'] } = grant;
  if (state === 'none') return null;
  const now = harness.clock.now();
  const at = (hours: number) => new Date(now.getTime() + hours * 3_600_000);
  const [from, until] = state === 'expired' ? [at(-2), at(-1)] : state === 'not_yet' ? [at(1), at(2)] : [at(-1), at(1)];
  const [request, id] = [newId(), newId()];
  await harness.owner.transaction().execute(async (tx: Executor) => {
    await tx
      .insertInto('access_request')
      .values({
        id: request,
        kind: 'ordinary',
        state: 'approved',
        account_id: grant.to.id,
        account_unit_id: grant.to.unit.id,
        unit_id: foreign.id,
        purpose: 'case_handling',
        basis: 'x',
        operations: [...operations],
        window_from: from,
        window_until: until,
        uses: 1,
        created_at: now,
        submitted_at: now,
        decided_at: now,
      } as never)
      .execute();
    await tx
      .insertInto('access_grant')
      .values({
        id,
        request_id: request,
        account_id: grant.to.id,
        operations: [...operations],
        valid_from: from,
        valid_until: until,
        urgent: false,
        event_id: 1,
        created_at: now,
        ...(state === 'revoked' ? { revoked_at: now, revoked_by: grant.by.id, revoke_reason: 'x' } : {}),
      } as never)
      .execute();
    await tx
      .insertInto('access_grant_item')
      .values({ grant_id: id, evidence_id: grant.item, uses_left: state === 'used_up' ? 0 : null } as never)
      .execute();
  });
  return id;
}
