import { parentPort, workerData } from 'node:worker_threads';
import { type ReportFont, type ReportHead, ReportLayout, type ReportLine } from './pdf-layout.ts';
import { type Language, wordsOf } from './words.ts';

/** What the report's maker tells its worker. */
export type ToWorker =
  | { readonly kind: 'lines'; readonly lines: readonly ReportLine[] }
  | { readonly kind: 'end'; readonly notes: readonly string[] };

/** What it hears. `wanted`: the lines are laid out, more may come. */
export type FromWorker =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'wanted' }
  | { readonly kind: 'done' };

export interface WorkerTask {
  readonly head: ReportHead;
  readonly font: ReportFont;
  readonly language: Language;
  readonly now: Date;
}

const port = parentPort;
if (!port) throw new Error('This is the worker of a report and runs in no other way');
const say = (message: FromWorker) => port.postMessage(message);
const { head, font, language, now } = workerData as WorkerTask;
const layout = new ReportLayout(head, font, wordsOf(language), now);
layout.document.on('data', (bytes: Uint8Array) => say({ kind: 'bytes', bytes }));
layout.document.on('end', () => {
  say({ kind: 'done' });
  port.close();
});
port.on('message', (message: ToWorker) => {
  if (message.kind === 'end') return layout.end(message.notes);
  for (const line of message.lines) layout.add(line);
  // A turn later, when the document has given out what is full.
  setImmediate(() => say({ kind: 'wanted' }));
});
say({ kind: 'wanted' });
