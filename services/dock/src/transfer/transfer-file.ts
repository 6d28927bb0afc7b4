import { stat } from 'node:fs/promises';
import { DockError } from '../errors.ts';
import { unreadable } from '../scan/unreadable.ts';
import { type RetryPolicy, withRetries } from './retry.ts';
import type { TusClient } from './tus-client.ts';

export interface FileToSend {
  readonly path: string;
  /** bytes, as announced */
  readonly size: number;
  /** ms, when it was digested */
  readonly modifiedMs: number;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Sends one file until the server has every byte of it, resuming after any fault. `onOffset` is told how far the file has got: durable
 * offsets, and in between what was handed to the network. Rejects `refused` when the server will not take it, `not_sealed` when the file
 * changed or cannot be read.
 */
export async function transferFile(
  tus: TusClient,
  file: FileToSend,
  policy: RetryPolicy,
  onOffset: (offset: number) => void,
): Promise<void> {
  let upload: string | undefined;
  let furthest = 0;
  await withRetries(policy, async (progressed) => {
    const reached = (offset: number) => {
      onOffset(offset);
      if (offset <= furthest) return;
      furthest = offset;
      progressed();
    };
    await requireUnchanged(file);
    upload ??= await tus.create(file.size, file.metadata);
    let offset = await tus.offset(upload);
    reached(offset);
    while (offset < file.size) {
      let sent = offset;
      offset = await tus.send(upload, file, offset, (bytes) => {
        sent += bytes;
        onOffset(sent);
      });
      reached(offset);
    }
  });
}

async function requireUnchanged(file: FileToSend): Promise<void> {
  const found = await stat(file.path).catch((cause: NodeJS.ErrnoException) => {
    throw unreadable(file.path, cause);
  });
  if (found.size !== file.size || found.mtime.getTime() !== file.modifiedMs) {
    throw new DockError('not_sealed', {
      zh: `${file.path} 在计算摘要后发生了变化；下次运行会重新登记。`,
      en: `${file.path} changed after it was digested. It will be announced anew at the next run.`,
    });
  }
}
