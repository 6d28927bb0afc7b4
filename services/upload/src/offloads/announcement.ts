import { createHash } from 'node:crypto';
import type { OffloadFileDraft, UploadSender } from '@fengcun/catalog';
import type { OffloadRequest } from '@fengcun/contracts';

/**
 * SHA-256 of who announces which files of which device, in their order: the same announcement is the same offload, however often it is
 * sent. The two clocks are left out, because an agent that starts again reads them again.
 */
export function announcementDigest(sender: UploadSender, { device, officer, files }: OffloadRequest): Buffer {
  const canonical = [
    'fengcun-announcement/v1',
    sender.kind,
    sender.id,
    device,
    officer ?? null,
    files.map((file) => {
      const { name, size, sha256, kind, recordedFrom, recordedTo, keyMark, sequence } = fileDraft(file);
      return [name, size, sha256, kind, recordedFrom, recordedTo, keyMark, sequence];
    }),
  ];
  // An array of arrays has one JSON spelling: no member order to agree on.
  return createHash('sha256').update(JSON.stringify(canonical)).digest();
}

/** An announced file with everything that was left out said, and times in one spelling. */
export function fileDraft(file: OffloadRequest['files'][number]): OffloadFileDraft {
  return {
    name: file.name.toWellFormed(),
    size: file.size,
    sha256: file.sha256,
    kind: file.kind,
    recordedFrom: file.recordedFrom === undefined ? null : new Date(file.recordedFrom).toISOString(),
    recordedTo: file.recordedTo === undefined ? null : new Date(file.recordedTo).toISOString(),
    keyMark: file.keyMark ?? false,
    sequence: file.sequence ?? null,
  };
}
