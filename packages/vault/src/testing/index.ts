/** Faults on demand, for the tests of those who use a vault. */
export { type CrashPlan, crashingFileSystem } from './crashing-file-system.ts';
export { type FaultPlan, withFaults } from './faulty-vault.ts';
