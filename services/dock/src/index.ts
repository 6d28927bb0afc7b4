export { type Agent, type AgentOptions, openAgent } from './agent/agent.ts';
export { enrol } from './enrolment/enrol.ts';
export { DockError, type DockErrorCode } from './errors.ts';
export { type Enrolment, type Home, openHome } from './home/home.ts';
export type { DeviceFacts } from './offload/announce.ts';
export type { OffloadOutcome } from './offload/run-offload.ts';
export type { Progress, ProgressEvent } from './progress/progress.ts';
