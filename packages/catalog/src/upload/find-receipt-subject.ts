import type { Executor } from '../database/connect.ts';
import type { UploadSender } from './upload-record.ts';

/** What decides who may have a receipt, and which event it is made of. */
export interface ReceiptSubject {
  readonly sender: UploadSender;
  readonly unitId: string;
  /** number of the event that sealed it; null while it is not sealed */
  readonly sealEvent: number | null;
  readonly quarantined: boolean;
}

export async function findReceiptSubject(db: Executor, evidenceId: string): Promise<ReceiptSubject | undefined> {
  const row = await db
    .selectFrom('upload')
    .leftJoin('evidence', 'evidence.id', 'upload.id')
    .select(['upload.dock_id', 'upload.account_id', 'upload.unit_id', 'evidence.event_id', 'evidence.state'])
    .where('upload.id', '=', evidenceId)
    .executeTakeFirst();
  return (
    row && {
      sender: row.dock_id !== null ? { kind: 'dock', id: row.dock_id } : { kind: 'account', id: row.account_id ?? '' },
      unitId: row.unit_id,
      sealEvent: row.state === 'sealed' ? row.event_id : null,
      quarantined: row.state === 'quarantined',
    }
  );
}

/** Whether a dock has announced the item's very content, from the item's device. */
export async function announcedByDock(
  db: Executor,
  { dock, evidence }: { readonly dock: string; readonly evidence: string },
): Promise<boolean> {
  const row = await db
    .selectFrom('evidence as e')
    .innerJoin('offload as o', 'o.device_id', 'e.device_id')
    .innerJoin('offload_file as f', (join) =>
      join.onRef('f.offload_id', '=', 'o.id').onRef('f.sha256', '=', 'e.sha256'),
    )
    .select('e.id')
    .where('e.id', '=', evidence)
    .where('o.dock_id', '=', dock)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
