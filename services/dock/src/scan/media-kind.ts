import { extname } from 'node:path';
import type { MediaKind } from '@fengcun/contracts';

const byExtension: Readonly<Record<string, MediaKind>> = {
  '.mp4': 'video',
  '.mov': 'video',
  '.avi': 'video',
  '.mkv': 'video',
  '.ts': 'video',
  '.m4v': 'video',
  '.wav': 'audio',
  '.mp3': 'audio',
  '.aac': 'audio',
  '.m4a': 'audio',
  '.amr': 'audio',
  '.flac': 'audio',
  '.jpg': 'image',
  '.jpeg': 'image',
  '.png': 'image',
  '.heic': 'image',
  '.bmp': 'image',
  '.pdf': 'document',
  '.txt': 'document',
  '.doc': 'document',
  '.docx': 'document',
  '.log': 'document',
};

/** What the name suggests; only a label for sorting: the probe looks into the file. */
export const mediaKindOf = (name: string): MediaKind => byExtension[extname(name).toLowerCase()] ?? 'other';
