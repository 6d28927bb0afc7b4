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
export { hashPassword, isOutdatedHash, verifyPassword } from './password/password.ts';
export { passwordFaults } from './password/rules.ts';
export type { RateLimits } from './rate/rate-limiter.ts';
export { newRecoveryCodes, normalRecoveryCode } from './second-factor/recovery-codes.ts';
export {
  base32,
  fromBase32,
  matchTotp,
  newTotpSecret,
  totpCode,
  totpStep,
  totpUri,
  totpUse,
} from './second-factor/totp.ts';
export { parseSiteSecret, SecretBox, siteSecretBytes } from './secret/secret-box.ts';
export { absoluteLimitMs, personIn, sessionFault } from './session/authenticate-session.ts';
export {
  clearSessionCookie,
  hashSessionToken,
  newAccessToken,
  newSessionToken,
  sessionTokenOf,
  setSessionCookie,
} from './session/cookie.ts';
export { isSecondFactorRequired, pendingStep } from './session/pending.ts';
