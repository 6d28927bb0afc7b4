import type { DockError, Text } from '../errors.ts';

/** What happens to one file, in the words of `--json`. */
export type FileStage = 'digesting' | 'announced' | 'sending' | 'received' | 'sealed' | 'quarantined' | 'failed';

export type ProgressEvent =
  | { readonly event: 'found'; readonly files: number; readonly bytes: number }
  | {
      readonly event: 'file';
      readonly name: string;
      readonly size: number;
      readonly stage: FileStage;
      readonly detail?: string;
      /** `detail` in both languages, where there is more than the server's English */
      readonly text?: Text;
    }
  | {
      readonly event: 'bytes';
      readonly name: string;
      readonly size: number;
      readonly stage: 'digesting' | 'sending';
      readonly done: number;
    }
  | { readonly event: 'waiting'; readonly reason: string; readonly text: Text; readonly ms: number }
  | {
      readonly event: 'offload';
      readonly id: string;
      readonly missing: number;
      readonly gaps: readonly { from: number; to: number }[];
    }
  | { readonly event: 'done'; readonly sealed: number; readonly quarantined: number; readonly failed: number };

/** What is told of a file that went wrong, while the others go on. */
export function failure(name: string, size: number, { message, text }: DockError): ProgressEvent {
  return { event: 'file', name, size, stage: 'failed', detail: message, text };
}

/** Where progress goes: a terminal, plain lines, or JSON lines. */
export interface Progress {
  report(event: ProgressEvent): void;
  close(): void;
}
