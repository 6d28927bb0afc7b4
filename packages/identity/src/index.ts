export {
  type Anonymous,
  actorOf,
  type Caller,
  type DockCaller,
  dockOf,
  type Person,
  personOf,
  senderOf,
  visibleUnits,
} from './caller/caller.ts';
export { type RefusalCode, refusal, refusalCodes } from './errors.ts';
export { type IdentityOptions, identity, recordDenial, recordRefusedSignIn } from './identity.ts';
export { hashPassword, verifyPassword } from './password/password.ts';
export { absoluteLimitMs, sessionFault } from './session/authenticate-session.ts';
export {
  clearSessionCookie,
  hashSessionToken,
  newSessionToken,
  sessionTokenOf,
  setSessionCookie,
} from './session/cookie.ts';
