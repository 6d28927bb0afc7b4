/** Pure functions: who may do what. Routes never compare roles themselves. */
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
  ordinary,
} from './decision.ts';
export { fallbackRule, grantRule } from './matrix.ts';
export { idleLimitMs } from './sessions.ts';
