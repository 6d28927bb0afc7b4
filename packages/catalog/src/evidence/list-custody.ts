import type { Executor } from '../database/connect.ts';
import { listSubjectEvents } from '../ledger/subject-events.ts';
import type { PageRequest } from '../page/page.ts';

/** Every event about the item, oldest first. Rejects `cursor_invalid`. */
export const listCustody = (db: Executor, evidence: string, page: PageRequest) =>
  listSubjectEvents(db, { kind: 'evidence', id: evidence }, page);
