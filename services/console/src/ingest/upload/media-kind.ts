import type { AnnouncedFile } from '@fengcun/contracts';

type Kind = AnnouncedFile['kind'];

/** Recorders' formats that browsers have no media type for. */
const byEnding: Readonly<Record<string, Kind>> = {
  avi: 'video',
  mkv: 'video',
  mts: 'video',
  m2ts: 'video',
  ts: 'video',
  flv: 'video',
  dav: 'video',
  amr: 'audio',
  aac: 'audio',
  m4a: 'audio',
  ofd: 'document',
  doc: 'document',
  docx: 'document',
  wps: 'document',
  pdf: 'document',
};

/** What a chosen file is, by its media type and its ending. Only a label for lists: what it really is, the server finds out. */
export function mediaKindOf({ name, type }: { readonly name: string; readonly type: string }): Kind {
  const family = type.split('/')[0];
  if (family === 'video' || family === 'audio' || family === 'image') return family;
  if (family === 'text' || type === 'application/pdf') return 'document';
  return byEnding[name.split('.').at(-1)?.toLowerCase() ?? ''] ?? 'other';
}
