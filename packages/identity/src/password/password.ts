import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { tooBusy } from '../errors.ts';
import { Turnstile } from './turnstile.ts';

/**
 * scrypt (RFC 7914) with N = 2^16, r = 8, p = 2: 64 MiB and about a third of a second each, one of the settings that OWASP holds equivalent
 * (Password Storage Cheat Sheet). N = 2^17 with p = 1 takes 128 MiB, as much as all else in this process together.
 */
const strength = { logN: 16, r: 8, p: 2 } as const;
const saltBytes = 16;
const hashBytes = 32;

/** One at a time: a crowd at the start of a shift waits in line instead of taking the machine from the docks that send just then. */
const turnstile = new Turnstile({ room: memoryOf(strength), waiting: 200, full: tooBusy });

interface Parameters {
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

/** A PHC string, `$scrypt$ln=16,r=8,p=2$salt$hash`. Off the event loop. `logN` is lowered only where hashes guard nothing: in tests. */
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

/**
 * Whether an earlier version made this hash with more memory than is used now. It is made anew when its password is next shown: until then
 * the time it takes is not that of a login which nobody has.
 */
export function isOutdatedHash(hash: string): boolean {
  return memoryOf(parse(hash).parameters) > memoryOf(strength);
}

/** MiB that one hash takes: RFC 7914, section 5, step 1 of scryptROMix. */
function memoryOf({ logN, r }: Parameters): number {
  return Math.ceil((128 * r * 2 ** logN) / 2 ** 20);
}

function derive(password: string, salt: Buffer, parameters: Parameters): Promise<Buffer> {
  const { logN, r, p } = parameters;
  const N = 2 ** logN;
  const options: ScryptOptions = { N, r, p, maxmem: 256 * N * r };
  // The same password typed on another keyboard may arrive composed differently (NIST SP 800-63B, 5.1.1.2).
  const bytes = Buffer.from(password.normalize('NFKC'));
  return turnstile.pass(
    memoryOf(parameters),
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
