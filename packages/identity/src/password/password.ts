import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { tooBusy } from '../errors.ts';
import { Turnstile } from './turnstile.ts';

/** scrypt (RFC 7914) with N = 2^17, r = 8, p = 1: 128 MiB and about a third of a second each, as OWASP asks. */
const strength = { logN: 17, r: 8, p: 1 } as const;
const saltBytes = 16;
const hashBytes = 32;

/** Each hash takes 128 MiB while it runs; a crowd at the start of a shift waits in line instead of taking the machine. */
const turnstile = new Turnstile({ inside: 2, waiting: 200, full: tooBusy });

interface Parameters {
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

/** A PHC string, `$scrypt$ln=17,r=8,p=1$salt$hash`. Off the event loop. `logN` is lowered only where hashes guard nothing: in tests. */
export async function hashPassword(password: string, options: { readonly logN?: number } = {}): Promise<string> {
  const parameters = { ...strength, ...options };
  const salt = randomBytes(saltBytes);
  const hash = await derive(password, salt, parameters);
  return format(parameters, salt, hash);
}

/**
 * Whether the password is the hash's. `null` stands for an account that does not exist: as much work, and never true, so that the time
 * an answer takes says nothing. Rejects with a `busy` problem when too many are waiting.
 */
export async function verifyPassword(password: string, hash: string | null): Promise<boolean> {
  const expected = parse(hash ?? format(strength, randomBytes(saltBytes), randomBytes(hashBytes)));
  const actual = await derive(password, expected.salt, expected.parameters);
  return timingSafeEqual(actual, expected.hash) && hash !== null;
}

function derive(password: string, salt: Buffer, { logN, r, p }: Parameters): Promise<Buffer> {
  const N = 2 ** logN;
  const options: ScryptOptions = { N, r, p, maxmem: 256 * N * r };
  // The same password typed on another keyboard may arrive composed differently (NIST SP 800-63B, 5.1.1.2).
  const bytes = Buffer.from(password.normalize('NFKC'));
  return turnstile.pass(
    () =>
      new Promise((resolve, reject) => {
        scrypt(bytes, salt, hashBytes, options, (error, key) => (error ? reject(error) : resolve(key)));
      }),
  );
}

const phcPattern = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$/;

function parse(phc: string): { parameters: Parameters; salt: Buffer; hash: Buffer } {
  const [, ln, r, p, salt, hash] = phcPattern.exec(phc) ?? [];
  const parameters = { logN: Number(ln), r: Number(r), p: Number(p) };
  if (salt === undefined || hash === undefined || parameters.logN > 20 || parameters.r > 16 || parameters.p > 4) {
    throw new TypeError('A password hash in the catalogue is not an scrypt PHC string; set the password anew.');
  }
  return { parameters, salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') };
}

const format = ({ logN, r, p }: Parameters, salt: Buffer, hash: Buffer) =>
  `$scrypt$ln=${logN},r=${r},p=${p}$${unpadded(salt)}$${unpadded(hash)}`;

const unpadded = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');
