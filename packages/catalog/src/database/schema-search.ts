import type { CaseSummary, Purpose, RegisterKind } from '@fengcun/contracts';
import type { Generated } from 'kysely';

/** Tables of `0004_search.sql`. */
export interface CaseFileTable {
  id: string;
  number: string;
  unit_id: string;
  title: string;
  subject: string | null;
  state: Generated<'open' | 'closed'>;
  revision: Generated<number>;
  opened_by: string;
  opened_at: Date;
  closed_at: Date | null;
  /** kept by the database */
  items: Generated<number>;
  kind: Generated<CaseSummary['kind']>;
  matter_id: string | null;
  changed_by: string | null;
  changed_at: Date | null;
}

export interface CaseOfficerTable {
  case_id: string;
  account_id: string;
  added_by: string | null;
  added_at: Date | null;
  valid_from: Date | null;
  valid_until: Date | null;
}

export interface EvidenceDescriptionTable {
  evidence_id: string;
  version: number;
  title: string | null;
  place: string | null;
  tags: string[];
  case_id: string | null;
  matter_id: string | null;
  note: string | null;
  account_id: string;
  described_at: Date;
  event_id: number;
}

export interface TagTallyTable {
  unit_id: string;
  tag: string;
  items: number;
}

/** Written by the database alone. */
export interface EvidenceSearchTable {
  evidence_id: string;
  captured_at: Date;
  week: number;
  unit_id: string;
  kind: string;
  state: 'sealed' | 'quarantined';
  key_mark: boolean;
  device_id: string | null;
  officer_number: string | null;
  offload_id: string | null;
  title: string | null;
  place: string | null;
  tags: string[];
  case_id: string | null;
  case_number: string | null;
  matter_id: string | null;
  text: string;
}

/** Written by the database alone. */
export interface RegisterEntryTable {
  event_id: number;
  at: Date;
  kind: RegisterKind;
  actor_kind: 'account' | 'dock' | 'system' | 'anonymous';
  actor_id: string;
  actor_unit_id: string | null;
  evidence_id: string | null;
  unit_id: string | null;
  request_id: string | null;
  purpose: Purpose | null;
  case_id: string | null;
}

export interface RegisterItemTable {
  evidence_id: string;
  event_id: number;
}

export interface SearchSchema {
  case_file: CaseFileTable;
  case_officer: CaseOfficerTable;
  evidence_description: EvidenceDescriptionTable;
  tag_tally: TagTallyTable;
  evidence_search: EvidenceSearchTable;
  register_entry: RegisterEntryTable;
  register_item: RegisterItemTable;
}
