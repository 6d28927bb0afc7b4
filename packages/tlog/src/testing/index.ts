/** Mock peers for tests in other rooms. */
export { MockLog, type MockLogOptions, type MockWitness, mockSigningKey, strayHash } from './mock-log.ts';
