import { describe, expect, it } from 'vitest';
import { hashPassword, isOutdatedHash, verifyPassword } from './password.ts';
import { Turnstile } from './turnstile.ts';

describe('a password', () => {
  it('fits its own hash only, which names full strength', async () => {
    const hash = await hashPassword('正确的马-电池');
    expect(hash).toMatch(/^\$scrypt\$ln=16,r=8,p=2\$/);
    expect(await verifyPassword('正确的马-电池', hash)).toBe(true);
    expect(await verifyPassword('正确的马-电', hash)).toBe(false);
  });

  it('hashed by an earlier version, with more memory, still fits and is known to be outdated', async () => {
    const earlier = await hashPassword('正确的马-电池', { logN: 17 });
    expect(await verifyPassword('正确的马-电池', earlier)).toBe(true);
    expect([isOutdatedHash(earlier), isOutdatedHash(await hashPassword('x'))]).toEqual([true, false]);
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
  const full = () => new Error('full');

  it('lets so many in, so many wait in order, and turns the rest away', async () => {
    const turnstile = new Turnstile({ room: 1, waiting: 1, full });
    const gate = Promise.withResolvers<void>();
    const order: number[] = [];
    const enter = (n: number) =>
      turnstile.pass(1, async () => {
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

  it('never holds more than there is room for, and nobody small overtakes somebody large', async () => {
    const turnstile = new Turnstile({ room: 2, waiting: 10, full });
    let [inside, most] = [0, 0];
    const order: string[] = [];
    const enter = (name: string, size: number) =>
      turnstile.pass(size, async () => {
        inside += size;
        most = Math.max(most, inside);
        order.push(name);
        await new Promise(setImmediate);
        inside -= size;
      });
    const sizes = { a: 1, large: 2, b: 1, c: 1 };
    await Promise.all(Object.entries(sizes).map(([name, size]) => enter(name, size)));
    expect([order, most]).toEqual([['a', 'large', 'b', 'c'], 2]);
  });

  it('lets in alone what is larger than all the room', async () => {
    const turnstile = new Turnstile({ room: 2, waiting: 1, full });
    await expect(turnstile.pass(3, async () => 'in')).resolves.toBe('in');
  });

  it('goes on after a failure', async () => {
    const turnstile = new Turnstile({ room: 1, waiting: 0, full });
    await expect(turnstile.pass(1, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(turnstile.pass(1, async () => 'in')).resolves.toBe('in');
  });
});
