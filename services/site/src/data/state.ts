import { readFile, rm } from 'node:fs/promises';
import { writeFileDurably } from '@fengcun/local';
import type { SiteLayout } from './layout.ts';

/** What runs on a data directory. True only while the process named in it holds the directory's lock. */
export interface SiteState {
  readonly pid: number;
  readonly url: string;
  readonly readyAt: string;
}

export async function writeState(layout: SiteLayout, state: SiteState): Promise<void> {
  await writeFileDurably(layout.state, `${JSON.stringify(state, null, 2)}\n`);
}

export async function clearState(layout: SiteLayout): Promise<void> {
  await rm(layout.state, { force: true });
}

/** The state as last written, or undefined when there is none that can be read. */
export async function readState(layout: SiteLayout): Promise<SiteState | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(layout.state, 'utf8'));
    if (typeof value !== 'object' || value === null) return undefined;
    const { pid, url, readyAt } = value as Record<string, unknown>;
    return typeof pid === 'number' && typeof url === 'string' && typeof readyAt === 'string'
      ? { pid, url, readyAt }
      : undefined;
  } catch {
    return undefined;
  }
}
