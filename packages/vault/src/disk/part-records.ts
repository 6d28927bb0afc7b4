import { hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { StoredPart } from '../port.ts';

/**
 * The driver's own memory of committed parts: one fixed-size record per part number. It lets `complete` refuse a part that was
 * never committed, or was opened again since. The authority is the caller's part ledger; this is the engine's side of it,
 * as an ETag is.
 */
const RECORD_SIZE = 128;

/** Name of a part's content as this driver stored it; a function of the content, as an S3 part's ETag is. */
export function etagOf(size: number, sha256: string): string {
  return `disk1-${size}-${sha256}`;
}

/** Puts a record on disk. A record torn by a crash fails its check and counts as absent. */
export async function writeRecord(handle: FileHandle, part: StoredPart): Promise<void> {
  const body = `${part.partNumber} ${part.size} ${part.sha256}`;
  await put(handle, part.partNumber, `${body} ${checkOf(body)}\n`);
}

/** Removes a part's record, durably, if it has one. */
export async function clearRecord(handle: FileHandle, partNumber: number): Promise<void> {
  const { bytesRead, buffer } = await handle.read(
    Buffer.alloc(RECORD_SIZE),
    0,
    RECORD_SIZE,
    (partNumber - 1) * RECORD_SIZE,
  );
  if (buffer.subarray(0, bytesRead).some((byte) => byte !== 0)) await put(handle, partNumber, '');
}

/** The records of parts 1 to `count`, by part number; parts without a valid one are absent. */
export async function readRecords(handle: FileHandle, count: number): Promise<ReadonlyMap<number, StoredPart>> {
  const buffer = Buffer.alloc(count * RECORD_SIZE);
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  const records = new Map<number, StoredPart>();
  for (let index = 0; index < count; index++) {
    const part = parseRecord(buffer.toString('latin1', index * RECORD_SIZE, (index + 1) * RECORD_SIZE));
    if (part?.partNumber === index + 1) records.set(part.partNumber, part);
  }
  return records;
}

async function put(handle: FileHandle, partNumber: number, text: string): Promise<void> {
  const record = Buffer.alloc(RECORD_SIZE);
  record.write(text, 'latin1');
  const position = (partNumber - 1) * RECORD_SIZE;
  const { bytesWritten } = await handle.write(record, 0, RECORD_SIZE, position);
  // Nothing relies on half a record: it fails its check. The rest failing is the error worth reporting.
  if (bytesWritten < RECORD_SIZE) {
    await handle.write(record, bytesWritten, RECORD_SIZE - bytesWritten, position + bytesWritten);
  }
  await handle.datasync();
}

function parseRecord(text: string): StoredPart | null {
  const match = /^((\d+) (\d+) ([0-9a-f]{64})) ([0-9a-f]{16})\n/.exec(text);
  const [, body, partNumber, size, sha256, check] = match ?? [];
  if (body === undefined || sha256 === undefined || check !== checkOf(body)) return null;
  return { partNumber: Number(partNumber), size: Number(size), sha256, etag: etagOf(Number(size), sha256) };
}

function checkOf(body: string): string {
  return hash('sha256', body, 'hex').slice(0, 16);
}
