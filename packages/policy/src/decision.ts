import type { Action, ApplicantKind, ApproverRole, MatrixRow, Purpose, Role } from '@fengcun/contracts';

export { type Action, actions } from '@fengcun/contracts';

/** Who asks. Roles are held in a unit and reach its subtree. */
export type Actor =
  | {
      readonly kind: 'person';
      readonly id: string;
      readonly roles: readonly { readonly unit: string; readonly role: Role }[];
    }
  | { readonly kind: 'dock'; readonly id: string; readonly unit: string };

/** What is asked about: a recording, or for `upload` the unit it would belong to. */
export interface Item {
  /** unit ids from the root down to the item's own unit, that unit included; empty for an item of which the actor may know nothing */
  readonly unitPath: readonly string[];
}

/** A live permission that an approval gave. Whoever looks it up has checked that it is not over, used up or revoked. */
export interface Grant {
  readonly id: string;
  /** account */
  readonly to: string;
  readonly actions: readonly Action[];
}

/** Rows that can be changed, read from the top. The fixed rows stand before them whatever they say. */
export type Matrix = readonly MatrixRow[];

/** Everything else a decision depends on. */
export interface Context {
  readonly matrix: Matrix;
  /** live grants for this very item */
  readonly grants: readonly Grant[];
  /** the actor is the officer of this recording, or of the case it belongs to */
  readonly ownCase: boolean;
  /** what it is wanted for, where that was said */
  readonly purpose?: Purpose;
  /** for whom it is asked, where not for the actor */
  readonly onBehalf?: ApplicantKind;
  /** whether a redacted derivative is asked for; absent: the recording itself */
  readonly redacted?: boolean;
}

/** Who may decide, each entry one needed decision by a different person. */
export type Approval = readonly ApproverRole[];

/**
 * `rule` names the row of the matrix that decided and goes into the event. `authorisation` names the grant, where one did.
 */
export type Decision =
  | { readonly outcome: 'allow'; readonly rule: string; readonly authorisation?: string }
  | { readonly outcome: 'needApproval'; readonly by: Approval; readonly rule: string }
  | { readonly outcome: 'deny'; readonly rule: string };
