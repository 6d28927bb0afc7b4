import { randomUUID } from 'node:crypto';
import { DeleteObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { VaultError } from '../errors.ts';
import type { Engine } from './engine.ts';
import { failureOf } from './failures.ts';
import { type Encryption, encryptionFields } from './options.ts';
import type { ReadAddress } from './read-object.ts';

/** What `ServerSideEncryption` an object shows that was encrypted as asked. */
const SHOWN = { s3: 'AES256', kms: 'aws:kms' } as const;

/**
 * Puts a small object with the encryption that is asked for and looks whether the engine says it is encrypted so: Ceph 16, asked for SSE-S3,
 * stores plain text without a word. Rejects `invalid`, naming the setting, when the engine refuses the request or ignores it.
 */
export async function tryEncryption(
  engine: Engine,
  bucket: string,
  prefix: string,
  encryption: Encryption,
): Promise<void> {
  if (encryption.kind === 'none') return;
  const address = { Bucket: bucket, Key: `${prefix}probe/${randomUUID()}` };
  const fields = {
    ...address,
    Body: Buffer.from('Fengcun tries encryption at rest.'),
    ...encryptionFields(encryption),
  };
  try {
    await engine.call('Trying encryption at rest', 'repeatable', (client, abort) =>
      client.send(new PutObjectCommand(fields), abort),
    );
  } catch (error) {
    const { status, kind, code, message } = failureOf(error instanceof VaultError ? error.cause : error);
    if (kind !== 'final' || status === null) throw error;
    throw refused(engine, encryption, code === message ? code : `${code}: ${message}`, error);
  }
  try {
    const shown = await encryptionOf(engine, address);
    if (isEncryptedAs(encryption, shown)) return;
    const variable = `${engine.variables}_S3_ENCRYPTION`;
    throw new VaultError(
      'invalid',
      `${variable} is "${encryption.kind}", but the engine ${shown === null ? 'stored an object without saying that it is encrypted' : `says ${shown} of an object`}. It does not do as it was asked: choose what it does (Ceph 16 knows "kms" only), or write "none" and encrypt below the engine.`,
      { variable },
    );
  } finally {
    await engine
      .call('Removing a probe', 'never', (client, abort) => client.send(new DeleteObjectCommand(address), abort))
      .catch(() => undefined);
  }
}

/** How an object is encrypted at rest, in the engine's own words (`AES256`, `aws:kms`), or null when it says nothing of it. */
export async function encryptionOf(engine: Engine, address: ReadAddress): Promise<string | null> {
  const { ServerSideEncryption } = await engine.call('Looking at an object', 'repeatable', (client, abort) =>
    client.send(new HeadObjectCommand(address), abort),
  );
  return ServerSideEncryption ?? null;
}

/** Whether an object shows the encryption that was asked for; any will do where none was. */
export const isEncryptedAs = (encryption: Encryption, shown: string | null): boolean =>
  encryption.kind === 'none' || shown === SHOWN[encryption.kind];

function refused(engine: Engine, encryption: Encryption, said: string, cause: unknown): VaultError {
  const setting = `${engine.variables}_S3_ENCRYPTION`;
  const key = `${engine.variables}_S3_KMS_KEY`;
  const http = 'engines may want https for it';
  if (encryption.kind !== 'kms') {
    const what = `${setting} is "${encryption.kind}", and the engine refuses an object with it (${said}); ${http}, or do not know it: then write "none" or "kms".`;
    return new VaultError('invalid', what, { variable: setting, cause });
  }
  const named = encryption.keyId === undefined ? `${key} is not set` : `${key} is "${encryption.keyId}"`;
  return new VaultError(
    'invalid',
    `${named}, and the engine refuses an object encrypted with it (${said}); name a key that its key service has and these credentials may use. Also, ${http}.`,
    { variable: key, cause },
  );
}
