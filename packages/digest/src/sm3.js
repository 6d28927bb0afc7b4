// @ts-check
/**
 * SM3 (GB/T 32905-2016) by the quicker of two libraries. SM3 decides how long a large recording takes, and libgcrypt's assembly for x86 needs
 * a fifth less time than OpenSSL's C (measured 1.28x); every Debian has it, because apt needs it. Where it is not, or does not give the
 * standard's own examples, OpenSSL computes the same digest.
 *
 * Plain JavaScript with checked types, because hashing threads load it: see digest-thread.js.
 *
 * @typedef {'libgcrypt' | 'openssl'} Sm3Library
 * @typedef {object} Sm3 An open SM3 computation; `digest` or `drop` ends it.
 * @property {(bytes: Uint8Array) => void} update
 * @property {() => string} digest lower-case hex
 * @property {() => void} drop gives its memory back without a result
 */
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';

/** GB/T 32905-2016, annex A */
const EXAMPLES = /** @type {const} */ ([
  ['abc', '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0'],
  ['abcd'.repeat(16), 'debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732'],
]);

/**
 * Chooses for this process. To be called on one thread before any other uses libgcrypt, whose initialisation is not guarded.
 *
 * @returns {Sm3Library}
 */
export function chooseSm3Library() {
  try {
    libgcrypt ??= bindLibgcrypt();
    libgcrypt.initialize();
    const { open } = libgcrypt;
    return EXAMPLES.every(([text, digest]) => digestOf(open, text) === digest) ? 'libgcrypt' : 'openssl';
  } catch {
    return 'openssl';
  }
}

/**
 * @param {Sm3Library} library
 * @returns {Sm3}
 */
export function openSm3(library) {
  if (library === 'openssl') return opensslSm3();
  libgcrypt ??= bindLibgcrypt();
  return libgcrypt.open();
}

/**
 * @param {() => Sm3} open
 * @param {string} text
 */
function digestOf(open, text) {
  const sm3 = open();
  sm3.update(Buffer.from(text));
  return sm3.digest();
}

/** @returns {Sm3} */
function opensslSm3() {
  const hash = createHash('sm3');
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest('hex'), drop: () => {} };
}

/** gcrypt.h: GCRY_MD_SM3, GCRYCTL_DISABLE_SECMEM, GCRYCTL_INITIALIZATION_FINISHED */
const MD_SM3 = 326;
const DISABLE_SECURE_MEMORY = 37;
const INITIALIZATION_FINISHED = 38;
const DIGEST_SIZE = 32;
/** the first with SM3 in assembly */
const OLDEST = '1.10.0';

/** @type {ReturnType<typeof bindLibgcrypt> | null} */
let libgcrypt = null;

/** Throws where the library cannot be loaded. */
function bindLibgcrypt() {
  /** @type {typeof import('koffi')} */
  const koffi = createRequire(import.meta.url)('koffi');
  const library = koffi.load('libgcrypt.so.20');
  const checkVersion = library.func('const char *gcry_check_version(const char *oldest)');
  const control = library.func('unsigned int gcry_control(int command, ...)');
  const openDigest = library.func('unsigned int gcry_md_open(_Out_ void **digest, int algorithm, unsigned int flags)');
  const write = library.func('void gcry_md_write(void *digest, const void *bytes, size_t length)');
  const read = library.func('void *gcry_md_read(void *digest, int algorithm)');
  const close = library.func('void gcry_md_close(void *digest)');
  const digestBytes = koffi.array('uint8_t', DIGEST_SIZE, 'Typed');

  return {
    /** Throws where the library is too old. Its state belongs to the process, not to the thread. */
    initialize() {
      if (checkVersion(OLDEST) === null) throw new Error(`libgcrypt is older than ${OLDEST}.`);
      // Memory that cannot be swapped is for keys; nothing here is one.
      control(DISABLE_SECURE_MEMORY, 'int', 0);
      control(INITIALIZATION_FINISHED, 'int', 0);
    },

    /**
     * Throws where the library refuses SM3: its FIPS mode does.
     *
     * @returns {Sm3}
     */
    open() {
      const opened = [null];
      const error = openDigest(opened, MD_SM3, 0);
      if (error !== 0) throw new Error(`libgcrypt does not open SM3: error ${error}.`);
      const [handle] = opened;
      return {
        update: (bytes) => write(handle, bytes, bytes.byteLength),
        digest() {
          const digest = koffi.decode(read(handle, MD_SM3), digestBytes);
          close(handle);
          return Buffer.from(digest).toString('hex');
        },
        drop: () => close(handle),
      };
    },
  };
}
