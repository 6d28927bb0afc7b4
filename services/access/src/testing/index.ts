/** For benchmarks and for tests that cross packages. */
export { type BenchOptions, benchEvidenceList, type ListFigure } from './bench-evidence-list.ts';
