import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../process/run.ts';

/** A certificate and its private key, PEM. */
export interface Identity {
  readonly certificate: string;
  readonly key: string;
}

/** An authority for tests, good for a day, and one server certificate that it has signed. */
export interface TestAuthority {
  /** what clients are to trust, PEM */
  readonly certificate: string;
  readonly server: Identity;
}

/**
 * Makes an authority of its own and has it sign a certificate for these host names; with the program `openssl`.
 *
 * @throws Error when openssl is missing or fails
 */
export async function makeAuthority(hosts: readonly string[]): Promise<TestAuthority> {
  const directory = await mkdtemp(join(tmpdir(), 'fengcun-authority-'));
  const openssl = async (...args: readonly string[]): Promise<void> => {
    const { code, output } = await run('openssl', args, { cwd: directory });
    if (code !== 0) throw new Error(`openssl ${args[0]} failed: ${output}`);
  };
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  try {
    await openssl(
      'req',
      '-x509',
      ...newKey,
      '-days',
      '1',
      '-subj',
      '/CN=Test CA',
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
    );
    await openssl('req', ...newKey, '-subj', `/CN=${hosts[0]}`, '-keyout', 'server.key', '-out', 'server.csr');
    await writeFile(join(directory, 'names'), `subjectAltName=${hosts.map((host) => `DNS:${host}`).join(',')}\n`);
    const signing = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '1', '-extfile', 'names'];
    await openssl('x509', '-req', '-in', 'server.csr', ...signing, '-out', 'server.pem');
    const [certificate, server, key] = await Promise.all(
      ['ca.pem', 'server.pem', 'server.key'].map((name) => readFile(join(directory, name), 'utf8')),
    );
    return { certificate: certificate ?? '', server: { certificate: server ?? '', key: key ?? '' } };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
