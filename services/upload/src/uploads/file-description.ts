import { type MediaKind, mediaKinds } from '@fengcun/contracts';
import { problem } from '../problems.ts';

/** What a sender says of a file when it creates the upload. */
export interface FileDescription {
  /** to be shown: the last component of the name as sent */
  readonly name: string;
  /** as sent; what an announcement is matched by */
  readonly originalName: string | null;
  /** lower-case hex; null: not declared */
  readonly sha256: string | null;
  readonly offload: string | null;
  /** serial number */
  readonly device: string | null;
  readonly officer: string | null;
  readonly kind: MediaKind;
  readonly recordedFrom: Date | null;
  readonly recordedTo: Date | null;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;
const maxName = 1024;

/** Reads the metadata keys this service knows. Throws `metadata_invalid` where one is not what its name says. */
export function describeFile(metadata: ReadonlyMap<string, string>): FileDescription {
  const text = (key: string): string | null => metadata.get(key) || null;
  const originalName = text('filename');
  if (originalName !== null && originalName.length > maxName)
    throw refused('filename', `at most ${maxName} characters`);
  return {
    name: displayName(originalName ?? ''),
    originalName,
    sha256: matching('sha256', text('sha256')?.toLowerCase() ?? null, /^[0-9a-f]{64}$/, '64 hexadecimal digits'),
    offload: matching('offload', text('offload')?.toLowerCase() ?? null, uuid, 'the id of an offload'),
    device: matching('device', text('device'), /^.{1,64}$/u, 'a serial number of up to 64 characters'),
    officer: matching('officer', text('officer'), /^.{1,64}$/u, 'an officer number of up to 64 characters'),
    kind: kindOf(text('kind'), text('filetype')),
    recordedFrom: instantOf('recordedFrom', text('recordedFrom')),
    recordedTo: instantOf('recordedTo', text('recordedTo')),
  };
}

/**
 * The last component of a name, whichever system it comes from. Names are data: none ever becomes a path of ours, and the full text is
 * kept with the metadata.
 */
export function displayName(name: string): string {
  const last = name.split(/[/\\]/).findLast((component) => component.trim() !== '') ?? '';
  return /^\.*$/.test(last) ? 'unnamed' : last;
}

function kindOf(kind: string | null, mediaType: string | null): MediaKind {
  if (kind !== null) {
    const known = mediaKinds.find((candidate) => candidate === kind);
    if (!known) throw refused('kind', `one of ${mediaKinds.join(', ')}`);
    return known;
  }
  const [type, subtype] = (mediaType ?? '').toLowerCase().split('/');
  if (type === 'video' || type === 'audio' || type === 'image') return type;
  return type === 'text' || subtype === 'pdf' ? 'document' : 'other';
}

function instantOf(key: string, text: string | null): Date | null {
  if (text === null) return null;
  const date = new Date(text);
  if (!instant.test(text) || Number.isNaN(date.getTime())) throw refused(key, 'a time as in RFC 3339, with its offset');
  return date;
}

function matching(key: string, text: string | null, pattern: RegExp, allowed: string): string | null {
  if (text !== null && !pattern.test(text)) throw refused(key, allowed);
  return text;
}

const refused = (key: string, allowed: string) =>
  problem('metadata_invalid', { detail: `The value of "${key}" must be ${allowed}.` });
