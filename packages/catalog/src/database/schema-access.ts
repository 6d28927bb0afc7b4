import type { ApplicantKind, ApproverRole, Operation, Purpose, RequestState } from '@fengcun/contracts';
import type { ColumnType, Generated, GeneratedAlways } from 'kysely';

/** Tables of `0005_requests.sql`: matrix, requests, decisions, grants. */
export interface AccessMatrixTable {
  version: number;
  rows: ColumnType<unknown, string, never>;
  sha256: Buffer;
  /** what it could speak of */
  actions: string[];
  changed_by: string;
  changed_at: Date;
  reason: string;
}

export interface AccessRequestTable {
  id: string;
  number: GeneratedAlways<number>;
  kind: 'ordinary' | 'urgent';
  state: RequestState;
  account_id: string;
  account_unit_id: string;
  client_id: string | null;
  client_digest: Buffer | null;
  purpose: Purpose;
  basis: string;
  case_number: string | null;
  operations: Operation[];
  window_from: Date;
  window_until: Date;
  uses: number;
  applicant_kind: ApplicantKind | null;
  applicant_organisation: string | null;
  applicant_person: string | null;
  applicant_letter: string | null;
  applicant_contact: string | null;
  unit_id: string | null;
  needed: Generated<ApproverRole[]>;
  open: Generated<ApproverRole[]>;
  rules: Generated<string[]>;
  matrix_version: number | null;
  created_at: Date;
  submitted_at: Date | null;
  decided_at: Date | null;
  due_at: Date | null;
  expires_at: Date | null;
  escalated_at: Date | null;
  escalated_to: string | null;
  urgent_approver: string | null;
  violated_at: Date | null;
  case_id: Generated<string | null>;
  case_left: ColumnType<CaseLeft | null, string | null | undefined, string | null>;
}

/** Recordings of a case that its request does not ask for, counted by why. */
export interface CaseLeft {
  /** of units that the requester does not reach */
  readonly outside: number;
  readonly disposed: number;
  /** the rules let the requester ask for none of the operations */
  readonly denied: number;
  /** more than one request takes */
  readonly beyond: number;
}

export interface AccessRequestItemTable {
  request_id: string;
  evidence_id: string;
  ordinal: number;
}

export interface AccessRequestAttachmentTable {
  request_id: string;
  evidence_id: string;
  ordinal: number;
  kind: 'letter' | 'identity' | 'other';
}

export interface AccessDecisionTable {
  id: string;
  request_id: string;
  account_id: string;
  role: ApproverRole;
  verdict: 'approved' | 'refused';
  reason: string | null;
  hold_acknowledged: boolean;
  decided_at: Date;
  voided_at: Date | null;
  void_reason: 'approver_disabled' | 'approver_lost_role' | 'not_needed_any_more' | null;
}

export interface AccessGrantTable {
  id: string;
  request_id: string;
  account_id: string;
  operations: Operation[];
  valid_from: Date;
  valid_until: Date;
  urgent: boolean;
  event_id: number;
  created_at: Date;
  revoked_at: Date | null;
  revoked_by: string | null;
  revoke_reason: string | null;
  ended_at: Date | null;
  /** set by trigger */
  unit_id: ColumnType<string | null, never, never>;
}

export interface AccessGrantItemTable {
  grant_id: string;
  evidence_id: string;
  uses_left: number | null;
}

export interface AttachmentReadTable {
  session_id: string;
  request_id: string;
  evidence_id: string;
}

export interface AccessSchema {
  access_matrix: AccessMatrixTable;
  access_request: AccessRequestTable;
  access_request_item: AccessRequestItemTable;
  access_request_attachment: AccessRequestAttachmentTable;
  access_decision: AccessDecisionTable;
  attachment_read: AttachmentReadTable;
  access_grant: AccessGrantTable;
  access_grant_item: AccessGrantItemTable;
}
