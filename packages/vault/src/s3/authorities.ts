import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { VaultError } from '../errors.ts';
import type { CompleteOptions } from './options.ts';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * The certificates to trust instead of the system's, or undefined when none are named. Each is parsed here: Node skips what it cannot read, and
 * an engine would then be refused for a reason that nobody finds. Rejects `invalid`.
 */
export async function readAuthorities({
  caFile,
  endpoint,
  variables,
}: Pick<CompleteOptions, 'caFile' | 'endpoint' | 'variables'>): Promise<string | undefined> {
  if (caFile === undefined) return undefined;
  const variable = `${variables}_S3_CA_FILE`;
  const refuse = (why: string, cause?: unknown) =>
    new VaultError('invalid', `${variable} is "${caFile}": ${why}`, { variable, cause });
  if (endpoint?.startsWith('http:')) {
    throw refuse(`it has no use with ${endpoint}, where nothing is encrypted on the way; write https:// or unset it.`);
  }
  let pem: string;
  try {
    pem = await readFile(caFile, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw refuse(`the file cannot be read${code}; name a PEM file that this process may read.`, error);
  }
  const certificates = pem.match(CERTIFICATE) ?? [];
  if (certificates.length === 0) throw refuse('there is no certificate in it; name a PEM file of authorities.');
  for (const certificate of certificates) {
    try {
      new X509Certificate(certificate);
    } catch (error) {
      throw refuse('a certificate in it is damaged; get the file of authorities anew.', error);
    }
  }
  return pem;
}
