import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseSm3Library, openSm3 } from './sm3.js';

const library = chooseSm3Library();

/** What another process chooses; its libgcrypt has not been initialised. */
function chosenWith(env: NodeJS.ProcessEnv): string {
  const program = `import(${JSON.stringify(new URL('./sm3.js', import.meta.url).href)}).then((sm3) => {
    const open = sm3.openSm3(sm3.chooseSm3Library());
    open.update(Buffer.from('abc'));
    console.log(sm3.chooseSm3Library(), open.digest());
  })`;
  return execFileSync(process.execPath, ['--eval', program], { encoding: 'utf8', env }).trim();
}

describe('SM3', () => {
  it('is the same from the library chosen as from OpenSSL, however the content is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 12 }), (chunks) => {
        const sm3 = openSm3(library);
        for (const chunk of chunks) sm3.update(chunk);
        expect(sm3.digest()).toBe(createHash('sm3').update(Buffer.concat(chunks)).digest('hex'));
      }),
    );
  });

  it('keeps open computations apart, and one that is dropped from the others', () => {
    const [a, dropped, b] = [openSm3(library), openSm3(library), openSm3(library)];
    for (const sm3 of [a, dropped, b]) sm3.update(Buffer.from('same'));
    b.update(Buffer.from('more'));
    dropped.drop();
    expect(a.digest()).toBe(createHash('sm3').update('same').digest('hex'));
    expect(b.digest()).toBe(createHash('sm3').update('samemore').digest('hex'));
  });

  it('is left to OpenSSL where libgcrypt refuses it', () => {
    const chosen = chosenWith({ LIBGCRYPT_FORCE_FIPS_MODE: '1' });
    expect(chosen).toBe('openssl 66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0');
  });

  it.runIf(library === 'libgcrypt')('is libgcrypt’s where there is one', () => {
    expect(chosenWith({})).toBe('libgcrypt 66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0');
  });
});
