import { MultiBar, type SingleBar } from 'cli-progress';
import { fitColumns, formatBytes } from './format.ts';
import { plainProgress } from './plain-lines.ts';
import type { FileStage, Progress, ProgressEvent } from './progress.ts';
import type { Words } from './words.ts';

const barColumns = 20;
const columnsBesideName = 50;

/** A bar for each file under way on a terminal; what is finished scrolls away as lines. */
export function terminalProgress(out: NodeJS.WriteStream, words: Words): Progress {
  const bars = new MultiBar({
    stream: out,
    format: '{name} {blocks} {percent} {size}  {stage}',
    hideCursor: true,
    clearOnComplete: true,
    fps: 8,
    emptyOnZero: true,
  });
  const lines = plainProgress((text) => bars.log(`${text}\n`), words);
  const running = new Map<string, SingleBar>();

  const show = (name: string, size: number, done: number, stage: FileStage) => {
    const share = size === 0 ? 1 : Math.min(1, done / size);
    const payload = {
      name: fitColumns(name, Math.max(16, (out.columns ?? 80) - columnsBesideName)),
      blocks: '█'.repeat(Math.round(share * barColumns)).padEnd(barColumns, '░'),
      percent: `${Math.floor(share * 100)}%`.padStart(4),
      size: formatBytes(size).padStart(8),
      stage: words.stages[stage],
    };
    const bar = running.get(name);
    if (bar) bar.update(done, payload);
    else running.set(name, bars.create(Math.max(size, 1), done, payload));
  };
  const finish = (event: ProgressEvent & { event: 'file' }) => {
    const bar = running.get(event.name);
    if (bar) bars.remove(bar);
    running.delete(event.name);
    lines.report(event);
  };

  return {
    report(event) {
      if (event.event === 'bytes') show(event.name, event.size, event.done, event.stage);
      else if (event.event !== 'file') lines.report(event);
      else if (event.stage === 'received') show(event.name, event.size, event.size, 'received');
      else if (event.stage === 'sealed' || event.stage === 'quarantined' || event.stage === 'failed') finish(event);
      bars.update();
    },
    close: () => bars.stop(),
  };
}
