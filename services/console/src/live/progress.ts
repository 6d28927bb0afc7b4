import type { CallReply, Change } from '@fengcun/contracts';

export type UploadPage = CallReply<'listUploads'>;

/** The page of running uploads after one moved. What is sealed or gone leaves; offsets never go back. */
export function withUpload(page: UploadPage, change: Extract<Change, { kind: 'upload' }>): UploadPage {
  const running = change.state === 'receiving' || change.state === 'received' || change.state === 'sealing';
  if (!running) return { ...page, items: page.items.filter(({ id }) => id !== change.id) };
  return {
    ...page,
    items: page.items.map((upload) =>
      upload.id === change.id
        ? { ...upload, state: change.state, size: change.size, offset: Math.max(upload.offset, change.offset) }
        : upload,
    ),
  };
}
