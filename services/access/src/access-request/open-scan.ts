import type { EvidenceRecord } from '@fengcun/catalog';
import { sniffHead } from '@fengcun/media/sniff';
import { parseObjectKey, type Vault } from '@fengcun/vault';
import { problem } from '../errors.ts';
import { asStored } from '../issued-copy/content.ts';

/** A sealed scan that the vault is giving. */
export interface Scan {
  /** what its first bytes say, if that is something that can do nothing in a page; else null */
  readonly mediaType: string | null;
  /** the whole; breaks off where it is not what was sealed */
  readonly bytes: AsyncGenerator<Uint8Array>;
  /** ends the reading; however far it came, it has to be ended */
  close(): Promise<void>;
}

/** By the name that `sniffHead` gives them. SVG and HTML are documents that act: they are not here and never will be. */
const harmless: Readonly<Record<string, string>> = {
  PDF: 'application/pdf',
  JPEG: 'image/jpeg',
  PNG: 'image/png',
  WebP: 'image/webp',
  TIFF: 'image/tiff',
  GIF: 'image/gif',
  BMP: 'image/bmp',
};

/** bytes that tell one type from another */
const headBytes = 32;

/**
 * Begins to read the original, from the version that is read now. When this resolves the vault has given its first bytes; a scan that is
 * small enough to come in one piece has been compared with the seal as a whole. Throws `attachment_unreadable`.
 */
export async function openScan(vault: Vault, record: EvidenceRecord): Promise<Scan> {
  const { id, size, sha256 } = record;
  const object = { key: parseObjectKey(record.vault_key), versionId: record.vault_version, size };
  const source = asStored(vault.read(object), sha256, `the scan ${id}`);
  const first: Uint8Array[] = [];
  try {
    for (let have = 0; have < headBytes; ) {
      const next = await source.next();
      if (next.done) break;
      first.push(next.value);
      have += next.value.length;
    }
  } catch (cause) {
    throw problem('attachment_unreadable', { cause });
  }
  const sniffed = sniffHead(Buffer.concat(first).subarray(0, headBytes), size);
  return {
    mediaType: 'name' in sniffed ? (harmless[sniffed.name] ?? null) : null,
    bytes: followedBy(first, source),
    close: async () => void (await source.return(undefined)),
  };
}

async function* followedBy(first: readonly Uint8Array[], rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* first;
  yield* rest;
}
