export * from './seed-evidence.ts';
export * from './test-database.ts';
