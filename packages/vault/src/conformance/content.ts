import { hash, randomBytes, randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { parseObjectKey } from '../keys.ts';
import type { ObjectKey, ObjectVersion, StoredPart, Transfer, Vault } from '../port.ts';

/** Bytes nobody else holds a reference to: a chunk given to a writer is the writer's for good. */
export function someBytes(length: number): Uint8Array {
  return Uint8Array.from(randomBytes(length));
}

export function sha256(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'hex');
}

export function freshKey(): ObjectKey {
  return parseObjectKey(`conformance/${randomUUID()}`);
}

/** bytes; the smallest part size the driver allows, and not so small that tests prove nothing */
export function testPartSize(vault: Vault): number {
  return Math.max(vault.capabilities.minPartSize, 64 * 1024);
}

export async function* chunksOf(bytes: Uint8Array, chunkSize = 100_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkSize) yield bytes.slice(at, at + chunkSize);
}

export async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Asserts that a source gives exactly these bytes. Vitest's own comparison takes seconds for some MiB. */
export async function expectBytes(source: AsyncIterable<Uint8Array>, content: Uint8Array): Promise<void> {
  const found = await collect(source);
  if (found.equals(content)) return;
  expect(found.length).toBe(content.length);
  expect.unreachable(`byte ${found.findIndex((byte, at) => byte !== content[at])} differs`);
}

/** Stores the bytes as one part, in chunks of a size that divides nothing. */
export async function storePart(
  vault: Vault,
  transfer: Transfer,
  partNumber: number,
  bytes: Uint8Array,
): Promise<StoredPart> {
  const writer = await vault.openPart(transfer, partNumber, 0);
  for await (const chunk of chunksOf(bytes, 9_973)) await writer.write(chunk);
  return writer.commit(sha256(bytes));
}

export function partsOf(content: Uint8Array, partSize: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(content.length / partSize) }, (_, index) =>
    content.subarray(index * partSize, (index + 1) * partSize),
  );
}

export interface StoredTransfer {
  readonly transfer: Transfer;
  readonly parts: readonly StoredPart[];
}

/** A transfer with all parts of `content` stored, not completed. */
export async function storeParts(vault: Vault, content: Uint8Array): Promise<StoredTransfer> {
  const transfer = await vault.createTransfer(freshKey(), testPartSize(vault));
  const parts: StoredPart[] = [];
  for (const [index, bytes] of partsOf(content, transfer.partSize).entries()) {
    parts.push(await storePart(vault, transfer, index + 1, bytes));
  }
  return { transfer, parts };
}

export async function storeObject(vault: Vault, content: Uint8Array): Promise<ObjectVersion> {
  const { transfer, parts } = await storeParts(vault, content);
  return vault.complete(transfer, parts);
}
