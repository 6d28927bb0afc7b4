/** Sessions, catalogue, playback, verification, live stream, console. */
export { type AccessServiceOptions, accessService } from './access-service.ts';
export { type AccessConfig, defaultAccessLimits, readAccessSettings } from './config.ts';
export { accessProblemCodes } from './errors.ts';
