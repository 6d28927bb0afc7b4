import { type ActorDraft, personal } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import { notifyChange } from '../change/notify.ts';
import type { Database, Executor } from '../database/connect.ts';
import { appendEvent } from '../ledger/append-event.ts';
import { assignRetention } from '../retention/assign.ts';

export interface DescriptionDraft {
  readonly evidence: string;
  readonly unit: string;
  /** the version its author has read */
  readonly basedOn: number;
  readonly title: string | null;
  readonly place: string | null;
  readonly tags: readonly string[];
  readonly case: string | null;
  readonly matter: string | null;
  readonly note: string | null;
  readonly account: string;
  readonly actor: ActorDraft;
  /** the row of the matrix that allowed it */
  readonly rule: string;
}

/** `changed`: somebody else described it since `basedOn` was read. */
export type DescribeOutcome = 'described' | 'changed' | 'unknown_case' | 'unknown_matter';

/**
 * Writes the next version of an item's description with its event, in one transaction; what is searched for follows by trigger. A matter
 * raises how long the item is kept, never lowers it. Whether case and matter hold for the item's unit is the caller's to have asked.
 */
export async function describeEvidence(db: Database, draft: DescriptionDraft, clock: Clock): Promise<DescribeOutcome> {
  return db.transaction().execute(async (trx) => {
    // Two who write at once take turns; the second finds that it has read an older version.
    await trx
      .selectFrom('evidence_retention')
      .select('evidence_id')
      .where('evidence_id', '=', draft.evidence)
      .forUpdate()
      .execute();
    const current = await trx
      .selectFrom('evidence_description')
      .select('version')
      .where('evidence_id', '=', draft.evidence)
      .orderBy('version', 'desc')
      .limit(1)
      .executeTakeFirst();
    const version = current?.version ?? 0;
    if (version !== draft.basedOn) return 'changed';
    const file = draft.case === null ? null : await numberOf(trx, draft.case);
    if (file === undefined) return 'unknown_case';
    const matter = draft.matter === null ? null : await classOf(trx, draft.matter);
    if (matter === undefined) return 'unknown_matter';
    const event = await appendEvent(
      trx,
      {
        type: 'evidence.described',
        actor: draft.actor,
        subject: { kind: 'evidence', id: draft.evidence },
        data: {
          version: version + 1,
          title: committed(draft.title),
          place: committed(draft.place),
          tags: draft.tags.map(personal),
          case: file && { id: file.id, number: personal(file.number) },
          matter: draft.matter,
          note: committed(draft.note),
          rule: draft.rule,
        },
      },
      clock,
    );
    await trx
      .insertInto('evidence_description')
      .values({
        evidence_id: draft.evidence,
        version: version + 1,
        title: draft.title,
        place: draft.place,
        tags: [...draft.tags],
        case_id: draft.case,
        matter_id: draft.matter,
        note: draft.note,
        account_id: draft.account,
        described_at: clock.now(),
        event_id: event,
      })
      .execute();
    if (matter) {
      const because = { matter: matter.id };
      await assignRetention(
        trx,
        { evidence: draft.evidence, classCode: matter.class_code, because, actor: draft.actor },
        clock,
      );
    }
    await notifyChange(trx, { kind: 'evidence', id: draft.evidence, unit: draft.unit });
    return 'described';
  });
}

const committed = (text: string | null) => (text === null ? null : personal(text));

const numberOf = (trx: Executor, id: string) =>
  trx.selectFrom('case_file').select(['id', 'number']).where('id', '=', id).executeTakeFirst();

const classOf = (trx: Executor, id: string) =>
  trx.selectFrom('matter').select(['id', 'class_code']).where('id', '=', id).executeTakeFirst();
