import type { Role } from '@fengcun/contracts';
import type { Action, Approval } from './decision.ts';

/** Where the role must be held for a row to speak: over the item's unit, or anywhere in the bureau. */
type Reach = 'own_unit' | 'anywhere';

export interface Row {
  readonly rule: string;
  readonly actions: readonly Action[];
  /** roles the row is for; `dock` for a dock acting for its own unit */
  readonly who: readonly (Role | 'dock')[];
  readonly reach: Reach;
  readonly outcome: 'allow' | 'deny' | { readonly needApproval: Approval };
}

const everybody: readonly Role[] = [
  'officer',
  'supervisor',
  'legal',
  'bureau_head',
  'archivist',
  'auditor',
  'system_admin',
  'security_admin',
];
const viewers: readonly Role[] = ['officer', 'supervisor', 'legal', 'bureau_head', 'archivist'];
/** The three administrators (三员): they keep the house and can never look at what it keeps. */
const administrators: readonly Role[] = ['auditor', 'system_admin', 'security_admin'];
const footage: readonly Action[] = ['play'];

/**
 * The default matrix, read from the top: the first row that is for the actor, the action and the reach decides. Denials that no other role
 * may soften come first, so that an administrator who is also an officer still cannot open footage.
 */
export const matrix: readonly Row[] = [
  {
    rule: 'administrators_never_open_footage',
    actions: footage,
    who: administrators,
    reach: 'anywhere',
    outcome: 'deny',
  },
  { rule: 'own_unit_play', actions: ['play'], who: viewers, reach: 'own_unit', outcome: 'allow' },
  {
    rule: 'other_unit_play',
    actions: ['play'],
    who: viewers,
    reach: 'anywhere',
    outcome: { needApproval: ['bureau_head'] },
  },
  { rule: 'own_unit_see', actions: ['see'], who: everybody, reach: 'own_unit', outcome: 'allow' },
  {
    rule: 'own_unit_verify',
    actions: ['verify'],
    who: [...viewers, 'auditor'],
    reach: 'own_unit',
    outcome: 'allow',
  },
  {
    rule: 'own_unit_retry',
    actions: ['retry_derivative'],
    who: ['officer', 'supervisor', 'archivist'],
    reach: 'own_unit',
    outcome: 'allow',
  },
  { rule: 'own_unit_upload', actions: ['upload'], who: ['officer', 'supervisor'], reach: 'own_unit', outcome: 'allow' },
  { rule: 'dock_of_unit', actions: ['see', 'upload'], who: ['dock'], reach: 'own_unit', outcome: 'allow' },
];

/** What is in no row is refused. */
export const fallbackRule = 'no_rule_allows';
/** An approval that was given, for whoever it was given to. */
export const grantRule = 'granted';
