import type { Problem } from '@fengcun/contracts';
import { problemIn } from '../../app/api/client.ts';
import { followSealing } from './follow-sealing.ts';
import { hashFile, UnreadableFile } from './hash-file.ts';
import { type Sending, sendFile } from './send-file.ts';
import { isOver, type UploadEntry, type UploadStage } from './upload-state.ts';

/** Digesting keeps one core busy; sending keeps the line busy. */
const hashingAtOnce = 1;
const sendingAtOnce = 2;

export interface UploadTarget {
  readonly endpoint: string;
  readonly account: string;
  /** bytes */
  readonly maxSize: number;
}

interface Work {
  readonly file: File;
  readonly target: UploadTarget;
  readonly stop: AbortController;
  sending: Sending | null;
}

/**
 * The files chosen on this page, from digest to seal. It lives outside the pages, so that one can go about while files are sent.
 */
export class UploadQueue {
  #entries: readonly UploadEntry[] = [];
  readonly #work = new Map<string, Work>();
  readonly #listeners = new Set<() => void>();
  #count = 0;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };
  readonly entries = (): readonly UploadEntry[] => this.#entries;

  /**
   * Adds files; one that is already on its way is not added twice.
   * @returns keys of the entries that were added
   */
  add(files: Iterable<File>, target: UploadTarget): readonly string[] {
    const added: string[] = [];
    for (const file of files) {
      if (this.#isUnderWay(file)) continue;
      this.#count += 1;
      const key = `upload-${this.#count}`;
      added.push(key);
      this.#work.set(key, { file, target, stop: new AbortController(), sending: null });
      const stage: UploadStage =
        file.size > target.maxSize
          ? { at: 'failed', cause: { kind: 'too_large', limit: target.maxSize } }
          : { at: 'waiting' };
      this.#set([...this.#entries, { key, name: file.name, size: file.size, sha256: null, stage }]);
    }
    this.#turn();
    return added;
  }

  /** Stops a file where it is; what has arrived stays on the server. */
  async pause(key: string): Promise<void> {
    const entry = this.#find(key);
    const work = this.#work.get(key);
    if (!entry || !work) return;
    const sent = entry.stage.at === 'sending' ? entry.stage.sent : 0;
    this.#stage(key, { at: 'paused', sent });
    this.#renew(key, work);
    await work.sending?.pause();
    this.#turn();
  }

  /** Goes on after a pause or a failure, from where it was. */
  resume(key: string): void {
    const entry = this.#find(key);
    if (!entry || (entry.stage.at !== 'paused' && entry.stage.at !== 'failed')) return;
    this.#stage(key, entry.sha256 ? { at: 'ready' } : { at: 'waiting' });
    this.#turn();
  }

  /** Ends an upload for good: what has arrived is discarded on the server, on record. */
  async cancel(key: string): Promise<void> {
    const work = this.#work.get(key);
    if (!work) return;
    work.stop.abort();
    this.#stage(key, { at: 'cancelled' });
    await work.sending?.cancel().catch((error: unknown) => this.#fail(key, problemIn(error)));
    this.#turn();
  }

  /** Takes a finished, cancelled or failed entry off the list. */
  remove(key: string): void {
    this.#work.get(key)?.stop.abort();
    this.#work.delete(key);
    this.#set(this.#entries.filter((entry) => entry.key !== key));
  }

  clearFinished(): void {
    for (const entry of this.#entries) if (isOver(entry)) this.remove(entry.key);
  }

  #turn(): void {
    const count = (at: UploadStage['at']) => this.#entries.filter(({ stage }) => stage.at === at).length;
    const next = (at: UploadStage['at']) => this.#entries.find(({ stage }) => stage.at === at)?.key;
    const toHash = count('hashing') < hashingAtOnce ? next('waiting') : undefined;
    if (toHash) {
      void this.#hash(toHash);
      this.#turn();
      return;
    }
    const toSend = count('sending') < sendingAtOnce ? next('ready') : undefined;
    if (toSend) {
      void this.#send(toSend);
      this.#turn();
    }
  }

  async #hash(key: string): Promise<void> {
    const work = this.#work.get(key);
    if (!work) return;
    const { signal } = work.stop;
    this.#stage(key, { at: 'hashing', done: 0 });
    try {
      const sha256 = await hashFile(work.file, (done) => this.#stage(key, { at: 'hashing', done }), signal);
      this.#set(
        this.#entries.map((entry) => (entry.key === key ? { ...entry, sha256, stage: { at: 'ready' } } : entry)),
      );
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof UnreadableFile) this.#stage(key, { at: 'failed', cause: { kind: 'unreadable' } });
      else this.#fail(key, problemIn(error));
    } finally {
      this.#turn();
    }
  }

  async #send(key: string): Promise<void> {
    const work = this.#work.get(key);
    const sha256 = this.#find(key)?.sha256;
    if (!work || !sha256) return;
    const { signal } = work.stop;
    const unlessStopped = (act: () => void) => {
      if (!signal.aborted) act();
    };
    this.#stage(key, { at: 'sending', sent: 0 });
    const sending = await sendFile({
      file: work.file,
      sha256,
      endpoint: work.target.endpoint,
      account: work.target.account,
      onProgress: (sent) => unlessStopped(() => this.#stage(key, { at: 'sending', sent })),
      onDone: (id) => unlessStopped(() => void this.#follow(key, id, signal)),
      onFault: (problem) => unlessStopped(() => this.#fail(key, problem)),
    });
    work.sending = sending;
    // Paused or cancelled while the earlier upload was being looked for.
    if (signal.aborted) await (this.#find(key)?.stage.at === 'cancelled' ? sending.cancel() : sending.pause());
  }

  async #follow(key: string, id: string, signal: AbortSignal): Promise<void> {
    this.#stage(key, { at: 'sealing', id });
    this.#turn();
    const outcome = await followSealing(id, signal).catch(() => null);
    if (outcome === null) return;
    this.#stage(key, outcome === 'gone' ? { at: 'cancelled' } : { at: outcome, id });
  }

  #fail(key: string, problem: Problem): void {
    this.#stage(key, { at: 'failed', cause: { kind: 'problem', problem } });
    this.#turn();
  }

  #renew(key: string, work: Work): void {
    work.stop.abort();
    this.#work.set(key, { ...work, stop: new AbortController() });
  }

  #isUnderWay(file: File): boolean {
    return this.#entries.some((entry) => {
      const known = this.#work.get(entry.key)?.file;
      return (
        !isOver(entry) &&
        known?.name === file.name &&
        known.size === file.size &&
        known.lastModified === file.lastModified
      );
    });
  }

  #find(key: string): UploadEntry | undefined {
    return this.#entries.find((entry) => entry.key === key);
  }

  #stage(key: string, stage: UploadStage): void {
    this.#set(this.#entries.map((entry) => (entry.key === key ? { ...entry, stage } : entry)));
  }

  #set(entries: readonly UploadEntry[]): void {
    this.#entries = entries;
    for (const listener of this.#listeners) listener();
  }
}

/** The one queue of this page. */
export const uploadQueue = new UploadQueue();
