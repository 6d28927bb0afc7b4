import { describe, expect, it } from 'vitest';
import { hashPassword, verifyPassword } from './password.ts';
import { Turnstile } from './turnstile.ts';

describe('a password', () => {
  it('fits its own hash only, which names full strength', async () => {
    const hash = await hashPassword('正确的马-电池');
    expect(hash).toMatch(/^\$scrypt\$ln=17,r=8,p=1\$/);
    expect(await verifyPassword('正确的马-电池', hash)).toBe(true);
    expect(await verifyPassword('正确的马-电', hash)).toBe(false);
  });

  it('is the same however the keyboard composed it', async () => {
    expect(await verifyPassword('cafe\u0301', await hashPassword('caf\u00e9', { logN: 8 }))).toBe(true);
  });

  it('of nobody is never right', async () => {
    expect(await verifyPassword('', null)).toBe(false);
  });

  it('hash that is damaged, or would take the machine, is refused', async () => {
    await expect(verifyPassword('x', 'plain')).rejects.toThrow('PHC');
    const dear = (await hashPassword('x', { logN: 8 })).replace('ln=8', 'ln=31');
    await expect(verifyPassword('x', dear)).rejects.toThrow('PHC');
  });
});

describe('a turnstile', () => {
  it('lets so many in, so many wait in order, and turns the rest away', async () => {
    const turnstile = new Turnstile({ inside: 1, waiting: 1, full: () => new Error('full') });
    const gate = Promise.withResolvers<void>();
    const order: number[] = [];
    const enter = (n: number) =>
      turnstile.pass(async () => {
        order.push(n);
        await gate.promise;
      });
    const [first, second] = [enter(1), enter(2)];
    await expect(enter(3)).rejects.toThrow('full');
    gate.resolve();
    await Promise.all([first, second]);
    await enter(4);
    expect(order).toEqual([1, 2, 4]);
  });

  it('goes on after a failure', async () => {
    const turnstile = new Turnstile({ inside: 1, waiting: 0, full: () => new Error('full') });
    await expect(turnstile.pass(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(turnstile.pass(async () => 'in')).resolves.toBe('in');
  });
});
