/** Faults on demand, for the tests of those who use a vault. */
export { cachedFileSystem } from './cached-file-system.ts';
export { type CrashPlan, crashingFileSystem } from './crashing-file-system.ts';
export { type FaultPlan, withFaults } from './faulty-vault.ts';
export { type Lie, lie } from './lying-engine.ts';
export { type ProxiedReply, type ProxiedRequest, type S3Operation, type S3Proxy, startS3Proxy } from './s3-proxy.ts';
