import { readFile, rm } from 'node:fs/promises';
import { writeFileDurably } from '@fengcun/local';
import type { VaultFacts } from '../vault/engine.ts';
import type { SiteLayout } from './layout.ts';

/** What runs on a data directory. True only while the process named in it holds the directory's lock. */
export interface SiteState {
  readonly pid: number;
  readonly url: string;
  readonly readyAt: string;
  readonly vault: VaultFacts;
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
    const { pid, url, readyAt, vault } = value as Record<string, unknown>;
    return typeof pid === 'number' && typeof url === 'string' && typeof readyAt === 'string' && isVaultFacts(vault)
      ? { pid, url, readyAt, vault }
      : undefined;
  } catch {
    return undefined;
  }
}

function isVaultFacts(value: unknown): value is VaultFacts {
  return typeof value === 'object' && value !== null && 'driver' in value && 'protection' in value;
}
