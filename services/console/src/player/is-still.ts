import type { Evidence } from '@fengcun/contracts';

/** A photograph or the like, of which there is a picture to look at: whatever its name says, the server has decoded it. */
export const isStill = ({ derivatives }: Pick<Evidence, 'derivatives'>): boolean =>
  derivatives.some(({ kind, reason }) => kind === 'poster' && reason === 'image') &&
  derivatives.some(({ kind, state }) => kind === 'proxy' && state !== 'nothing_to_play');
