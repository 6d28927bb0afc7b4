import type { Evidence } from '@fengcun/contracts';

/** How a digest stands to what was read back. "Not there" is a state of its own, never "equal". */
export type Match = 'equal' | 'differs' | 'not_declared' | 'parts_only';

/** Compares what was declared and what was received with what the vault gave back. */
export function compareDigests({ declared, received, readBack }: Evidence['digests']): {
  readonly declared: Match;
  readonly received: Match;
} {
  const against = (sha256: string): Match => (sha256 === readBack.sha256 ? 'equal' : 'differs');
  return {
    declared: declared ? against(declared.sha256) : 'not_declared',
    received: received.sha256 === null ? 'parts_only' : against(received.sha256),
  };
}
