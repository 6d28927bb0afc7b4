/** Pure functions: who may do what. Routes never compare roles themselves. */
export { combinedApproval, openDecisions } from './approvals.ts';
export { checkMatrix, type MatrixFault } from './check-matrix.ts';
export { decide } from './decide.ts';
export {
  type Action,
  type Actor,
  type Approval,
  actions,
  type Context,
  type Decision,
  type Grant,
  type Item,
  type Matrix,
} from './decision.ts';
export { inheritedRows } from './inherited-rows.ts';
export { defaultMatrix, fallbackRule, fixedRows, footage, footageWork, grantRule, ordinary } from './matrix.ts';
export {
  dispositionRefusal,
  type Kept,
  lockSuffices,
  lockTarget,
  permanentYears,
  renewalDue,
} from './retention.ts';
export { idleLimitMs, type SecondFactorPolicy, secondFactorRequired } from './sessions.ts';
