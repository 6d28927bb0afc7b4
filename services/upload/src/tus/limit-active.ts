import type { UploadSender } from '@fengcun/catalog';
import { problem } from '../problems.ts';
import type { TusContext } from './context.ts';

/**
 * Refuses a sender's further request while as many as allowed already send bytes: parts in hand are what memory and file handles are
 * spent on. A request that takes over from another one to the same upload needs no further place.
 */
export function limitActive({ config, sessions }: TusContext, sender: UploadSender, uploadId: string): void {
  if (sessions.countActive(sender, uploadId) < config.activePerSender) return;
  throw problem('too_many_uploads', {
    detail: `${config.activePerSender} of your uploads are sending at this moment. Wait for one to finish.`,
    headers: { 'retry-after': '5' },
  });
}
