import { fitColumns, formatBytes } from './format.ts';
import type { Progress, ProgressEvent } from './progress.ts';
import type { Words } from './words.ts';

const stageColumns = 12;

/** A line for each thing that happened, for logs and pipes. */
export function plainProgress(line: (text: string) => void, words: Words): Progress {
  return {
    report(event) {
      switch (event.event) {
        case 'found':
          line(words.found(event.files, formatBytes(event.bytes)));
          break;
        case 'file':
          line(`${fitColumns(words.stages[event.stage], stageColumns)} ${event.name}${detailOf(event, words)}`);
          break;
        case 'waiting':
          line(words.waiting(event.text[words.language], (event.ms / 1000).toFixed(1)));
          break;
        case 'offload':
          for (const { from, to } of event.gaps) line(words.gap(from === to ? `${from}` : `${from}-${to}`));
          break;
        case 'done':
          line(words.done(event.sealed, event.quarantined, event.failed));
          break;
        case 'bytes':
          break;
      }
    },
    close() {},
  };
}

function detailOf({ detail, text }: ProgressEvent & { event: 'file' }, { language }: Words): string {
  const told = text?.[language] ?? detail;
  return told ? `  ${told}` : '';
}
