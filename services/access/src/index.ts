/** Sessions, catalogue, playback, verification, live stream, console. */
export { type AccessServiceOptions, accessService } from './access-service.ts';
export {
  type AccessConfig,
  defaultAccessLimits,
  type OidcConfig,
  openSignInConfig,
  openSiteSecret,
  readAccessSettings,
  reportSettings,
  signInSettings,
} from './config.ts';
export { accessProblemCodes } from './errors.ts';
