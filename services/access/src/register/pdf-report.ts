import { Worker } from 'node:worker_threads';
import type { ReportLine } from './pdf-layout.ts';
import type { FromWorker, ToWorker, WorkerTask } from './pdf-worker.ts';

/**
 * The bytes of a report, made in a thread of its own: laying out text keeps a processor busy. Lines are asked for as the reader takes the bytes.
 * @param ending sentences for the end, asked for when all lines are there
 */
export async function* pdfReport(
  task: WorkerTask,
  batches: AsyncIterable<readonly ReportLine[]>,
  ending: () => readonly string[],
): AsyncGenerator<Uint8Array> {
  const worker = new Worker(new URL('./pdf-worker.ts', import.meta.url), { workerData: task });
  const heard = listen(worker);
  const lines = batches[Symbol.asyncIterator]();
  const tell = (message: ToWorker) => worker.postMessage(message);
  try {
    for await (const message of heard) {
      if (message.kind === 'done') return;
      if (message.kind === 'bytes') {
        yield message.bytes;
        continue;
      }
      const next = await lines.next();
      tell(next.done ? { kind: 'end', notes: ending() } : { kind: 'lines', lines: next.value });
    }
  } finally {
    await Promise.all([worker.terminate(), lines.return?.()]);
  }
}

/** The worker's messages in order; throws what it dies of. */
async function* listen(worker: Worker): AsyncGenerator<FromWorker> {
  const waiting: FromWorker[] = [];
  let fault: Error | undefined;
  let wake = () => {};
  worker.on('message', (message: FromWorker) => {
    waiting.push(message);
    wake();
  });
  worker.on('error', (error: Error) => {
    fault = error;
    wake();
  });
  worker.on('exit', () => {
    fault ??= new Error('The worker of a report ended before the report did');
    wake();
  });
  for (;;) {
    for (let next = waiting.shift(); next; next = waiting.shift()) yield next;
    if (fault) throw fault;
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
}
