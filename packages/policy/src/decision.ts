import type { Role } from '@fengcun/contracts';

/** What may be asked about an item. Later issues add theirs here and in the matrix: `download_proxy`, `package`, `disclose`, `publish`. */
export const actions = ['see', 'play', 'verify', 'retry_derivative', 'upload'] as const;
export type Action = (typeof actions)[number];

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
  /** unit ids from the root down to the item's own unit, that unit included */
  readonly unitPath: readonly string[];
}

/** A live permission that an approval gave. Whoever looks it up has checked that it is not over, used up or revoked. */
export interface Grant {
  readonly id: string;
  /** account */
  readonly to: string;
  readonly actions: readonly Action[];
}

/** Everything else a decision depends on. */
export interface Context {
  /** live grants for this very item */
  readonly grants: readonly Grant[];
}

/** No grants, nothing special. */
export const ordinary: Context = { grants: [] };

/** Who may decide, each entry one needed decision by a different person. */
export type Approval = readonly Role[];

/**
 * `rule` names the row of the matrix that decided and goes into the event. `authorisation` names the grant, where one did.
 */
export type Decision =
  | { readonly outcome: 'allow'; readonly rule: string; readonly authorisation?: string }
  | { readonly outcome: 'needApproval'; readonly by: Approval; readonly rule: string }
  | { readonly outcome: 'deny'; readonly rule: string };
