import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { parseSiteSecret, SecretBox } from './secret-box.ts';

it('a secret opens with its key, for what it was sealed for, unaltered, and not otherwise', () => {
  const box = new SecretBox(randomBytes(32));
  const sealed = box.seal(Buffer.from('hunter2'), 'totp a');
  expect(box.open(sealed, 'totp a')?.toString()).toBe('hunter2');
  expect(sealed.includes('hunter2')).toBe(false);
  expect(box.open(sealed, 'totp b')).toBeUndefined();
  expect(new SecretBox(randomBytes(32)).open(sealed, 'totp a')).toBeUndefined();
  for (let i = 0; i < sealed.length; i++) {
    const altered = Buffer.from(sealed);
    altered[i] = (altered[i] ?? 0) ^ 1;
    expect(box.open(altered, 'totp a')).toBeUndefined();
  }
  expect(box.open(Buffer.alloc(5), 'totp a')).toBeUndefined();
  expect(box.seal(Buffer.from('hunter2'), 'totp a').equals(sealed)).toBe(false);
});

it('a keyed hash depends on the key and on what it is for', () => {
  const [key, other] = [randomBytes(32), randomBytes(32)];
  const hash = new SecretBox(key).hash('code', 'a');
  expect(new SecretBox(key).hash('code', 'a').equals(hash)).toBe(true);
  expect(new SecretBox(key).hash('code', 'b').equals(hash)).toBe(false);
  expect(new SecretBox(other).hash('code', 'a').equals(hash)).toBe(false);
});

it('a key file that is not one is refused without being shown', () => {
  expect(parseSiteSecret(`${'ab'.repeat(32)}\n`)).toHaveLength(32);
  expect(() => parseSiteSecret('hunter2')).toThrow(expect.not.objectContaining({ message: /hunter2/ }));
  expect(() => new SecretBox(randomBytes(16))).toThrow('32 bytes');
});
