import type { Access } from '../access.ts';

/** What requests and decisions work with. */
export type Deciding = Pick<Access, 'config' | 'catalog' | 'clock'>;
