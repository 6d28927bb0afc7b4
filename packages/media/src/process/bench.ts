import type { MediaTools } from '../tools.ts';
import type { Launcher } from './launcher.ts';
import type { MediaLimits } from './limits.ts';

/** What every run of a tool needs, gathered once at start-up. */
export interface ToolBench {
  readonly tools: MediaTools;
  readonly limits: MediaLimits;
  readonly launcher: Launcher;
  /** Absolute; every run gets a directory of its own inside and removes it. */
  readonly scratchDir: string;
  /** A font with Chinese characters; without it one is looked for where distributions put them. */
  readonly cjkFont?: string | undefined;
}
