import { randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { OffloadRequest } from '@fengcun/contracts';
import { readJson, writeDurably } from '../home/durable-file.ts';
import type { Home } from '../home/home.ts';

/**
 * An announcement exactly as it is sent, kept until every file has its receipt. After a power cut the same announcement is sent again,
 * and the server answers the same offload.
 */
export interface JournalEntry {
  readonly id: string;
  readonly directory: string;
  readonly request: OffloadRequest;
  /** by ordinal: where the file is, and its modification time when it was digested, ms */
  readonly files: readonly { readonly path: string; readonly modifiedMs: number }[];
}

export interface Journal {
  /** unfinished offloads, oldest first */
  open(): Promise<readonly JournalEntry[]>;
  add(entry: Omit<JournalEntry, 'id'>): Promise<JournalEntry>;
  close(entry: JournalEntry): Promise<void>;
}

export function openJournal(home: Home): Journal {
  const pathOf = (id: string) => join(home.journalDirectory, `${id}.json`);
  return {
    async open() {
      const names = (await readdir(home.journalDirectory)).filter((name) => name.endsWith('.json')).sort();
      const entries = await Promise.all(names.map((name) => readJson(join(home.journalDirectory, name))));
      return entries.filter(isEntry);
    },
    async add(content) {
      // The time first, so that names sort by age.
      const entry = { id: `${Date.now().toString(36).padStart(9, '0')}-${randomUUID()}`, ...content };
      await writeDurably(pathOf(entry.id), JSON.stringify(entry));
      return entry;
    },
    async close(entry) {
      await rm(pathOf(entry.id), { force: true });
    },
  };
}

const isEntry = (value: unknown): value is JournalEntry =>
  typeof value === 'object' &&
  value !== null &&
  'request' in value &&
  'files' in value &&
  'directory' in value &&
  'id' in value;
